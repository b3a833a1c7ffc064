"""The view of a training at all sizes of the window."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtWidgets import QApplication
from training_helpers import (
    WaitUntil,
    look_line,
    make_training,
    started_line,
    step_line,
    write_lines,
)

from srgan_desktop.gui.training.form.length_dialog import LengthDialog
from srgan_desktop.gui.training.page import TrainingPage
from srgan_desktop.gui.training.runs import stored
from srgan_desktop.gui.training.runs.stored import Training


def finished_training(home: Path) -> Training:
    training = make_training(home / "runs" / "one")
    stage = training.stages[0]
    finished = {"event": "finished", "step": 50, "reason": "done", "seconds": 5.0}
    write_lines(
        stage.events_path,
        started_line(),
        *[step_line(n) for n in range(1, 50)],
        look_line(49, 26.0),
        finished,
    )
    strip = stage.samples / "00000049" / "00_a.png"
    strip.parent.mkdir(parents=True)
    Image.fromarray(np.zeros((64, 256, 3), np.uint8)).save(strip)
    return training


def test_the_samples_fit_and_are_of_one_size_with_a_scroll_bar_and_without(
    page: TrainingPage, wait_until: WaitUntil, home: Path
) -> None:
    """Else there are heights at which the bar comes and goes without end, and Qt dies of it."""
    page.show_training(finished_training(home))
    wait_until(lambda: page.view.samples.strip is not None and page.list.isVisible())
    wait_until(lambda: page.view.curves is not None)
    wait_until(lambda: page.view.width() + page.list.width() <= page.width())
    for width in (1060, 820, 940):
        sides = set()
        for height in (320, 1400):
            page.resize(width, height)
            few = height == 320
            # the list beside it and the curves come when they are read: layouts are on their way
            QApplication.sendPostedEvents()
            wait_until(lambda few=few: page.view._area.verticalScrollBar().isVisible() is few)
            wait_until(lambda: page.view.samples.width() <= page.view.width())
            sides |= {label.width() for label in page.view.samples.labels}
        assert len(sides) == 1, f"{sides} in {width}"


def test_a_long_name_does_not_push_anything_out_of_the_window(
    page: TrainingPage, wait_until: WaitUntil, home: Path
) -> None:
    training = stored.rename(finished_training(home), "Otters of the river " * 8)
    page.show_training(training)
    wait_until(lambda: page.view.samples.strip is not None and page.list.isVisible())
    page.resize(820, 640)
    area = page.view._area
    wait_until(lambda: 0 < area.widget().width() <= area.viewport().width())
    assert page.view.title.toolTip() == page.view.title.text() == training.plan.name
    page.manager.rename(training, "Otters")
    wait_until(lambda: page.view.title.text() == "Otters")
    assert page.view.title.toolTip() == ""


def test_when_the_folder_is_gone_there_is_a_way_back_to_the_form(
    page: TrainingPage, wait_until: WaitUntil, home: Path
) -> None:
    training = finished_training(home)
    page.manager.list_trainings()
    wait_until(lambda: page.manager.trainings)
    page.show_training(training)
    wait_until(lambda: page.view.samples.strip is not None)
    shutil.rmtree(training.folder)
    wait_until(lambda: page.manager.history and page.manager.history.phase == "gone")
    wait_until(lambda: not page.manager.trainings)
    assert "removed" in page.view.run_status.label.text()
    assert page.list.isVisible()
    page.list.new_wanted.emit()
    assert page.form.view.isVisible()


def test_a_finished_training_offers_to_go_on_longer(
    page: TrainingPage, wait_until: WaitUntil, home: Path
) -> None:
    page.show_training(finished_training(home))
    wait_until(lambda: page.manager.history is not None and page.manager.history.phase == "done")
    assert page.view.go_on.isVisible()
    assert page.view.go_on.text() == "Train longer…"
    wanted: list[str] = []
    page.view.longer_wanted.connect(lambda: wanted.append("longer"))
    page.view.continue_wanted.connect(lambda: wanted.append("continue"))
    page.view.go_on.click()
    assert wanted == ["longer"]
    for dialog in page.findChildren(LengthDialog):
        dialog.reject()
