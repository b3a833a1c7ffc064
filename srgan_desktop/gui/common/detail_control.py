"""Smooth to detailed, for models that have both sides."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import heading, quiet_label
from srgan_desktop.gui.common.percent_slider import FULL, PercentSlider
from srgan_desktop.gui.common.theme import SPACE


class DetailControl(QWidget):
    """A slider and its number; tells once it rests, so that no step on the way is computed."""

    moved = Signal()
    """The value is another now; ``changed`` follows once it rests."""
    changed = Signal()

    def __init__(self, detail: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heading = heading()
        self._percent = PercentSlider(detail, self)
        self.slider, self.value = self._percent.slider, self._percent.value
        self._smooth, self._detailed = quiet_label(wrap=False), quiet_label(wrap=False)
        self._lay_out()
        self._percent.moved.connect(self.moved)
        self._percent.changed.connect(self.changed)
        self.retranslate()

    @property
    def detail(self) -> float | None:
        """0 to below 100; None for the model as it is."""
        value = self.slider.value()
        return None if value == FULL else float(value)

    def show_detail(self, detail: float) -> None:
        """Show a value, telling nobody; not while a person is about to choose another."""
        if self._percent.rests:
            self._percent.show_percent(detail)

    def retranslate(self) -> None:
        """All texts in the present language."""
        self._heading.setText(tr("Detail"))
        self._smooth.setText(tr("smooth"))
        self._detailed.setText(tr("detailed"))
        self.slider.setAccessibleName(tr("Detail"))
        self.value.setAccessibleName(tr("Detail in percent"))

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self._heading, 1)
        top.addWidget(self.value)
        ends = QHBoxLayout()
        ends.addWidget(self._smooth)
        ends.addStretch(1)
        ends.addWidget(self._detailed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACE, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addLayout(top)
        column.addWidget(self.slider)
        column.addLayout(ends)
