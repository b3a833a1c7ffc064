"""What is done once the last picture is done: open the folder, run a command."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QLineEdit, QVBoxLayout, QWidget

from srgan_desktop.core.base.translation import tr, trn
from srgan_desktop.gui.common.collapsible import Fold
from srgan_desktop.gui.common.dialogs import quiet_label
from srgan_desktop.gui.common.settings import Settings

FIELDS = "{folder} {done} {failed}"

# read through a name, so that type checkers look at the code for all systems
_SYSTEM: str = sys.platform


class EndingControl(QWidget):
    """Remembers what is chosen."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        wanted = settings.flag("batch/open_folder") or bool(settings.text("batch/command"))
        self.fold = Fold(is_open=wanted)
        self.open_folder = QCheckBox()
        self.open_folder.setChecked(settings.flag("batch/open_folder"))
        self.command = QLineEdit(settings.text("batch/command"))
        self.command.setAcceptDrops(False)
        self._fields = quiet_label()
        for widget in (self.open_folder, self.command, self._fields):
            self.fold.rows.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.fold)
        self.open_folder.toggled.connect(self._keep)
        self.command.editingFinished.connect(self._keep)
        self.retranslate()

    def retranslate(self) -> None:
        """All texts in the present language."""
        self.fold.toggle.setText(tr("When finished"))
        self.open_folder.setText(tr("Open output folder"))
        self.command.setPlaceholderText(tr("Run a command"))
        self.command.setAccessibleName(tr("Command to run when finished"))
        self._fields.setText(tr("Fields: {fields}", fields=FIELDS))

    def recolour(self) -> None:
        """The arrow in the theme's colour."""
        self.fold.recolour()

    @Slot()
    def _keep(self) -> None:
        self._settings.set("batch/open_folder", self.open_folder.isChecked())
        self._settings.set("batch/command", self.command.text().strip())


def counts_text(counts: Mapping[str, int]) -> str:
    """ "800 done, 12 failed" by status; empty where nothing was done."""
    parts = [
        trn("{n} done", "{n} done", counts.get("done", 0)),
        trn("{n} failed", "{n} failed", counts.get("failed", 0)),
        trn("{n} skipped", "{n} skipped", counts.get("skipped", 0)),
    ]
    numbers = (counts.get("done", 0), counts.get("failed", 0), counts.get("skipped", 0))
    return tr(", ").join(part for part, n in zip(parts, numbers, strict=True) if n)


def command_words(command: str, values: Mapping[str, object]) -> list[str]:
    """Program and arguments, the fields filled in; a field is never more than one argument.

    Raises ValueError where quotes are left open.
    """
    words = shlex.split(command, posix=_SYSTEM != "win32")
    filled = []
    for word in words:
        for name, value in values.items():
            word = word.replace("{" + name + "}", str(value))  # noqa: PLW2901
        filled.append(word.strip('"') if _SYSTEM == "win32" else word)
    return filled


def run_command(command: str, values: Mapping[str, object]) -> str:
    """Start it and let it be; what went wrong, or empty."""
    try:
        words = command_words(command, values)
    except ValueError as error:
        return tr("The command cannot be read: {reason}", reason=error)
    if not words:
        return ""
    if not QProcess.startDetached(words[0], words[1:])[0]:
        return tr("The command could not be started: {command}", command=words[0])
    return ""


def open_folder(folder: Path) -> bool:
    """In the system's file manager; whether there is one."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
