"""A batch killed again and again, as scripts/batch_kill_test.py does it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from network_makers import make_network
from repository import ROOT

from srgan_desktop.core.weights.model_file import ModelCard, save_model


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills as Unix does")
def test_nothing_is_lost_done_twice_or_left_behind(tmp_path: Path) -> None:
    network = make_network(blocks=1)
    model = tmp_path / "m.safetensors"
    save_model(model, network, ModelCard(name="tiny", config=network.config))
    script = ROOT / "scripts" / "batch_kill_test.py"
    options = ["--pictures", "120", "--kills", "4", "--seed", "3", "--model", str(model)]
    done = subprocess.run(
        [sys.executable, script, *options],
        env=os.environ
        | {"PYTHONPATH": str(ROOT), "SRGAN_DESKTOP_HOME": str(tmp_path), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout, done.stderr)
    assert done.returncode == 0
    assert "all as it must be" in done.stdout
    assert "{'done': 120}" in done.stdout
