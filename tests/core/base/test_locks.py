"""One holder at a time, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from repository import ROOT

from srgan_desktop.core.base.locks import LockFile

HOLD = (
    "import sys, time\nfrom pathlib import Path\n"
    "from srgan_desktop.core.base.locks import LockFile\n"
    "lock = LockFile(Path(sys.argv[1]))\nprint(lock.take(), flush=True)\ntime.sleep(60)"
)


def test_one_holder_at_a_time(tmp_path: Path) -> None:
    first, second = LockFile(tmp_path / "lock"), LockFile(tmp_path / "lock")
    assert first.take()
    assert not second.take()
    second.free()
    assert not second.take()
    first.free()
    assert list(tmp_path.iterdir()) == []
    assert second.take()
    second.free()


@pytest.mark.skipif(sys.platform == "win32", reason="kills as Unix does")
def test_a_dead_process_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, path],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        refused = not LockFile(path).take()
        process.send_signal(signal.SIGKILL)
    assert refused
    lock = LockFile(path)
    assert lock.take()
    lock.free()
