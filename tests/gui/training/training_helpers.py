"""What several tests of the Train page need."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from waiting import WaitUntil

from srgan_desktop.gui.training.form.plan import Plan, StagePlan
from srgan_desktop.gui.training.page import TrainingPage
from srgan_desktop.gui.training.runs import stored
from srgan_desktop.gui.training.runs.stored import Training


def choose(page: TrainingPage, wait_until: WaitUntil, photos: Path, time_text: str) -> None:
    """Fill the form in for a training of the tiny network."""
    wait_until(lambda: page.form.recipes)
    page.open_paths([photos])
    wait_until(lambda: page.form.view.photos.report is not None)
    pick(page, "tiny")
    control = page.form.view.length
    control.choice.setCurrentIndex(control.choice.findData("time"))
    control.choice.activated.emit(control.choice.currentIndex())
    control.text.setText(time_text)
    page.form.view.name.setText("mine")


def pick(page: TrainingPage, preset: str) -> None:
    """Choose a recipe as a person would."""
    box = page.form.view.recipe
    if box.findData(preset) < 0:  # among what is folded
        box.activated.emit(box.findData("unfold"))
        box.hidePopup()
    box.setCurrentIndex(box.findData(preset))
    box.activated.emit(box.currentIndex())


def make_training(folder: Path, stages: int = 1) -> Training:
    """A training on the disk that was never begun."""
    names = ("1-pixel", "2-detail")
    kinds = ("pixel", "adversarial")
    plans = tuple(StagePlan(names[n], "tiny", kinds[n], budget_s=60.0) for n in range(stages))
    training = Training(folder, Plan("made up", folder / "photos", plans), time.time())
    folder.mkdir(parents=True, exist_ok=True)
    stored.save(training)
    return training


def step_line(step: int, **more: Any) -> dict[str, Any]:
    """An event as the trainer writes it."""
    return {
        "event": "step",
        "step": step,
        "steps": None,
        "losses": {"pixel": 1.0 / (1 + step)},
        "learning_rate": 1e-3,
        "it_per_s": 10.0,
        "eta_s": 5.0,
        "seconds": step / 10,
        "d_real": None,
        "d_fake": None,
    } | more


def look_line(
    step: int, psnr: float, *, best: bool = True, bicubic: float = 25.0
) -> dict[str, Any]:
    """A validation as the trainer writes it."""
    return {
        "event": "validated",
        "step": step,
        "psnr_y": psnr,
        "ssim_y": 0.8,
        "psnr_y_bicubic": 25.0,
        "best": best,
        "samples": [f"/moved/{step:08d}/00_a.png"],
    }


def started_line(step: int = 0) -> dict[str, Any]:
    return {
        "event": "started",
        "run": "x",
        "stage": "pixel",
        "step": step,
        "steps": None,
        "budget_s": 60.0,
        "pictures": 5,
        "device": "cpu",
        "precision": "fp32",
    }


def write_lines(path: Path, *lines: dict[str, Any], append: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a" if append else "w") as file:
        file.write("".join(json.dumps(line) + "\n" for line in lines))
