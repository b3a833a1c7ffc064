"""Controls of the Train page that are made late are left alone by the wheel as well."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QComboBox, QSlider, QWidget
from training_helpers import choose, make_training
from waiting import WaitUntil
from widget_driver import turn

from srgan_desktop.gui.common.dialogs import open_once
from srgan_desktop.gui.common.wheel import WheelGuard
from srgan_desktop.gui.training.form.settings_page import SettingsPage
from srgan_desktop.gui.training.page import TrainingPage


def assert_left_alone(root: QWidget) -> None:
    """The wheel changes none of the boxes and sliders that it passes in ``root``."""
    boxes, sliders = root.findChildren(QComboBox), root.findChildren(QSlider)
    assert boxes or sliders
    before = [box.currentIndex() for box in boxes], [slider.value() for slider in sliders]
    for control in (*boxes, *sliders):
        for notches in (-1, 1, 1):
            turn(control, notches)
    assert ([box.currentIndex() for box in boxes], [slider.value() for slider in sliders]) == before


def test_in_every_group_of_all_settings(
    page: TrainingPage, wait_until: WaitUntil, photos: Path
) -> None:
    choose(page, wait_until, photos, "2m")
    assert page.form.chosen is not None
    dialog = SettingsPage(page.form.values, page.form.chosen.settings, page)
    open_once(dialog)
    for row in range(dialog.groups.count()):
        dialog.groups.setCurrentRow(row)
    assert_left_alone(dialog)
    dialog.reject()


def test_in_the_curves(page: TrainingPage, wait_until: WaitUntil, home: Path) -> None:
    WheelGuard(page).guard(page)
    page.show_training(make_training(home / "runs" / "one"))
    wait_until(lambda: page.view.curves is not None)
    assert page.view.curves is not None
    assert_left_alone(page.view.curves)
