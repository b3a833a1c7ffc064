"""One line above the picture for what a person should know; never a dialog."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.icons import icon, pixmap
from srgan_desktop.gui.common.theme import SPACE, Theme, restyle

ICON_SIDE = 20
KINDS = ("info", "warning", "done")


class MessageBar(QFrame):
    """Shows the newest message, with at most one thing to do about it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self._theme = theme
        self._act: Callable[[], object] | None = None
        self.kind = "info"
        self._icon = QLabel()
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.action = QPushButton()
        self.action.clicked.connect(self._do)
        self.dismiss = QToolButton()
        self.dismiss.clicked.connect(self.clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * SPACE, SPACE, SPACE, SPACE)
        row.setSpacing(SPACE)
        row.addWidget(self._icon)
        row.addWidget(self.label, 1)
        row.addWidget(self.action)
        row.addWidget(self.dismiss)
        theme.changed.connect(self.recolour)
        self.retranslate()
        self.recolour()
        self.hide()

    def show_message(
        self,
        text: str,
        kind: str = "info",
        *,
        action: str = "",
        act: Callable[[], object] | None = None,
    ) -> None:
        """Replace what is said; ``action`` names a button that calls ``act``."""
        self.kind = kind
        self._act = act
        self.label.setText(text)
        self.action.setText(action)
        self.action.setVisible(bool(action))
        self.setAccessibleName(text)
        self.recolour()
        restyle(self, "kind", kind)
        self.show()

    @Slot()
    def clear(self) -> None:
        """Nothing to say."""
        self._act = None
        self.hide()

    @property
    def text(self) -> str:
        """What is said; empty when nothing is."""
        return "" if self.isHidden() else self.label.text()

    def retranslate(self) -> None:
        """The button's words."""
        self.dismiss.setToolTip(tr("Close this message"))
        self.dismiss.setAccessibleName(tr("Close this message"))

    @Slot()
    def recolour(self) -> None:
        """Icons in the theme's colours."""
        shades = self._theme.shades
        colour = QColor(shades.warning if self.kind == "warning" else shades.accent)
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(pixmap(self.kind, colour, ICON_SIDE, ratio))
        self.dismiss.setIcon(icon("close", self.palette()))

    @Slot()
    def _do(self) -> None:
        if self._act is not None:
            self._act()
