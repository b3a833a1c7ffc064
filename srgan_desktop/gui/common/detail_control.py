"""Smooth to detailed, for models that have both sides."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import heading, quiet_label
from srgan_desktop.gui.common.slider import JumpSlider
from srgan_desktop.gui.common.theme import SPACE

FULL = 100
SETTLE_MS = 150
LARGE_STEP = 10


class DetailControl(QWidget):
    """A slider and its number; tells once it rests, so that no step on the way is computed."""

    moved = Signal()
    """The value is another now; ``changed`` follows once it rests."""
    changed = Signal()

    def __init__(self, detail: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heading = heading()
        self.slider = JumpSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, FULL)
        self.slider.setPageStep(LARGE_STEP)
        self.value = QSpinBox()
        self.value.setRange(0, FULL)
        self.value.setSuffix(" %")
        self.value.setKeyboardTracking(False)
        self.value.setAcceptDrops(False)
        self.slider.setValue(round(min(max(detail, 0), FULL)))
        self.value.setValue(self.slider.value())
        self._smooth, self._detailed = quiet_label(wrap=False), quiet_label(wrap=False)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self.changed)
        self._lay_out()
        self.slider.valueChanged.connect(self._rest)
        self.value.valueChanged.connect(self.slider.setValue)
        self.retranslate()

    @property
    def detail(self) -> float | None:
        """0 to below 100; None for the model as it is."""
        value = self.slider.value()
        return None if value == FULL else float(value)

    def show_detail(self, detail: float) -> None:
        """Show a value, telling nobody; not while a person is about to choose another."""
        if not self._timer.isActive():
            self.slider.blockSignals(True)
            self.slider.setValue(round(detail))
            self.slider.blockSignals(False)
            self.value.blockSignals(True)
            self.value.setValue(self.slider.value())
            self.value.blockSignals(False)

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

    @Slot(int)
    def _rest(self, value: int) -> None:
        self.value.setValue(value)
        self.moved.emit()
        self._timer.start()
