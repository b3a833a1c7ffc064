"""How far a training is, told in the list and on the button of the page."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from training_helpers import make_training

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.gui.training.page import TrainingPage
from srgan_desktop.gui.training.runs import stored
from srgan_desktop.gui.training.runs.run_list import phase_name, rows_of
from srgan_desktop.gui.training.runs.state import StageState, part_done
from trainer.run.events import Step


def step(number: int, eta_s: float, seconds: float, steps: int | None = None) -> Step:
    return Step(number, steps, {}, 1e-3, 10.0, eta_s, seconds)


def running(last: Step | None, *, paused: bool = False) -> StageState:
    return StageState("running", begun=True, paused=paused, last=last)


def test_one_stage_by_time_or_steps() -> None:
    assert part_done((running(step(5, 30.0, 10.0)),)) == (0.25, 30.0)
    assert part_done((running(step(60, 8.0, 12.0, steps=100)),)) == (0.6, 8.0)
    assert part_done((running(None),)) == (0.0, None)


def test_two_stages() -> None:
    waiting, done = StageState("waiting"), StageState("done")
    assert part_done((running(step(5, 30.0, 10.0)), waiting)) == (0.125, 70.0)
    assert part_done((done, running(step(5, 30.0, 10.0)))) == (0.625, 30.0)


def test_the_button_says_it_and_the_list_says_the_same_word(
    page: TrainingPage, tmp_path: Path
) -> None:
    training = make_training(tmp_path / "a")
    told: list[str] = []
    page.label_changed.connect(lambda: told.append(page.title()))
    for state in (
        running(step(5, 240.0, 80.0)),
        running(step(5, 240.0, 80.0)),
        running(step(5, 240.0, 80.0), paused=True),
        StageState("stopped", begun=True),
    ):
        page._listed([(training, (state,))])
    assert told == ["Train\n25 %\n4 min", "Train\n25 %\npaused", "Train"]
    held = rows_of([(training, (running(None, paused=True),))])
    assert phase_name(held[0][1]) == "paused"


@pytest.fixture
def two_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[stored.Training]:
    monkeypatch.setattr(stored, "runs_folder", lambda: tmp_path)
    plan = make_training(tmp_path / "x" / "y").plan
    made = []
    for _ in range(2):
        made.append(stored.create(plan))
        time.sleep(0.01)
    return made


def test_names_are_unique(two_named: list[stored.Training]) -> None:
    assert [training.plan.name for training in two_named] == ["made up", "made up 2"]
    assert stored.rename(two_named[1], "Made Up").plan.name == "Made Up 2"
    assert stored.rename(two_named[0], "made up").plan.name == "made up", "its own name is free"
    assert stored.rename(two_named[0], "flowers").plan.name == "flowers"
    with pytest.raises(UsageError):
        stored.rename(two_named[0], " ")
