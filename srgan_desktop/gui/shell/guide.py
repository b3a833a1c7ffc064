"""The guide: one page with pictures, from the first photo to a model of one's own.

docs/GUIDE.md says the same to those who have no window yet; a test compares them.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QDialog, QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.translation import language, tr
from srgan_desktop.gui.common.dialogs import Standard, buttons, column, heading
from srgan_desktop.gui.common.qimages import image_of
from srgan_desktop.gui.common.theme import SPACE

PICTURE_WIDTH = 640


@dataclass(frozen=True)
class Section:
    """``picture``: the name of a file in resources/guide, without language and ending."""

    title: str
    text: str
    picture: str


def sections() -> list[Section]:
    """In the order in which a newcomer needs them, in the present language."""
    return [
        Section(
            tr("Enlarge a photo"),
            tr(
                "Drop a photo on the window. The part you look at gets sharp first. Drag the "
                "divider to compare, turn the wheel to zoom, hold Space to see the original. "
                "Ctrl+S saves the result beside the original; nothing is overwritten."
            ),
            "enlarge",
        ),
        Section(
            tr("Choose how it looks"),
            tr(
                "The program sees how much noise, blur and JPEG damage a photo has and takes "
                "away as much: the sliders show it, and set it. Detail goes from smooth to "
                "lifelike: far to the right, texture is invented. Other models are in the list."
            ),
            "model",
        ),
        Section(
            tr("Choose the size"),
            tr(
                "2× to 8× at a press. Custom takes any factor, percent, megapixels, a side in "
                "pixels, or the size of a print in centimetres or inches; the file then says its "
                "resolution to the printer."
            ),
            "size",
        ),
        Section(
            tr("Enlarge only a part"),
            tr(
                "Crop (F9) shows the whole photo with a rectangle on it. Choose a ratio, drag the "
                "corners, press Enter: only this part is computed and saved."
            ),
            "crop",
        ),
        Section(
            tr("Many photos at once"),
            tr(
                "Drop files and folders on the Batch page and press Start. It goes on where it "
                "stopped, also after a crash, and tells what failed and what to do about it."
            ),
            "batch",
        ),
        Section(
            tr("Train a model of your own"),
            tr(
                "Choose a folder of sharp photos on the Train page, a kind of model and how long "
                "it may take. Curves and samples show how it learns. Training goes on when the "
                "window is closed, and the result is one click away from use."
            ),
            "train",
        ),
    ]


class GuideDialog(QDialog):
    """All of it, to scroll through."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Guide"))
        body = QWidget()
        body.setObjectName("panelBody")
        lines = QVBoxLayout(body)
        lines.setContentsMargins(SPACE, SPACE, 2 * SPACE, SPACE)
        lines.setSpacing(SPACE)
        for number, section in enumerate(sections(), 1):
            lines.addWidget(heading(f"{number}. {section.title}"))
            text = QLabel(section.text)
            text.setWordWrap(True)
            text.setTextFormat(Qt.TextFormat.PlainText)
            lines.addWidget(text)
            picture = QLabel()
            picture.setPixmap(_picture(section.picture))
            picture.setAccessibleName(section.title)
            lines.addWidget(picture)
            lines.addSpacing(2 * SPACE)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(body)
        self.area.setAccessibleName(tr("Guide"))
        layout = column(self)
        layout.addWidget(self.area)
        layout.addWidget(buttons(self, Standard.Close))
        room = parent.size() if parent is not None else self.sizeHint()
        self.resize(PICTURE_WIDTH + 10 * SPACE, max(400, room.height() - 8 * SPACE))
        self.area.setFocus()


def _picture(name: str) -> QPixmap:
    """In the present language, or in English; nothing where it is not carried."""
    import numpy as np
    from PIL import Image

    for spoken in (language(), "en"):
        path = places.resources() / "guide" / spoken / f"{name}.webp"
        if path.is_file():
            with Image.open(path) as image:
                pixmap = QPixmap.fromImage(image_of(np.asarray(image.convert("RGB"))))
            return pixmap.scaledToWidth(PICTURE_WIDTH, Qt.TransformationMode.SmoothTransformation)
    return QPixmap()
