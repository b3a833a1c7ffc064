"""A folder whose new pictures are taken by themselves."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.collapsible import Fold
from srgan_desktop.gui.common.dialogs import quiet_label
from srgan_desktop.gui.common.icons import icon
from srgan_desktop.gui.common.settings import Settings
from srgan_desktop.gui.common.theme import SPACE
from srgan_desktop.gui.common.typed_path import typed_folder


class WatchControl(QWidget):
    """A switch with a folder. The folder is remembered, the switch is not: no silent work."""

    switched = Signal()

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        folder = settings.text("batch/watch_folder")
        self.fold = Fold(is_open=bool(folder))
        self.switch = QCheckBox()
        self.folder_name = QLineEdit(folder)
        self.folder_name.setAcceptDrops(False)
        self.browse = QToolButton()
        self.state = quiet_label()
        row = QHBoxLayout()
        row.setSpacing(SPACE // 2)
        row.addWidget(self.folder_name, 1)
        row.addWidget(self.browse)
        self.fold.rows.addLayout(row)
        self.fold.rows.addWidget(self.switch)
        self.fold.rows.addWidget(self.state)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.fold)
        self.browse.clicked.connect(self._browse)
        self.folder_name.textChanged.connect(self._edit)
        self.switch.toggled.connect(self.switched)
        self.retranslate()
        self.recolour()
        self._edit()
        self.show_state("", False)

    @property
    def folder(self) -> Path | None:
        """What is watched; None while it is switched off or there is no such folder."""
        return self._path() if self.switch.isChecked() else None

    @Slot()
    def switch_off(self) -> None:
        """As a person would."""
        self.switch.setChecked(False)

    @Slot(str, bool)
    def show_state(self, text: str, wrong: bool) -> None:
        """How it goes, below the switch."""
        self.state.setText(text)
        self.state.setProperty("wrong", wrong)
        self.state.style().unpolish(self.state)
        self.state.style().polish(self.state)
        self.state.setVisible(bool(text))

    def retranslate(self) -> None:
        """All texts in the present language."""
        self.fold.toggle.setText(tr("Watch a folder"))
        self.switch.setText(tr("Process new pictures automatically"))
        self.folder_name.setPlaceholderText(tr("No folder chosen"))
        self.folder_name.setAccessibleName(tr("Watched folder"))
        self.browse.setToolTip(tr("Choose the folder to watch"))
        self.browse.setAccessibleName(self.browse.toolTip())

    def recolour(self) -> None:
        """Icons in the theme's colours."""
        self.fold.recolour()
        self.browse.setIcon(icon("folder", self.palette()))

    def _path(self) -> Path | None:
        return typed_folder(self.folder_name.text())

    @Slot()
    def _edit(self) -> None:
        there = self._path() is not None
        self.switch.setEnabled(there)
        if self.switch.isChecked():
            # another folder is another request
            self.switch.setChecked(False)
        if there:
            self._settings.set("batch/watch_folder", self.folder_name.text().strip())

    @Slot()
    def _browse(self) -> None:
        name = QFileDialog.getExistingDirectory(
            self, tr("Folder to watch"), self.folder_name.text()
        )
        if name:
            self.folder_name.setText(name)
