"""Options under a name: pick one, keep the present ones, forget one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QInputDialog,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.batch.presets import NAME_LIMIT
from srgan_desktop.gui.common.dialogs import heading
from srgan_desktop.gui.common.icons import icon
from srgan_desktop.gui.common.theme import SPACE


class PresetControl(QWidget):
    """Knows only names."""

    picked = Signal(str)
    save_wanted = Signal(str)
    remove_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heading = heading()
        self.box = QComboBox()
        self.box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.more = QToolButton()
        self.more.setProperty("menuOnly", True)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.more)
        self.save_action = menu.addAction("")
        self.remove_action = menu.addAction("")
        self.more.setMenu(menu)
        row = QHBoxLayout()
        row.setSpacing(SPACE // 2)
        row.addWidget(self.box, 1)
        row.addWidget(self.more)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(self._heading)
        column.addLayout(row)
        self._names: list[str] = []
        self.box.activated.connect(self._pick)
        self.save_action.triggered.connect(self._ask_name)
        self.remove_action.triggered.connect(self._remove)
        self.retranslate()
        self.recolour()

    @property
    def name(self) -> str:
        """The preset that is in force; empty where the options are no preset's."""
        return str(self.box.currentData() or "")

    def show_names(self, names: Sequence[str], current: str = "") -> None:
        """What there is to pick; ``current`` is in force."""
        self._names = list(names)
        self.box.blockSignals(True)
        self.box.clear()
        self.box.addItem(tr("No preset"), "")
        for name in names:
            self.box.addItem(name, name)
        self.box.setCurrentIndex(max(0, self.box.findData(current)))
        self.box.blockSignals(False)
        self.remove_action.setEnabled(bool(self.name))

    def show_current(self, name: str) -> None:
        """Another one is in force, or none."""
        self.box.setCurrentIndex(max(0, self.box.findData(name)))
        self.remove_action.setEnabled(bool(self.name))

    def retranslate(self) -> None:
        """All texts in the present language."""
        self._heading.setText(tr("Preset"))
        self.box.setAccessibleName(tr("Preset"))
        self.more.setToolTip(tr("Save or delete presets"))
        self.more.setAccessibleName(self.more.toolTip())
        self.save_action.setText(tr("Save as preset…"))
        self.remove_action.setText(tr("Delete this preset"))
        self.show_names(self._names, self.name)

    def recolour(self) -> None:
        """The icon in the theme's colour."""
        self.more.setIcon(icon("more", self.palette()))

    @Slot()
    def _pick(self) -> None:
        self.remove_action.setEnabled(bool(self.name))
        if self.name:
            self.picked.emit(self.name)

    @Slot()
    def _ask_name(self) -> None:
        dialog = QInputDialog(self)
        dialog.setWindowTitle(tr("Save as preset"))
        dialog.setLabelText(tr("Preset name"))
        dialog.setTextValue(self.name)
        dialog.setOkButtonText(tr("Save"))
        dialog.setCancelButtonText(tr("Cancel"))
        if dialog.exec():
            name = dialog.textValue().strip()[:NAME_LIMIT]
            if name:
                self.save_wanted.emit(name)

    @Slot()
    def _remove(self) -> None:
        if self.name:
            self.remove_wanted.emit(self.name)
