"""The script that trains an adaptive network's predictor alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from srgan_desktop.core.networks.dasr import Dasr, DasrConfig
from srgan_desktop.core.weights.model_file import ModelCard, load_model, save_model

SCRIPT = Path(__file__).parents[3] / "scripts" / "train_predictor.py"


def run(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *map(str, words)],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(SCRIPT.parents[1])},
    )


@pytest.mark.slow
def test_it_learns_and_nothing_else_changes(tmp_path: Path, photos: Path) -> None:
    torch.manual_seed(3)
    network = Dasr(DasrConfig(blocks=1, channels=4, experts=2, predictor_channels=4))
    model, made = tmp_path / "model.safetensors", tmp_path / "made.safetensors"
    scored = ModelCard(name="mine", scores={"Set5": {"psnr_y": 30.0}})
    save_model(model, network, scored, half=True)
    words = [model, "--data", photos, "--val", photos, "--minutes", "0.1"]
    done = run(*words, "--set", "data.crop=64", "--batch", "8", "-o", made)
    assert done.returncode == 0, done.stderr
    errors = [float(found) for found in re.findall(r"mean (0\.\d+);", done.stdout)]
    assert len(errors) == 2
    assert errors[1] < 0.9 * errors[0]
    before, after = (load_model(path)[0].state_dict() for path in (model, made))
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all(name.startswith("predictor.") for name in changed)
    card = load_model(made)[1]
    assert (card.name, card.scores) == ("mine", {}), "what was measured was another model"


def test_what_does_not_fit_is_refused(tmp_path: Path, photos: Path) -> None:
    kinds = {
        "twice": DasrConfig(blocks=1, channels=4, predictor_channels=4, scale=2),
        "wide": DasrConfig(blocks=1, channels=4, predictor_channels=6, scale=2),
    }
    for name, config in kinds.items():
        save_model(tmp_path / f"{name}.safetensors", Dasr(config), ModelCard(name=name))
    words = ("--data", photos, "--val", photos, "--minutes", 0, "-o", tmp_path / "made")
    done = run(tmp_path / "twice.safetensors", *words)
    assert done.returncode == 2 and "add --set generator.scale=2" in done.stderr
    wide = tmp_path / "wide.safetensors"
    done = run(tmp_path / "twice.safetensors", *words, "--begin-with", wide)
    assert done.returncode == 2 and "has 6 channels" in done.stderr
