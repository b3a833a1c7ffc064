"""A line of text that gives way: its end is left out where it does not fit, and in the tool tip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from srgan_desktop.core.base.translation import tr

LEAST_CHARACTERS = 6


class ElidedLabel(QLabel):
    """Asks for little room, so that a long name never makes its window wider."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def setText(self, text: str) -> None:  # noqa: N802 - Qt's names
        """All of it; what is shown depends on the room."""
        super().setText(text)
        self._update_tool_tip()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """A few letters wide."""
        whole = super().minimumSizeHint()
        return QSize(min(whole.width(), self._width_of("m" * LEAST_CHARACTERS)), whole.height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """The tool tip is there only where something is left out."""
        super().resizeEvent(event)
        self._update_tool_tip()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """As a label, but elided."""
        rect = self.contentsRect()
        text = self.text_in(rect.width())
        with QPainter(self) as painter:
            self.style().drawItemText(
                painter,
                rect,
                self.alignment(),
                self.palette(),
                self.isEnabled(),
                text,
                self.foregroundRole(),
            )

    def text_in(self, width: int) -> str:
        """What is shown of the text in so many pixels."""
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, width)

    def _update_tool_tip(self) -> None:
        is_whole = self._width_of(self.text()) <= self.contentsRect().width()
        self.setToolTip("" if is_whole else self.text())

    def _width_of(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text)


class LastPartLabel(ElidedLabel):
    """Of "Tile 3 of 11, about 20 s left" the last part remains where there is no room for all."""

    def text_in(self, width: int) -> str:
        """All, the last part, or what fits of that."""
        text = self.text()
        if self._width_of(text) > width:
            text = text.rpartition(tr(", "))[2]
        return self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)
