"""Smooth to detailed, for models that have both sides."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import heading, quiet_label
from srgan_desktop.gui.common.theme import SPACE

FULL = 100
SETTLE_MS = 150
LARGE_STEP = 10


class DetailControl(QWidget):
    """A slider; tells once it rests, so that not every step on the way is computed."""

    changed = Signal()

    def __init__(self, detail: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heading = heading()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, FULL)
        self.slider.setPageStep(LARGE_STEP)
        self.slider.setValue(round(min(max(detail, 0), FULL)))
        self._smooth, self._detailed = quiet_label(wrap=False), quiet_label(wrap=False)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self.changed)
        ends = QHBoxLayout()
        ends.addWidget(self._smooth)
        ends.addStretch(1)
        ends.addWidget(self._detailed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACE, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addWidget(self._heading)
        column.addWidget(self.slider)
        column.addLayout(ends)
        self.slider.valueChanged.connect(self._rest)
        self.retranslate()

    @property
    def detail(self) -> float | None:
        """0 to below 100; None for the model as it is."""
        value = self.slider.value()
        return None if value == FULL else float(value)

    def retranslate(self) -> None:
        """All texts in the present language."""
        self._heading.setText(tr("Detail"))
        self._smooth.setText(tr("smooth"))
        self._detailed.setText(tr("detailed"))
        self.slider.setAccessibleName(tr("Detail"))
        self._show()

    @Slot()
    def _rest(self) -> None:
        self._show()
        self._timer.start()

    def _show(self) -> None:
        self.slider.setToolTip(f"{self.slider.value()} %")
