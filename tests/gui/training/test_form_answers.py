"""What the form says stays true while the folders and the settings change."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
from training_helpers import choose, pick
from waiting import WaitUntil

from srgan_desktop.gui.training.form.form_plan import problems_of
from srgan_desktop.gui.training.page import TrainingPage
from trainer.data import dataset


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
