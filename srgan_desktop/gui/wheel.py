"""The wheel scrolls a form; it does not change what the pointer happens to pass."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QSlider, QWidget


class WheelGuard(QObject):
    """Leaves the wheel to the page around a control that has no focus."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Ignored and not only swallowed, the event goes on to the scroll area."""
        if event.type() != QEvent.Type.Wheel or not isinstance(watched, QWidget):
            return False
        if watched.hasFocus():
            return False
        event.ignore()
        return True


def leave_wheel_to_page(form: QWidget) -> None:
    """For all that ``form`` holds now and that a wheel would change."""
    guard = WheelGuard(form)
    for kind in (QComboBox, QAbstractSpinBox, QSlider):
        for control in form.findChildren(kind):
            # else the wheel would give it the focus first
            control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            control.installEventFilter(guard)
