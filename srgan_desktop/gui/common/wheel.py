"""The wheel scrolls a form; it does not change what the pointer happens to pass."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox


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
