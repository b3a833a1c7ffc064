"""The Train page's controllers, each by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox
from training_helpers import (
    WaitUntil,
    look_line,
    make_training,
    started_line,
    step_line,
    write_lines,
)

from srgan_desktop.gui.common.message_bar import MessageBar
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.worker import Lane
from srgan_desktop.gui.training.form.form_controller import FormController
from srgan_desktop.gui.training.form.length_control import Length
from srgan_desktop.gui.training.form.plan import Plan, Recipe
from srgan_desktop.gui.training.form.start_controller import StartController
from srgan_desktop.gui.training.form.start_form import StartForm
from srgan_desktop.gui.training.runs import launch
from srgan_desktop.gui.training.runs.manager import RunManager
from srgan_desktop.gui.training.runs.run_controller import RunController
from srgan_desktop.gui.training.runs.run_view import RunView
from srgan_desktop.gui.training.runs.stored import Training
from trainer.config.presets import load_preset
from trainer.config.reading import to_mapping
from trainer.run.run_folder import RunFolder


def recipe(name: str) -> Recipe:
    config = load_preset(name)
    return Recipe(
        name,
        config.title,
        config.description,
        config.needs,
        config.stage,
        config.generator.scale,
        config.steps,
        None,
        False,
        to_mapping(config),
    )


@pytest.fixture
def form(services: Services) -> Iterator[FormController]:
    lane = Lane("photos")
    view = StartForm(services, lane)
    yield FormController(view)
    lane.shutdown()
    view.deleteLater()


@pytest.fixture
def starting(form: FormController) -> Iterator[StartController]:
    made = StartController(form)
    yield made
    made.shutdown()


@pytest.fixture
def manager(services: Services, qapp: QApplication) -> Iterator[RunManager]:
    made = RunManager(services)
    yield made
    made.shutdown()
    made.deleteLater()
    qapp.processEvents()


@pytest.fixture
def runs(services: Services, manager: RunManager) -> Iterator[RunController]:
    view, messages = RunView(services, manager), MessageBar(services.theme)
    yield RunController(services, manager, view, messages)
    view.deleteLater()
    messages.deleteLater()


def test_the_form_follows_the_recipe(form: FormController) -> None:
    form.set_recipes([recipe("tiny"), recipe("srresnet-quick"), recipe("cycle-x4")])
    assert form.chosen is not None and form.chosen.name == "srresnet-quick"
    assert form.overrides == ()
    form.set_values({**form.values, "batch": 5})
    assert form.overrides == ("batch=5",)
    assert "1 changed" in form.view.settings.text()
    box = form.view.recipe
    assert box.findData("cycle-x4") < 0, "experiments are folded"
    box.activated.emit(box.findData("unfold"))
    box.setCurrentIndex(box.findData("cycle-x4"))
    box.activated.emit(box.currentIndex())
    assert form.learns_from_bad and form.overrides == ()
    assert form.pairs_folder is None and form.second_recipe is None


def test_the_name_is_the_folder_s_until_one_is_typed(
    form: FormController, photos: Path, wait_until: WaitUntil
) -> None:
    form.set_folder(photos)
    assert form.view.name.text() == photos.name
    wait_until(lambda: form.view.photos.report is not None)
    form.view.name.setText("otters")
    form.view.name.textEdited.emit("otters")
    form.set_folder(photos)
    assert form.view.name.text() == "otters"
    wait_until(lambda: form.view.photos.report is not None)


def test_a_plan_is_given_once_nothing_is_wrong(
    form: FormController, starting: StartController, photos: Path, wait_until: WaitUntil
) -> None:
    wanted: list[Plan] = []
    starting.wanted.connect(wanted.append)
    starting.start()
    assert wanted == []
    assert form.view.fields["photos"].problem.text()
    assert form.view.fields["recipe"].problem.text()
    form.set_recipes([recipe("tiny")])
    form.set_folder(photos)
    wait_until(lambda: form.view.photos.report is not None)
    starting.start()
    (plan,) = wanted
    assert (plan.data, plan.name, plan.stages[0].preset) == (photos, photos.name, "tiny")
    assert not any(field.problem.text() for field in form.view.fields.values())


def finished(home: Path) -> Training:
    training = make_training(home / "runs" / "one")
    stage = training.stages[0]
    done = {"event": "finished", "step": 50, "reason": "done", "seconds": 5.0, "model": None}
    write_lines(stage.events_path, started_line(), step_line(50), look_line(50, 26.0), done)
    inputs: dict[str, Any] = {"preset": "tiny", "data": "photos", "steps": 50, "budget_s": None}
    stage.write_values({"config": {"stage": "pixel"}, "inputs": inputs})
    return training


def test_without_a_training_nothing_is_done(runs: RunController) -> None:
    for act in (
        runs.use_model,
        runs.go_on,
        runs.change_length,
        runs.rename,
        runs.delete,
        runs.open_folder,
    ):
        act()
    runs.set_length(Length(5))


def test_a_finished_training_goes_on_to_another_end(
    runs: RunController,
    manager: RunManager,
    home: Path,
    wait_until: WaitUntil,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resumed: list[RunFolder] = []
    monkeypatch.setattr(launch, "resume_stage", lambda run, device: resumed.append(run))
    training = finished(home)
    manager.look_at(training)
    history = manager.history
    assert history is not None
    wait_until(lambda: history.phase == "done")
    runs.set_length(Length(None, 90.0))
    assert resumed == [training.stages[0]]
    summary = training.stages[0].summary()
    assert (summary.steps, summary.budget_s) == (None, 90.0)


def test_a_comparison_goes_with_the_training_it_was_asked_for(
    manager: RunManager, home: Path, wait_until: WaitUntil
) -> None:
    manager.look_at(finished(home))
    manager.compare_with(make_training(home / "runs" / "two"))
    manager.look_at(make_training(home / "runs" / "three"))
    wait_until(lambda: not manager.lane.busy)
    QApplication.processEvents()
    assert manager.other is None


@pytest.mark.parametrize("answer", [True, False])
def test_a_training_is_deleted_after_a_question_alone(
    runs: RunController,
    manager: RunManager,
    home: Path,
    wait_until: WaitUntil,
    monkeypatch: pytest.MonkeyPatch,
    answer: bool,
) -> None:
    def click(box: QMessageBox) -> int:
        role = QMessageBox.ButtonRole.DestructiveRole
        chosen = [button for button in box.buttons() if box.buttonRole(button) == role]
        (chosen[0] if answer else box.defaultButton()).click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", click)
    told: list[bool] = []
    runs.deleted.connect(lambda: told.append(True))
    training = finished(home)
    manager.look_at(training)
    wait_until(lambda: manager.history is not None and manager.history.phase == "done")
    runs.delete()
    assert training.folder.exists() is not answer
    assert bool(told) is answer
