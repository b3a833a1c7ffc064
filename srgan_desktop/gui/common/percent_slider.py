"""A slider and its number, which move together."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QSpinBox

from srgan_desktop.gui.common.jump_slider import JumpSlider

FULL = 100
SETTLE_MS = 150
LARGE_STEP = 10


class PercentSlider(QObject):
    """Tells once it rests, so that no step on the way is computed. Both widgets are to be laid out.

    Attributes:
        slider, value: 0 to 100.
    """

    moved = Signal()
    """The value is another now; ``changed`` follows once it rests."""
    changed = Signal()

    def __init__(self, value: float, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.slider = JumpSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, FULL)
        self.slider.setPageStep(LARGE_STEP)
        self.value = QSpinBox()
        self.value.setRange(0, FULL)
        self.value.setSuffix(" %")
        self.value.setKeyboardTracking(False)
        self.value.setAcceptDrops(False)
        self.show_percent(value)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self.changed)
        self.slider.valueChanged.connect(self._rest)
        self.value.valueChanged.connect(self.slider.setValue)

    @property
    def rests(self) -> bool:
        """Whether nobody is about to choose another value."""
        return not self._timer.isActive()

    def show_percent(self, value: float) -> None:
        """Stand there, telling nobody."""
        wanted = round(min(max(value, 0), FULL))
        for widget in (self.slider, self.value):
            widget.blockSignals(True)
            widget.setValue(wanted)
            widget.blockSignals(False)

    @Slot(int)
    def _rest(self, value: int) -> None:
        self.value.setValue(value)
        self.moved.emit()
        self._timer.start()
