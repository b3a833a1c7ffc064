"""A slider that stands where the model's finding stands until it is moved."""

from __future__ import annotations

import pytest
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication
from waiting import wait_until

from srgan_desktop.gui.common.strength_control import StrengthControl, make_controls


@pytest.fixture
def control(qapp: QApplication) -> StrengthControl:
    return StrengthControl("noise")


def test_it_follows_what_is_found(control: StrengthControl) -> None:
    told = QSignalSpy(control.changed)
    control.show_found(37)
    assert control.slider.value() == control.value.value() == 37
    assert control.chosen is None and control.auto.isChecked()
    assert told.count() == 0


def test_before_anything_is_found_no_number_is_told(control: StrengthControl) -> None:
    assert control.value.text() == "–"
    control.auto.click()
    assert control.chosen == 0 and control.value.text() == "0 %"
    control.auto.click()
    assert control.value.text() == "–"
    control.slider.setValue(30)
    assert control.value.text() == "30 %"
    control.show_found(0)
    control.auto.click()
    assert control.value.text() == "0 %", "a finding, too"


def test_another_picture_is_unknown_until_it_is_looked_at(control: StrengthControl) -> None:
    control.show_found(37)
    control.show_found(None)
    assert control.value.text() == "–" and control.slider.value() == 0
    control.auto.click()
    assert control.chosen == 0, "not what was found in the one before"
    control.slider.setValue(60)
    control.show_found(37)
    control.show_found(None)
    assert control.value.text() == "60 %", "what a person set stays"


def test_moving_it_takes_over(control: StrengthControl) -> None:
    control.show_found(37)
    moved, told = QSignalSpy(control.moved), QSignalSpy(control.changed)
    control.slider.setValue(60)
    assert not control.auto.isChecked() and control.chosen == 60.0
    assert moved.count() == 1 and told.count() == 0, "not before it rests"
    wait_until(lambda: told.count() == 1)
    assert told.at(0) == ["noise", 60.0]
    control.show_found(20)
    assert control.slider.value() == 60, "what a person set stays"


def test_auto_goes_back(control: StrengthControl) -> None:
    control.show_found(37)
    control.slider.setValue(60)
    told = QSignalSpy(control.changed)
    control.auto.click()
    assert control.chosen is None and control.slider.value() == 37
    assert told.count() == 1 and told.at(0) == ["noise", None]


def test_leaving_auto_keeps_what_was_found(control: StrengthControl) -> None:
    control.show_found(37)
    control.auto.click()
    assert control.chosen == 37.0


def test_showing_a_wish_tells_nobody(control: StrengthControl) -> None:
    told = QSignalSpy(control.changed)
    control.show_chosen(12)
    assert control.chosen == 12.0
    control.show_chosen(None)
    assert control.chosen is None
    assert told.count() == 0


def test_each_has_a_name_of_its_own(qapp: QApplication) -> None:
    names = [control.slider.accessibleName() for control in make_controls().values()]
    assert names == ["Noise", "Blur", "Compression"]
