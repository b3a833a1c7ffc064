"""What the form says stays true while the folders and the settings change."""

from __future__ import annotations

import shutil
from pathlib import Path

from training_helpers import choose
from waiting import WaitUntil

from srgan_desktop.gui.training.form.form_plan import problems_of
from srgan_desktop.gui.training.page import TrainingPage


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
