"""The size of a result in all the words people have for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication

from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.gui.common.custom_size import RULES, UNITS
from srgan_desktop.gui.common.settings import Settings
from srgan_desktop.gui.common.size_control import CUSTOM, SizeControl
from srgan_desktop.gui.common.size_setting import FIRST_SIZE, keep_size, kept_size


@pytest.fixture
def control(qapp: QApplication) -> SizeControl:
    made = SizeControl(TargetSize("scale", 4))
    made.set_source((1000, 800))
    return made


def measure(control: SizeControl, rule: str, unit: str = "px") -> None:
    """As if a person chose it in the boxes."""
    custom = control.custom
    custom.unit.setCurrentIndex(UNITS.index(unit))  # type: ignore[arg-type]
    custom.rule.setCurrentIndex(RULES.index(rule))  # type: ignore[arg-type]
    custom.rule.activated.emit(custom.rule.currentIndex())


def test_another_measure_says_the_same_size(control: SizeControl) -> None:
    control._group.button(CUSTOM).click()
    told = QSignalSpy(control.changed)
    for rule, unit, value in (
        ("scale", "px", 4),
        ("percent", "px", 400),
        ("megapixels", "px", 12.8),
        ("long", "px", 4000),
        ("short", "cm", 27.1),
        ("width", "in", 13.34),  # 27.1 cm are a pixel more
    ):
        control.show_size(TargetSize("scale", 4))
        control._group.button(CUSTOM).click()
        measure(control, rule, unit)
        assert control.custom.value.value() == pytest.approx(value)
        assert control.factor_wanted == pytest.approx(4, abs=0.02)
    assert told.count() > 0


def test_a_print_is_so_many_pixels_and_the_file_says_its_resolution(control: SizeControl) -> None:
    control._group.button(CUSTOM).click()
    measure(control, "width", "cm")
    control.custom.value.setValue(30)
    control.custom.dpi.setValue(254)
    assert control.size_wanted == TargetSize("width", 30, "cm", 254)
    assert control.resolved() == (3000, 2400)
    assert control.custom.dpi.isVisibleTo(control)
    measure(control, "width", "px")
    assert control.size_wanted == TargetSize("width", 3000)
    assert not control.custom.dpi.isVisibleTo(control)


def test_a_factor_with_decimals(control: SizeControl) -> None:
    control.show_size(TargetSize("scale", 2.5))
    assert control._group.checkedId() == CUSTOM
    assert control.size_wanted == TargetSize("scale", 2.5)
    control.retranslate()
    assert control.size_wanted == TargetSize("scale", 2.5)
    control._group.button(2).click()
    assert control.size_wanted == TargetSize("scale", 2)


def test_what_is_shown_is_not_rounded_by_showing_it(control: SizeControl) -> None:
    size = TargetSize("width", 29.999, "cm", 300)
    control.show_size(size)
    assert control.size_wanted == size


def test_it_is_remembered(tmp_path: Path) -> None:
    size = TargetSize("long", 30.5, "cm", 240)
    keep_size(Settings(tmp_path), size)
    assert kept_size(Settings(tmp_path)) == size
    settings = Settings(tmp_path)
    settings.set("upscale/size_dpi", 0.0)
    assert kept_size(settings) == FIRST_SIZE, "edited by hand until it makes no sense"
