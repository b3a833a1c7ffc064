"""What happens when the batch is done: open the folder, run a command."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QLineEdit, QVBoxLayout, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import quiet_label
from srgan_desktop.gui.common.fold import Fold
from srgan_desktop.gui.common.settings import Settings

FIELDS = "{folder} {done} {failed}"


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
        self.fold.toggle.setText(tr("When all is done"))
        self.open_folder.setText(tr("Open the output folder"))
        self.command.setPlaceholderText(tr("Run a command"))
        self.command.setAccessibleName(tr("Command that is run at the end"))
        self._fields.setText(tr("{fields} are filled in", fields=FIELDS))

    def recolour(self) -> None:
        """The arrow in the theme's colour."""
        self.fold.recolour()

    @Slot()
    def _keep(self) -> None:
        self._settings.set("batch/open_folder", self.open_folder.isChecked())
        self._settings.set("batch/command", self.command.text().strip())
