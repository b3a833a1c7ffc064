"""Above the picture while a part of it is chosen: the ratio, what comes of it, done."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QPushButton, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.crop import Crop
from srgan_desktop.gui.common.elided_label import ElidedLabel
from srgan_desktop.gui.common.theme import SPACE

# of width to height; as photos are printed and shown
RATIOS = ((1, 1), (3, 2), (4, 3), (5, 4), (7, 5), (16, 9))
FREE, ORIGINAL = "free", "original"


class CropBar(QFrame):
    """Knows the ratios; the rectangle itself is the overlay's."""

    ratio_chosen = Signal(object)
    """Width by height, or None for any."""
    apply_wanted = Signal()
    whole_wanted = Signal()
    cancel_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self._size = (1, 1)
        self.ratio = QComboBox()
        self.turn = QPushButton()
        self.turn.setCheckable(True)
        self.pixels = ElidedLabel()
        self.apply, self.whole, self.cancel = QPushButton(), QPushButton(), QPushButton()
        self.apply.setProperty("primary", True)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * SPACE, SPACE, SPACE, SPACE)
        row.setSpacing(SPACE)
        for widget in (self.ratio, self.turn):
            row.addWidget(widget)
        row.addWidget(self.pixels, 1)
        for button in (self.apply, self.whole, self.cancel):
            row.addWidget(button)
        self.ratio.activated.connect(self._choose)
        self.turn.clicked.connect(self._choose)
        self.apply.clicked.connect(self.apply_wanted)
        self.whole.clicked.connect(self.whole_wanted)
        self.cancel.clicked.connect(self.cancel_wanted)
        self.retranslate()
        self.hide()

    def begin(self, size: tuple[int, int], *, cropped: bool) -> None:
        """For a picture of this size; whether only a part of it is enlarged so far."""
        self._size = size
        self.ratio.setCurrentIndex(0)
        self.turn.setChecked(size[1] > size[0])
        self.turn.setEnabled(False)
        self.whole.setVisible(cropped)
        self.show()

    def show_crop(self, crop: Crop) -> None:
        """What would be cut out now."""
        self.pixels.setText(tr("{width} × {height} pixels", width=crop.width, height=crop.height))

    def retranslate(self) -> None:
        """All texts in the present language."""
        chosen = max(0, self.ratio.currentIndex())
        self.ratio.clear()
        self.ratio.addItem(tr("Free"), FREE)
        self.ratio.addItem(tr("As the original"), ORIGINAL)
        for pair in RATIOS:
            self.ratio.addItem(f"{pair[0]} : {pair[1]}", pair)
        self.ratio.setCurrentIndex(chosen)
        self.ratio.setAccessibleName(tr("Ratio of the part"))
        self.ratio.setToolTip(self.ratio.accessibleName())
        self.turn.setText(tr("Upright"))
        self.turn.setToolTip(tr("Higher than wide"))
        self.apply.setText(tr("Crop"))
        self.apply.setToolTip(tr("Enlarge only this part (Enter)"))
        self.whole.setText(tr("Uncrop"))
        self.whole.setToolTip(tr("Enlarge the whole picture again"))
        self.cancel.setText(tr("Cancel"))

    @Slot()
    def _choose(self) -> None:
        chosen = self.ratio.currentData()
        self.turn.setEnabled(chosen not in (FREE, ORIGINAL) and tuple(chosen) != (1, 1))
        self.ratio_chosen.emit(self._ratio())

    def _ratio(self) -> float | None:
        chosen = self.ratio.currentData()
        if chosen == FREE:
            return None
        width, height = self._size if chosen == ORIGINAL else chosen
        turned = self.turn.isChecked() and chosen != ORIGINAL
        return float(height / width if turned else width / height)
