"""The slim row of pages at the window's left; not there as long as there is only one page."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QVBoxLayout, QWidget

from srgan_desktop.gui.common.icons import icon
from srgan_desktop.gui.common.page import Page
from srgan_desktop.gui.common.theme import SPACE

WIDTH = 76


class PageSwitcher(QFrame):
    """One button per page."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("switcher")
        self.setFixedWidth(WIDTH)
        self._pages: list[Page] = []
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(self.chosen)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(SPACE // 2, SPACE, SPACE // 2, SPACE)
        self._layout.setSpacing(SPACE // 2)
        self._layout.addStretch(1)
        self.hide()

    def add(self, page: Page) -> None:
        """One more page; the first is chosen."""
        button = QToolButton()
        button.setCheckable(True)
        button.setIconSize(QSize(24, 24))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setFixedWidth(WIDTH - SPACE)
        self._group.addButton(button, len(self._pages))
        self._layout.insertWidget(len(self._pages), button)
        self._pages.append(page)
        button.setChecked(len(self._pages) == 1)
        self.setVisible(len(self._pages) > 1)
        self.refresh()

    def choose(self, index: int) -> None:
        """Mark a page as shown."""
        self._group.button(index).setChecked(True)

    @Slot()
    def refresh(self) -> None:
        """Texts and icons anew, after another language or theme."""
        for index, page in enumerate(self._pages):
            button = self._group.button(index)
            button.setText(page.title())
            button.setIcon(icon(page.icon_name, self.palette()))
