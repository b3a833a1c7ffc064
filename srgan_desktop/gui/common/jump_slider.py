"""A slider that goes where one clicks."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider


class JumpSlider(QSlider):
    """A click in the groove takes the handle there, and it can be dragged on from there.

    Qt's own moves by a page, which is never where one wanted to go.
    """

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Take the handle to the pointer first."""
        if event.button() == Qt.MouseButton.LeftButton:
            option = QStyleOptionSlider()
            self.initStyleOption(option)
            control, style = QStyle.ComplexControl.CC_Slider, self.style()
            part = QStyle.SubControl
            handle = style.subControlRect(control, option, part.SC_SliderHandle, self)
            at = event.position().toPoint()
            if not handle.contains(at):
                groove = style.subControlRect(control, option, part.SC_SliderGroove, self)
                span = groove.width() - handle.width()
                x = at.x() - groove.x() - handle.width() // 2
                value = QStyle.sliderValueFromPosition(
                    self.minimum(), self.maximum(), x, span, option.upsideDown
                )
                self.setValue(value)
        super().mousePressEvent(event)
