"""The one question this page asks: what to do with a result that was never saved."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from srgan_desktop.core.translation import tr


def ask_unsaved(parent: QWidget, name: str) -> str:
    """ "save", "discard" or "cancel"."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("SRGAN Desktop")
    box.setText(tr("The result for {name} has not been saved.", name=name))
    box.setInformativeText(tr("Save it before closing?"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    save = box.addButton(tr("Save"), QMessageBox.ButtonRole.AcceptRole)
    discard = box.addButton(tr("Discard"), QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(save)
    box.setEscapeButton(cancel)
    box.exec()
    clicked = box.clickedButton()
    return "save" if clicked is save else "discard" if clicked is discard else "cancel"
