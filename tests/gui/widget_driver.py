"""Hands and eyes of a person, for any part of the window: controls are found by their names."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLineEdit,
    QSpinBox,
    QWidget,
)

NOTCH = 120

Kind = TypeVar("Kind", bound=QWidget)


def find(root: QWidget, kind: type[Kind], name: str) -> Kind:
    """The one control below ``root`` that is called so, as a screen reader or a button says it."""
    found = [widget for widget in root.findChildren(kind) if _name(widget) == name]
    assert len(found) == 1, f"{name}: {len(found)} of {sorted(map(_name, root.findChildren(kind)))}"
    return found[0]


def press(root: QWidget, name: str) -> None:
    """A button that can be seen and pressed."""
    button = find(root, QAbstractButton, name)
    assert button.isVisible(), f"{name} cannot be seen"
    assert button.isEnabled(), f"{name} cannot be pressed"
    button.click()


def type_into(root: QWidget, name: str, text: str, *, enter: bool = True) -> None:
    """Other words into a field."""
    field = find(root, QLineEdit, name)
    field.setFocus()
    field.selectAll()
    if text:
        QTest.keyClicks(field, text)
    else:
        QTest.keyClick(field, Qt.Key.Key_Delete)
    if enter:
        QTest.keyClick(field, Qt.Key.Key_Return)


def set_number(root: QWidget, name: str, value: int) -> None:
    """Another number into a box."""
    find(root, QSpinBox, name).setValue(value)


def turn(widget: QWidget, notches: int = -1) -> bool:
    """Turn the wheel over a widget; false where the widget leaves it to those around it."""
    at = QPointF(5, 5)
    event = QWheelEvent(
        at,
        widget.mapToGlobal(at),
        QPoint(),
        QPoint(0, notches * NOTCH),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def pick(root: QWidget, name: str, text: str) -> None:
    """Another line of a box."""
    box = find(root, QComboBox, name)
    index = box.findText(text)
    assert index >= 0, f"{text!r} is none of {[box.itemText(n) for n in range(box.count())]}"
    box.setCurrentIndex(index)
    box.activated.emit(index)


def key(to: QWidget | None, which: Qt.Key, *, ctrl: bool = False) -> None:
    """A key, to what has the focus if ``to`` is None."""
    widget = to or QApplication.focusWidget()
    assert widget is not None, "nothing has the focus"
    none, control = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(widget, which, control if ctrl else none)


def is_clean(text: str) -> str:
    """Without the mark of the letter that presses it."""
    return text.replace("&", "")


def _name(widget: QWidget) -> str:
    says: Callable[[], str] | None = getattr(widget, "text", None)
    own = widget.accessibleName()
    if isinstance(widget, QAbstractButton) and says is not None:
        return is_clean(says()) or own
    return own
