"""What the form says stays true while the folders and the settings change."""

from __future__ import annotations

import shutil
import sys
import threading
from pathlib import Path
from typing import cast

import pytest
from training_helpers import choose, pick
from waiting import WaitUntil

from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
from srgan_desktop.core.weights.model_file import ModelCard, save_model
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.worker import Lane
from srgan_desktop.gui.training.form.folder_checks import FolderChecks
from srgan_desktop.gui.training.form.form_plan import problems_of
from srgan_desktop.gui.training.page import TrainingPage
from srgan_desktop.gui.training.runs import launch
from trainer.data import dataset
from trainer.run.events import Estimate


def test_a_mended_folder_is_looked_at_again_when_it_is_dropped_again(
    page: TrainingPage, wait_until: WaitUntil, photos: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "mended"
    folder.mkdir()
    shutil.copy(photos / "small.png", folder)
    choose(page, wait_until, folder, "2m")
    wait_until(lambda: page.form.view.photos.report is not None)
    assert "photos" in problems_of(page.form)
    for good in photos.glob("[0-9].png"):
        shutil.copy(good, folder)
    page.open_paths([folder])
    assert page.form.view.photos.looking
    wait_until(lambda: page.form.view.photos.report is not None)
    assert problems_of(page.form) == {}


def test_whole_folders_are_walked_beside_the_window(
    page: TrainingPage,
    wait_until: WaitUntil,
    photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    walked: list[threading.Thread] = []

    def walk(folder: Path) -> list[Path]:
        walked.append(threading.current_thread())
        return whole(folder)

    whole = dataset.image_paths
    monkeypatch.setattr(dataset, "image_paths", walk)
    choose(page, wait_until, photos, "2m")
    pick(page, "cycle-x4")
    empty = tmp_path / "empty"
    empty.mkdir()
    form, field = page.form, page.form.view.fields["real"]
    form.view.real.set_folder(empty)
    wait_until(lambda: form.folders.problem(empty))
    page.starting.start()
    assert str(empty) in field.problem.text()
    wait_until(lambda: not page._check_lane.busy)
    before = len(walked)
    form.view.name.textEdited.emit("otters")
    assert len(walked) == before, "a key walks nothing"
    assert str(empty) in field.problem.text()
    shutil.copy(photos / "0.png", empty)
    page.starting.measure()
    wait_until(lambda: not field.problem.text())
    assert threading.main_thread() not in walked


def test_an_estimate_goes_with_the_settings_it_was_made_for(
    page: TrainingPage, wait_until: WaitUntil, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleeper = launch.Command(sys.executable, ("-c", "import time; time.sleep(60)"))
    monkeypatch.setattr(launch, "command", lambda *_: sleeper)
    choose(page, wait_until, photos, "2m")
    wait_until(lambda: page.form.view.photos.report is not None)
    view, measurement = page.form.view, page.starting.measurement
    page.starting.measure()
    view.name.textEdited.emit("otters")
    assert measurement.running, "a name changes nothing"
    view.length.text.setText("3m")
    assert not measurement.running
    assert not view.measure_bar.isVisible() and not view.measured.isVisible()
    assert view.measure.text().startswith("Estimate")

    page.starting.measure()
    measurement.stop()
    measurement.done.emit(
        Estimate("cpu", "fp32", 2.0, 9, 5.0, None, 180.0, 180.0, 360, 1.0, 6, 1, None, None)
    )
    view.validation.set_folder(None)
    assert "360 steps" in view.measured.text()
    view.second.setChecked(True)
    assert not view.measured.isVisible()


def test_models_that_come_and_go_are_offered_as_they_are(
    page: TrainingPage, services: Services, wait_until: WaitUntil, home: Path
) -> None:
    wait_until(lambda: page.form.recipes and not page.manager.lane.busy)
    view, path = page.form.view, home / "models" / "otters.safetensors"
    boxes = {view.init: page.form._choose_init, view.teacher: page.form._choose_teacher}
    path.parent.mkdir(exist_ok=True)
    save_model(path, SRResNet(SRResNetConfig(blocks=1, channels=4)), ModelCard())
    services.models_changed.emit()
    wait_until(lambda: all(box.findData(str(path)) > 0 for box in boxes))
    for box, choose_it in boxes.items():
        box.setCurrentIndex(box.findData(str(path)))
        choose_it()
    assert (page.form.init_file, page.form.teacher_path) == (path, path)
    path.unlink()
    services.models_changed.emit()
    wait_until(lambda: all(box.findData(str(path)) < 0 for box in boxes))
    assert (page.form.init_file, page.form.teacher_path) == (None, None)
    assert [box.currentIndex() for box in boxes] == [0, 0]


@pytest.mark.usefixtures("qapp")
def test_a_folder_that_may_not_be_looked_at_is_not_called_gone(tmp_path: Path) -> None:
    checks = FolderChecks(cast(Lane, None))
    missing, too_long = tmp_path / "none", tmp_path / ("a" * 300)
    checks.look([missing, too_long])
    assert "not there any more" in checks.problem(missing)
    assert checks.problem(too_long) == ""
