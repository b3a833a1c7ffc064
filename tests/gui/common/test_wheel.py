"""The wheel changes only what a person has clicked; else the page scrolls."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QScrollArea,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from widget_driver import turn

from srgan_desktop.gui.common.detail_control import DetailControl
from srgan_desktop.gui.common.wheel import WheelGuard


class Form(QScrollArea):
    """A box, a number and a slider in a page that scrolls."""

    def __init__(self) -> None:
        super().__init__()
        body = QWidget()
        self.box, self.number = QComboBox(), QSpinBox()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.box.addItems([str(n) for n in range(9)])
        self.box.setCurrentIndex(4)
        self.number.setValue(50)
        self.slider.setValue(50)
        column = QVBoxLayout(body)
        for widget in self.controls:
            column.addWidget(widget)
        column.addSpacing(1000)
        self.setWidget(body)
        self.resize(300, 200)

    @property
    def controls(self) -> tuple[QComboBox, QSpinBox, QSlider]:
        return self.box, self.number, self.slider

    @property
    def values(self) -> tuple[int, int, int]:
        return self.box.currentIndex(), self.number.value(), self.slider.value()


@pytest.fixture
def form(qapp: QApplication) -> Iterator[Form]:
    made = Form()
    WheelGuard(made).guard(made)
    made.show()
    made.activateWindow()
    yield made
    made.close()
    made.deleteLater()


def test_passing_over_a_box_scrolls_the_page(form: Form) -> None:
    for control in form.controls:
        assert not turn(control), "the page has it"
    assert form.values == (4, 50, 50)


def test_the_focus_by_a_key_is_no_click(form: Form) -> None:
    for control in form.controls:
        control.setFocus(Qt.FocusReason.TabFocusReason)
        turn(control)
    assert form.values == (4, 50, 50)


def test_what_was_clicked_has_the_wheel_until_the_focus_goes(form: Form) -> None:
    form.number.setFocus(Qt.FocusReason.MouseFocusReason)
    turn(form.number)
    assert form.number.value() == 49
    form.slider.setFocus(Qt.FocusReason.TabFocusReason)
    turn(form.number)
    assert form.number.value() == 49


def test_a_click_in_the_groove_goes_there(qapp: QApplication) -> None:
    control = DetailControl(10)
    control.resize(260, 90)
    control.show()
    moved: list[int] = []
    control.moved.connect(lambda: moved.append(control.slider.value()))
    QTest.mouseClick(
        control.slider,
        Qt.MouseButton.LeftButton,
        pos=QPoint(round(control.slider.width() * 0.75), control.slider.height() // 2),
    )
    assert 72 <= control.slider.value() <= 78
    assert control.value.value() == control.slider.value()
    assert moved == [control.slider.value()], "told at once"
    control.value.setValue(33)
    assert control.slider.value() == 33
    control.close()
    control.deleteLater()
