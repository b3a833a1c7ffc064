"""A box with a folder in it, or with what happens without one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QFileDialog

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.wheel import QuietComboBox

WITHOUT, GIVEN, CHOOSE = "without", "given", "choose"


class FolderChoice(QuietComboBox):
    """The folder is chosen in a dialog; the box remembers it."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.folder: Path | None = None
        self._without = self._title = ""
        self.activated.connect(self._choose)

    def set_texts(self, without: str, title: str) -> None:
        """What is said without a folder, and above the dialog."""
        self._without, self._title = without, title
        self._offer()

    def set_folder(self, folder: Path | None) -> None:
        """This one, or none."""
        self.folder = folder
        self._offer()
        self.changed.emit()

    @Slot()
    def _choose(self) -> None:
        chosen = self.currentData()
        if chosen == CHOOSE:
            start = str(self.folder or "")
            name = QFileDialog.getExistingDirectory(self, self._title, start)
            self.set_folder(Path(name) if name else self.folder)
        else:
            self.set_folder(self.folder if chosen == GIVEN else None)

    def _offer(self) -> None:
        with QSignalBlocker(self):
            self.clear()
            self.addItem(self._without, WITHOUT)
            if self.folder is not None:
                self.addItem(str(self.folder), GIVEN)
            self.addItem(tr("Choose folder…"), CHOOSE)
            self.setCurrentIndex(0 if self.folder is None else 1)
