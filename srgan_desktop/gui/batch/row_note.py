"""Below the list: why the current picture failed, in full, and what to do about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.jobs.item import Item
from srgan_desktop.gui.batch.cells import short_error
from srgan_desktop.gui.common.icons import pixmap
from srgan_desktop.gui.common.theme import SPACE, Theme

ICON_SIDE = 20


class RowNote(QFrame):
    """Not there for a picture of which nothing is to be said."""

    retry_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self._theme = theme
        self._item: Item | None = None
        self._icon = QLabel()
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.retry = QPushButton()
        self.retry.clicked.connect(self.retry_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * SPACE, SPACE, SPACE, SPACE)
        row.setSpacing(SPACE)
        row.addWidget(self._icon)
        row.addWidget(self.label, 1)
        row.addWidget(self.retry)
        theme.changed.connect(self.recolour)
        self.show_item(None)
        self.retranslate()
        self.recolour()

    @property
    def text(self) -> str:
        """What is said; empty where nothing is."""
        return "" if self.isHidden() else self.label.text()

    def show_item(self, item: Item | None) -> None:
        """The current picture, or None."""
        self._item = item
        text = note_text(item) if item is not None else ""
        self.label.setText(text)
        self.setVisible(bool(text))

    def retranslate(self) -> None:
        """All texts in the present language."""
        self.retry.setText(tr("Retry"))
        self.show_item(self._item)

    def recolour(self) -> None:
        """The icon in the theme's colour."""
        colour = QColor(self._theme.shades.warning)
        self._icon.setPixmap(pixmap("warning", colour, ICON_SIDE, self.devicePixelRatioF()))


def note_text(item: Item) -> str:
    """Why it failed or was skipped, and what to do; empty for all others."""
    if item.status == "failed":
        return f"{item.source.name}: {short_error(item)}\n{advice(item.kind)}"
    if item.status == "skipped" and item.target is not None:
        return tr(
            "{name}: {target} already exists. To enlarge it again, choose Keep both or Overwrite "
            "for existing files, then Retry.",
            name=item.source.name,
            target=item.target.name,
        )
    return ""


def advice(kind: str | None) -> str:
    """What to do after a failure; ``kind`` as in ``FileFailed``."""
    smaller = tr("Choose a smaller size or close other programs, then press Retry.")
    model = tr("Choose another model, then press Retry.")
    known = {
        "read": tr(
            "Check whether the file opens in another program. Replace it and press Retry, "
            "or remove it from the list."
        ),
        "too_large": smaller,
        "out_of_memory": smaller,
        "no_room": smaller,
        "write": tr("Check the output folder and the free disk space, then press Retry."),
        "format_limit": tr("Choose another format or a smaller size, then press Retry."),
        "model": model,
        "model_not_found": model,
        "device": tr("Choose another device in the settings, then press Retry."),
        "usage": tr("Change the size or the other options, then press Retry."),
    }
    return known.get(kind or "", tr("Press Retry to try again."))
