"""What the page asks before the window goes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from srgan_desktop.core.base.translation import tr, trn

Role = QMessageBox.ButtonRole


def ask_close(parent: QWidget, left: int) -> bool:
    """Whether the window shall close although the batch works; ``left`` pictures are not done."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("SRGAN Desktop")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(
        trn(
            "The batch is still at work: {n} picture is left.",
            "The batch is still at work: {n} pictures are left.",
            left,
        )
    )
    box.setInformativeText(
        tr("The list is kept, and so is all that is done. You can go on with it next time.")
    )
    close = box.addButton(tr("Close"), Role.AcceptRole)
    stay = box.addButton(tr("Go on working"), Role.RejectRole)
    box.setDefaultButton(stay)
    box.setEscapeButton(stay)
    box.exec()
    return box.clickedButton() is close
