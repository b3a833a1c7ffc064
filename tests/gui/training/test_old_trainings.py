"""Trainings that an earlier version left are listed, looked at, and go on."""

from __future__ import annotations

from pathlib import Path

import pytest
from training_helpers import WaitUntil

from srgan_desktop.core.base.errors import ModelFileError, UsageError
from srgan_desktop.core.weights import catalogue
from srgan_desktop.gui.training.page import TrainingPage
from srgan_desktop.gui.training.runs import stored
from srgan_desktop.gui.training.runs.keep_model import ModelRequest, free_name, keep_model
from srgan_desktop.gui.training.runs.state import phase_of, training_states
from srgan_desktop.gui.training.runs.stored import Training


@pytest.fixture
def home(old_runs: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home that the page lives in."""
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(old_runs))
    monkeypatch.setenv("SRGAN_DESKTOP_LANGUAGE", "en")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    return old_runs


def training_called(name: str) -> Training:
    (found,) = [known for known in stored.list_trainings() if known.plan.name == name]
    return found


def test_old_trainings_are_listed_with_their_states(home: Path) -> None:
    phases = {
        training.plan.name: [state.phase for state in training_states(training)]
        for training in stored.list_trainings()
    }
    assert phases == {
        "by-command": ["done"],
        "Stopped": ["stopped"],
        "Pair": ["done", "stopped"],
    }


@pytest.mark.parametrize(
    ("name", "steps", "looks", "samples"),
    [("by-command", 120, 2, 2), ("Stopped", 115, 2, 2), ("Pair", 85, 2, 2)],
)
def test_an_old_training_shows_its_curves_and_samples(
    home: Path,
    page: TrainingPage,
    wait_until: WaitUntil,
    name: str,
    steps: int,
    looks: int,
    samples: int,
) -> None:
    page.show_training(training_called(name))
    history = page.manager.history
    assert history is not None
    wait_until(lambda: history.steps == steps and history.states)
    assert len(history.validations) == looks
    there = [path for look in history.validations for path in look.samples if path.is_file()]
    assert len(there) == samples
    assert "loss:pixel" in history.curves
    assert history.started[0].pictures == 4
    assert phase_of(history.states) == ("done" if name == "by-command" else "stopped")


def test_the_model_of_an_old_training_can_be_used(home: Path) -> None:
    for name in ("by-command", "Stopped", "Pair"):
        for _ in keep_model(training_called(name), ModelRequest(name, name, "")):
            pass
    made = {path.name for path in (home / "models").iterdir()}
    assert {"by-command.safetensors", "Stopped.safetensors", "Pair-smooth.safetensors"} <= made


def keep(name: str, wanted: str) -> None:
    for _ in keep_model(training_called(name), ModelRequest(wanted, wanted, "")):
        pass


@pytest.mark.parametrize("taken", ["otters.pth", "otters-smooth.onnx"])
def test_a_name_of_another_programs_model_is_not_free(home: Path, taken: str) -> None:
    (home / "models").mkdir()
    (home / "models" / taken).touch()
    assert free_name("otters") == "otters 2"
    with pytest.raises(UsageError, match=r"^There is a model called otters[^ ]* already\.$"):
        keep("Pair", "otters")
    assert [path.name for path in (home / "models").iterdir()] == [taken]


def test_of_a_pair_both_models_are_kept_or_none(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = catalogue.add_model

    def add_smooth(source: Path, name: str) -> catalogue.CatalogueEntry:
        if not name.endswith("-smooth"):
            raise ModelFileError(source, "no room")
        return add(source, name)

    monkeypatch.setattr(catalogue, "add_model", add_smooth)
    with pytest.raises(ModelFileError, match="no room"):
        keep("Pair", "otters")
    assert list((home / "models").iterdir()) == []


@pytest.mark.slow
def test_an_old_training_goes_on_from_the_window(
    home: Path, page: TrainingPage, wait_until: WaitUntil
) -> None:
    page.show_training(training_called("Stopped"))
    history = page.manager.history
    assert history is not None
    wait_until(lambda: history.steps == 115 and history.phase == "stopped")
    page.view.go_on.click()
    wait_until(lambda: history.phase == "running" and history.steps > 115, 120)
    page.view.stop.click()
    wait_until(lambda: history.phase == "stopped", 120)
    assert history.steps > 115
