"""The question before work is stopped that could not go on from where it was."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.estimate_text import rough_time


def ask_stop(parent: QWidget, seconds: float) -> bool:
    """Whether to stop although ``seconds`` of work would be lost."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("SRGAN Desktop")
    box.setText(tr("Stop? {time} of work would be lost.", time=rough_time(seconds)))
    box.setInformativeText(tr("This model cannot go on from the middle; Start would begin anew."))
    stop = box.addButton(tr("Stop"), QMessageBox.ButtonRole.DestructiveRole)
    go_on = box.addButton(tr("Keep working"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(go_on)
    box.setEscapeButton(go_on)
    box.exec()
    return box.clickedButton() is stop
