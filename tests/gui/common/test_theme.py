"""What can be typed into or ticked is seen as such in both themes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.gui.common.theme import Theme

ENOUGH = 3.0
KINDS = (QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QCheckBox, QRadioButton)


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[Theme]:
    made = Theme(qapp, request.param)
    yield made
    made.choose("light")
    made.deleteLater()
    qapp.setStyleSheet("")


def luminance(colour: QColor) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(v) for v in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def strongest_edge(image: QImage, at: QPoint, width: int, back: QColor) -> float:
    """The best contrast along a line from left of the control into it, across its left edge."""
    return max(contrast(image.pixelColor(at.x() + x, at.y()), back) for x in range(width))


@pytest.mark.parametrize("kind", KINDS)
def test_edges_stand_out(kind: Callable[[], QWidget], theme: Theme, qapp: QApplication) -> None:
    window = QWidget()
    layout = QVBoxLayout(window)
    first, control = QCheckBox("has the focus"), kind()
    layout.addWidget(first)
    layout.addWidget(control)
    window.resize(240, 120)
    window.show()
    first.setFocus()
    qapp.processEvents()
    image = window.grab().toImage()
    at = control.mapTo(window, QPoint(0, control.height() // 2))
    assert strongest_edge(image, at, 4, QColor(theme.shades.window)) >= ENOUGH
    window.close()
    window.deleteLater()


def test_a_change_looks_as_if_it_had_been_so_from_the_start(qapp: QApplication) -> None:
    made = Theme(qapp, "light")
    try:
        before = _seen()
        window = _every_kind()
        window.show()
        made.choose("dark")
        qapp.processEvents()
        changed = window.grab().toImage()
        assert changed == _seen()
        made.choose("light")
        assert _seen() == before != changed
    finally:
        made.choose("light")
        made.deleteLater()
        qapp.setStyleSheet("")


def _every_kind() -> QWidget:
    window = QWidget()
    layout = QVBoxLayout(window)
    for kind in KINDS:
        layout.addWidget(kind())
    return window


def _seen() -> QImage:
    window = _every_kind()
    window.show()
    QApplication.processEvents()
    return window.grab().toImage()


def test_a_theme_that_was_stopped_follows_no_more(qapp: QApplication) -> None:
    old, new = Theme(qapp, "light"), Theme(qapp, "light")
    told: list[bool] = []
    old.changed.connect(lambda: told.append(old.dark))
    old.stop()
    new.choose("dark")
    assert told == []
    new.choose("light")
    new.stop()
    qapp.setStyleSheet("")
