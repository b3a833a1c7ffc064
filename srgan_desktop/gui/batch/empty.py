"""What is seen while the list is empty: what this page is for, and how to begin."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.empty_state import EmptyState
from srgan_desktop.gui.common.theme import Theme


class EmptyBatch(EmptyState):
    """As on the Upscale page, with a second button for folders."""

    icon_name = "batch"
    folder_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.folder_button = QPushButton()
        super().__init__(theme, parent)
        self.folder_button.clicked.connect(self.folder_wanted)
        self.buttons.addWidget(self.folder_button)

    def retranslate(self) -> None:
        """All texts in the present language."""
        self.show_texts(
            tr("Drop pictures and folders here"),
            tr(
                "All of them are enlarged one after the other, as many as there are.\n"
                "The list survives a restart; folders keep their tree."
            ),
            tr("Add pictures…"),
        )
        self.folder_button.setText(tr("Add folder…"))
