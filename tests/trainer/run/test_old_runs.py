"""Runs that an earlier version left are read, and go on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from srgan_desktop.core.weights.model_file import read_card
from trainer.run.checkpoints import load_checkpoint
from trainer.run.events import Event, Finished, NextStage, Started, Step, Warned
from trainer.run.export import export_model
from trainer.run.inputs import read_run
from trainer.run.run_folder import RunFolder
from trainer.training.session import resume

# folder, steps done, whether it is at its end
RUNS = (
    ("by-command", 120, True),
    ("Stopped/1-pixel", 115, False),
    ("Pair/1-pixel", 60, True),
    ("Pair/2-detail", 25, False),
)


def after(steps: int) -> Callable[[], bool]:
    """To be asked before the first step and after each: yes after so many."""
    asked = iter(range(steps))
    return lambda: next(asked, None) is None


def warnings_in(events: list[Event]) -> list[str]:
    return [event.message for event in events if isinstance(event, Warned)]


@pytest.mark.parametrize(("name", "steps", "is_done"), RUNS)
def test_an_old_run_is_read(old_runs: Path, name: str, steps: int, is_done: bool) -> None:
    folder = RunFolder(old_runs / "runs" / name)
    config, inputs = read_run(folder)
    assert config.generator.channels == 4
    assert inputs.data == old_runs / "photos"
    assert folder.is_done() == is_done
    state, problems = load_checkpoint(folder)
    assert state is not None and state["step"] == steps
    assert problems == []


@pytest.mark.parametrize(("name", "steps", "is_done"), RUNS)
def test_a_model_of_an_old_run_can_be_exported(
    old_runs: Path, tmp_path: Path, name: str, steps: int, is_done: bool
) -> None:
    made = export_model(RunFolder(old_runs / "runs" / name), tmp_path / "made.safetensors")
    assert read_card(made).training["steps"] <= steps


@pytest.mark.parametrize(("name", "step"), [("Stopped/1-pixel", 115), ("Pair/2-detail", 25)])
def test_an_old_run_goes_on_where_it_was_stopped(old_runs: Path, name: str, step: int) -> None:
    folder = RunFolder(old_runs / "runs" / name)
    before = folder.events_path.read_text().splitlines()
    events = list(resume(folder, after(5)))
    assert warnings_in(events) == []
    assert [event.step for event in events if isinstance(event, Started)] == [step]
    assert min(event.step for event in events if isinstance(event, Step)) > step
    assert events[-1] == Finished(step + 5, "interrupted", events[-1].seconds, None)  # type: ignore[attr-defined]
    told = folder.events_path.read_text().splitlines()
    # but for the word that it was stopped, which came after the checkpoint
    assert told[: len(before) - 2] == before[:-2]
    assert json.loads(told[-1])["event"] == "finished"


def test_the_second_stage_of_an_old_run_goes_on_from_the_first(old_runs: Path) -> None:
    events = list(resume(RunFolder(old_runs / "runs" / "Pair" / "1-pixel"), after(8)))
    second = old_runs / "runs" / "Pair" / "2-detail"
    assert [event.run for event in events if isinstance(event, NextStage)] == [str(second)]
    assert [event.step for event in events if isinstance(event, Started)] == [25]
    assert isinstance(events[-1], Finished) and events[-1].step > 25
