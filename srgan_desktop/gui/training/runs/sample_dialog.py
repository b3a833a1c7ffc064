"""Two of a sample's pictures in the before/after viewer."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QLabel, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import Standard, buttons, column
from srgan_desktop.gui.common.shown_pixels import Shown
from srgan_desktop.gui.common.theme import SPACE
from srgan_desktop.gui.training.runs.samples import KINDS, Strip, sample_titles
from srgan_desktop.gui.viewer import BeforeAfterViewer, TiledImage

FIRST_PAIR = ("bicubic", "now")


class SampleDialog(QDialog):
    """Compares any two of them; the divider is moved as on the Upscale page."""

    def __init__(self, strip: Strip, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Sample"))
        self.resize(760, 640)
        self._strip = strip
        self.viewer = BeforeAfterViewer()
        self.viewer.set_labels_visible(False)
        self.left, self.right = QComboBox(), QComboBox()
        titles = sample_titles()
        pair = (kind, "now") if kind in ("lr", "bicubic", "best") else FIRST_PAIR
        pair = ("now", "original") if kind == "original" else pair
        for box, chosen in ((self.left, pair[0]), (self.right, pair[1])):
            for name in KINDS:
                box.addItem(titles[name], name)
            box.setCurrentIndex(KINDS.index(chosen))
            box.activated.connect(self._show)
        self.left.setAccessibleName(tr("Left of the divider"))
        self.right.setAccessibleName(tr("Right of the divider"))
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        row.addWidget(self.left)
        row.addStretch(1)
        row.addWidget(QLabel("|"))
        row.addStretch(1)
        row.addWidget(self.right)
        layout = column(self)
        layout.addLayout(row)
        layout.addWidget(self.viewer, 1)
        layout.addWidget(buttons(self, Standard.Close))
        self.finished.connect(self.viewer.shutdown)
        self._show()

    @Slot()
    def _show(self) -> None:
        before, after = (
            TiledImage(_pixels(self._strip.pictures[box.currentData()]))
            for box in (self.left, self.right)
        )
        self.viewer.set_images(before, after, after.size)


def _pixels(image: QImage) -> Shown:
    """(H, W, 3) uint8; one grey pixel where there is no picture."""
    if image.isNull():
        return np.full((1, 1, 3), 128, np.uint8)
    flat = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(flat.constBits(), np.uint8).reshape(flat.height(), flat.bytesPerLine())
    pixels = rows[:, : 3 * flat.width()].reshape(flat.height(), flat.width(), 3)
    # a copy: the image's own memory goes with it
    return np.array(pixels)
