"""Controls that few need, below a line that unfolds them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from srgan_desktop.gui.common.icons import icon
from srgan_desktop.gui.common.theme import SPACE


class Fold(QWidget):
    """Put the controls into ``rows``; the owner names ``toggle`` and recolours."""

    unfolded = Signal(bool)

    def __init__(self, *, is_open: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.toggle = QToolButton()
        self.toggle.setObjectName("fold")
        self.toggle.setCheckable(True)
        self.toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggle.setChecked(is_open)
        self.body = QWidget()
        self.rows = QVBoxLayout(self.body)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.setSpacing(SPACE)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(self.toggle, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.body)
        self.body.setVisible(is_open)
        self.toggle.toggled.connect(self._unfold)
        self.recolour()

    @Slot()
    def recolour(self) -> None:
        """The arrow in the theme's colour."""
        name = "expanded" if self.toggle.isChecked() else "collapsed"
        self.toggle.setIcon(icon(name, self.palette()))

    @Slot(bool)
    def _unfold(self, on: bool) -> None:
        self.body.setVisible(on)
        self.recolour()
        self.unfolded.emit(on)
