"""What is seen before there is a picture: where to drop one, and a button."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import quiet_label
from srgan_desktop.gui.common.icons import pixmap
from srgan_desktop.gui.common.theme import SPACE, Theme, restyle

ICON_SIDE = 64


class EmptyState(QWidget):
    """A calm target. Drops are taken by the page, which covers it."""

    icon_name = "picture"
    open_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._frame = QFrame()
        self._frame.setObjectName("dropFrame")
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title = QLabel()
        self._title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._what = quiet_label()
        self._what.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.open_button = QPushButton()
        self.open_button.setProperty("primary", True)
        self.open_button.clicked.connect(self.open_wanted)
        font = self._title.font()
        font.setPointSizeF(font.pointSizeF() * 1.5)
        self._title.setFont(font)
        column = QVBoxLayout(self._frame)
        column.setContentsMargins(4 * SPACE, 4 * SPACE, 4 * SPACE, 4 * SPACE)
        column.setSpacing(2 * SPACE)
        column.addStretch(1)
        for widget in (self._icon, self._title, self._what):
            column.addWidget(widget)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(SPACE)
        self.buttons.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.buttons.addWidget(self.open_button)
        column.addLayout(self.buttons)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(3 * SPACE, 3 * SPACE, 3 * SPACE, 3 * SPACE)
        outer.addWidget(self._frame)
        theme.changed.connect(self.recolour)
        self.retranslate()
        self.recolour()

    def set_inviting(self, inviting: bool) -> None:
        """Something that can be opened hovers over the window."""
        restyle(self._frame, "inviting", inviting)

    def retranslate(self) -> None:
        """All texts in the present language."""
        paste = QKeySequence(QKeySequence.StandardKey.Paste).toString(
            QKeySequence.SequenceFormat.NativeText
        )
        self.show_texts(
            tr("Drop a photo here"),
            tr(
                "One or many, or a folder: JPEG, PNG, WebP, TIFF, HEIC, AVIF and more.\n"
                "{keys} takes a picture from the clipboard.",
                keys=paste,
            ),
            tr("Open…"),
        )

    def show_texts(self, title: str, what: str, button: str) -> None:
        """What is said in the middle, and on the button."""
        self._title.setText(title)
        self._what.setText(what)
        self.open_button.setText(button)

    @Slot()
    def recolour(self) -> None:
        """The icon in the accent colour."""
        colour = QColor(self._theme.shades.accent)
        self._icon.setPixmap(pixmap(self.icon_name, colour, ICON_SIDE, self.devicePixelRatioF()))
