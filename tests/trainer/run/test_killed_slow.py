"""Killed at random steps, again and again, a run ends with the weights of an undisturbed one."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from srgan_desktop.core.weights.model_file import load_model
from trainer.run.checkpoints import load_checkpoint
from trainer.run.run_folder import RunFolder

STEPS = 300
KILLS = 5
STAGES = {
    "pixel": (),
    "adversarial": (
        "stage=adversarial",
        "discriminator.kind=srgan",
        "discriminator.channels=4",
        "content.network=discriminator",
        "content.weight=0.1",
        "adversarial.r1_weight=1.0",
        "adversarial.r1_every=7",
    ),
    "cycle": (
        "stage=cycle",
        "data.crop=96",
        "discriminator.kind=patch",
        "discriminator.channels=4",
    ),
}


def _words(stage: str, photos: Path, out: Path) -> list[str]:
    words = ["run", "--json", "--preset", "tiny", "--data", str(photos), "--out", str(out)]
    words += ["--device", "cpu", "--steps", str(STEPS), "--threads", "1"]
    if stage == "cycle":
        words += ["--real", str(photos)]
    settings = ("precision=fp32", "checkpoint_seconds=0.05", "validation.every_steps=100")
    for setting in (*settings, *STAGES[stage]):
        words += ["--set", setting]
    return words


def _trainer(words: list[str]) -> list[str]:
    return [sys.executable, "-m", "trainer", *words]


def _kill_at(step: int, words: list[str]) -> int:
    """The step at which the process was killed: ``step`` or soon after; STEPS if it was faster."""
    with subprocess.Popen(_trainer(words), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "step" and event["step"] >= step:
                os.kill(process.pid, signal.SIGKILL)
                process.stdout.read()
                return int(event["step"])
    return STEPS


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("stage", STAGES)
def test_killed_at_random_steps_the_weights_are_the_same(
    stage: str, photos: Path, tmp_path: Path
) -> None:
    whole, killed = RunFolder(tmp_path / "whole"), RunFolder(tmp_path / "killed")
    subprocess.run(_trainer(_words(stage, photos, whole.path)), check=True, capture_output=True)
    moments = sorted(random.Random(stage).sample(range(10, STEPS - 60), KILLS))
    words = _words(stage, photos, killed.path)
    met = []
    for moment in moments:
        met.append(_kill_at(moment, words))
        words = ["resume", str(killed.path), "--json"]
    told = f"killed at {met}"
    assert min(met) < STEPS, told
    subprocess.run(_trainer(words), check=True, capture_output=True)
    for a, b in (
        (whole.final_model, killed.final_model),
        (whole.best_model, killed.best_model),
    ):
        one, other = load_model(a)[0].state_dict(), load_model(b)[0].state_dict()
        assert all(torch.equal(one[key], other[key]) for key in one), told
    ours, theirs = load_checkpoint(whole)[0], load_checkpoint(killed)[0]
    assert ours is not None
    assert theirs is not None
    for part in ("generator", "discriminator", "degrader"):
        weights = ours.get(part, {})
        assert all(torch.equal(value, theirs[part][key]) for key, value in weights.items()), told
    assert not list(killed.path.rglob(".*.part")), told
