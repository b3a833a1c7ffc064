"""The wheel scrolls a page; it does not change what the pointer happens to pass."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QAbstractSpinBox, QComboBox, QScrollBar, QWidget

CHANGED_BY_WHEEL = (QComboBox, QAbstractSpinBox, QAbstractSlider)
# these come and go without the person meaning another control
PASSING_REASONS = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)


class WheelGuard(QObject):
    """Lets boxes and sliders have the wheel only after a click on them, until the focus leaves.

    What they are refused goes on to what is around them, which scrolls.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._clicked: QObject | None = None

    def guard(self, root: QWidget) -> None:
        """Every such control in ``root``; those that are guarded already stay so."""
        for widget in root.findChildren(QWidget):
            if isinstance(widget, CHANGED_BY_WHEEL) and not isinstance(widget, QScrollBar):
                # again is no harm: a filter that is installed twice is moved to the front
                widget.installEventFilter(self)
                if widget.focusPolicy() == Qt.FocusPolicy.WheelFocus:
                    # else the wheel would give it the focus
                    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Refuse the wheel; note clicks."""
        kind = event.type()
        if kind == QEvent.Type.Wheel and watched is not self._clicked:
            event.ignore()
            return True
        if kind == QEvent.Type.MouseButtonPress:
            self._clicked = watched
        elif isinstance(event, QFocusEvent):
            self._follow_focus(watched, event)
        return False

    def _follow_focus(self, watched: QObject, event: QFocusEvent) -> None:
        if event.gotFocus() and event.reason() == Qt.FocusReason.MouseFocusReason:
            self._clicked = watched
        elif event.lostFocus() and event.reason() not in PASSING_REASONS:
            self._clicked = None


def guard_late(made: QWidget) -> None:
    """Controls that were made after the window around them was guarded, if it is."""
    own = Qt.FindChildOption.FindDirectChildrenOnly
    guard = made.window().findChild(WheelGuard, options=own)
    if guard is not None:
        guard.guard(made)


class QuietComboBox(QComboBox):
    """Heeds the wheel only while it has the focus; else the page around it scrolls."""

    def __init__(self) -> None:
        super().__init__()
        # else the wheel would give it the focus first
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Ignored, it goes on to the scroll area."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
