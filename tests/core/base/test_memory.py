"""Memory figures: plausible, and of this very process."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from srgan_desktop.core.base import memory


def test_figures_fit_together() -> None:
    now, peak = memory.resident_bytes(), memory.peak_resident_bytes()
    free, total = memory.free_memory_bytes(), memory.total_memory_bytes()
    assert now is not None
    assert peak is not None
    assert free is not None
    assert total is not None
    assert 10e6 < now <= peak * 1.01 < total
    assert 0 < free < total


def test_the_peak_remembers_what_was_given_back() -> None:
    before = memory.peak_resident_bytes()
    large = np.ones((memory.resident_bytes() or 0) + 300_000_000, np.uint8)
    del large
    after = memory.peak_resident_bytes()
    assert before is not None
    assert after is not None
    assert after > before + 200_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="other systems start processes otherwise")
def test_a_small_process_does_not_inherit_a_large_ones_peak() -> None:
    large = np.ones(600_000_000, np.uint8)
    code = "from srgan_desktop.core.base.memory import peak_resident_bytes as p; print(p())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 300_000_000
    assert large[-1] == 1
