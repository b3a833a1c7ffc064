"""Trainings on the disk: listed, renamed, deleted, lengthened; the second stage's recipe."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from PySide6.QtWidgets import QApplication, QFileDialog
from training_helpers import (
    WaitUntil,
    look_line,
    make_training,
    started_line,
    step_line,
    write_lines,
)

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.gui.common import save_file
from srgan_desktop.gui.training.form import offers
from srgan_desktop.gui.training.form.plan import Plan, StagePlan
from srgan_desktop.gui.training.page import TrainingPage
from srgan_desktop.gui.training.runs import state, stored
from srgan_desktop.gui.training.runs.history import History
from srgan_desktop.gui.training.runs.model_dialog import ModelDialog
from srgan_desktop.gui.training.runs.run_status import run_status
from trainer.run.run_folder import RunFolder

PLAN = Plan("Otters & more/../", Path("photos"), (StagePlan("1-pixel", "tiny", budget_s=60.0),))


def test_a_new_training_gets_a_folder_of_its_own_below_runs(home: Path) -> None:
    first, second = stored.create(PLAN), stored.create(PLAN)
    assert first.folder.parent == second.folder.parent == home / "runs"
    assert first.folder != second.folder
    assert {training.folder for training in stored.list_trainings()} == {
        first.folder,
        second.folder,
    }
    # a name of its own, too
    assert {t.plan.name for t in stored.list_trainings()} == {PLAN.name, f"{PLAN.name} 2"}
    assert all(replace(t.plan, name=PLAN.name) == PLAN for t in stored.list_trainings())


def test_what_makes_no_sense_is_left_out(home: Path) -> None:
    for name, text in {"a": "{", "b": "[]", "c": '{"plan": {}}'}.items():
        (home / "runs" / name).mkdir(parents=True)
        (home / "runs" / name / stored.PLAN_FILE).write_text(text)
    (home / "runs" / "file").write_text("x")
    assert stored.list_trainings() == []


def test_a_run_of_the_command_line_is_a_training_too(home: Path) -> None:
    folder = home / "runs" / "mine"
    folder.mkdir(parents=True)
    inputs = {"preset": "tiny", "data": "/photos", "steps": 5, "budget_s": None}
    values = {"inputs": inputs, "config": {"stage": "pixel", "title": "Tiny"}}
    (folder / "config.json").write_text(json.dumps(values))
    (training,) = stored.list_trainings()
    assert training.stages == (RunFolder(folder),)
    assert training.plan.stages[0].steps == 5


def test_renaming_and_deleting(home: Path) -> None:
    training = stored.rename(stored.create(PLAN), " 水獭 ")
    assert stored.list_trainings()[0].plan.name == "水獭"
    with pytest.raises(UsageError):
        stored.rename(training, " ")
    stored.delete(training)
    assert stored.list_trainings() == []
    stored.delete(training)


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    training = make_training(tmp_path / "run")
    write_lines(training.stages[0].events_path, started_line(), step_line(1))
    (training.stages[0].config_path).write_text("{}")
    usage = shutil.disk_usage(tmp_path)
    full = type(usage)(usage.total, usage.total, 1000)
    monkeypatch.setattr(state.shutil, "disk_usage", lambda path: full)
    found = state.stage_state(training.stages[0])
    assert found.phase == "failed"
    assert "disk is full" in found.problem
    mine = psutil.Process(os.getpid())
    note = {"pid": mine.pid, "created": mine.create_time()}
    training.stages[0].process_note.write_text(json.dumps(note))
    history = History(training)
    history.states = state.training_states(training)
    assert history.phase == "running"
    assert run_status(history).mood == "warning"
    assert "nothing can be saved" in run_status(history).text


def test_saving_the_model_to_a_file_replaces_none_unasked(
    qapp: QApplication, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.safetensors").write_text("another")
    names = iter([str(tmp_path / "mine"), str(tmp_path / "new")])
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (next(names), ""))
    monkeypatch.setattr(save_file, "ask", lambda *_, **__: False)
    dialog = ModelDialog(History(make_training(tmp_path / "run")))
    targets: list[Path] = []
    dialog.wanted.connect(lambda request: targets.append(request.target))
    dialog.export.click()
    assert targets == [tmp_path / "new.safetensors"]
    dialog.deleteLater()


def test_no_room_for_a_new_training(
    page: TrainingPage, wait_until: WaitUntil, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_until(lambda: page.manager.recipes)
    (home / "runs").write_text("a file in the way")
    assert page.manager.start(PLAN) is None
    assert str(home / "runs") in page.messages.text
    assert page.messages.kind == "warning"


def test_the_second_stage_has_the_network_of_the_first(
    page: TrainingPage, wait_until: WaitUntil
) -> None:
    wait_until(lambda: page.manager.recipes)
    by_name = {recipe.name: recipe for recipe in page.manager.recipes}
    assert page.manager.recipes[0].name == "srresnet-quick"
    second = offers.second_for(by_name["srresnet-x4"], page.manager.recipes)
    assert second is by_name["srgan-x4"]
    other = offers.second_for(by_name["tiny"], page.manager.recipes)
    assert other is by_name["srgan-x4"]
    assert "550 MB" in offers.length_hint(other)


def test_two_trainings_are_compared(page: TrainingPage, wait_until: WaitUntil, home: Path) -> None:
    for name in ("one", "two"):
        training = make_training(home / "runs" / name)
        write_lines(
            training.stages[0].events_path,
            started_line(),
            *[step_line(n) for n in range(1, 50)],
            look_line(49, 26.0),
        )
    page.manager.list_trainings()
    wait_until(lambda: len(page.list.model.rows) == 2)
    first, second = (training for training, _ in page.list.model.rows)
    page.show_training(first)
    wait_until(lambda: page.manager.history and page.manager.history.validations)
    page.view._offer_comparisons()
    assert len(page.view.compare_menu.actions()) == 2
    page.view._compare(page.view.compare_menu.actions()[1])
    wait_until(lambda: page.manager.other is not None)
    assert page.manager.other is not None
    assert page.manager.other.training.folder == second.folder
    wait_until(lambda: page.view.curves is not None)
    curves = page.view.curves
    assert curves is not None
    wait_until(lambda: [line.other for line in curves.charts[1]._lines] == [False, True])
    wait_until(lambda: curves.charts[0].legend.text().count("PSNR") == 2)
    page.manager.delete(first)
    wait_until(lambda: len(page.list.model.rows) == 1)
    assert not first.folder.exists()


@pytest.mark.parametrize(
    ("answer", "closes", "stops"),
    [
        ("leave", True, False),
        ("stop", True, True),
        ("cancel", False, False),
    ],
)
def test_closing_asks_what_becomes_of_a_training(
    page: TrainingPage,
    wait_until: WaitUntil,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    closes: bool,
    stops: bool,
) -> None:
    from srgan_desktop.gui.training.form import questions

    assert page.may_close()
    training = make_training(home / "runs" / "one")
    stage = training.stages[0]
    stage.path.mkdir()
    stage.config_path.write_text("{}")
    mine = psutil.Process(os.getpid())
    note = {"pid": mine.pid, "created": mine.create_time()}
    stage.process_note.write_text(json.dumps(note))
    page.manager.list_trainings()
    wait_until(lambda: page.manager.running)
    asked: list[str] = []

    def ask(_: object, plans: list[Plan]) -> str:
        asked.extend(plan.name for plan in plans)
        return answer

    monkeypatch.setattr(questions, "ask_leave_running", ask)
    assert page.may_close() is closes
    assert asked == ["made up"]
    assert stage.stop_request.exists() is stops
    # else it would be this process that is ended after the test
    stage.process_note.unlink()
