"""The one question this page asks: what to do with results that were never saved."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from srgan_desktop.core.base.translation import tr

NAMED = 8


def ask_unsaved(parent: QWidget, names: Sequence[str], question: str) -> str:
    """ "save", "discard" or "cancel"; ``names`` are the pictures'."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("SRGAN Desktop")
    box.setText(_statement(names))
    box.setInformativeText(question)
    box.setTextFormat(Qt.TextFormat.PlainText)
    one = len(names) == 1
    save = box.addButton(tr("Save") if one else tr("Save all"), QMessageBox.ButtonRole.AcceptRole)
    discard = box.addButton(tr("Discard"), QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(save)
    box.setEscapeButton(cancel)
    box.exec()
    clicked = box.clickedButton()
    return "save" if clicked is save else "discard" if clicked is discard else "cancel"


def _statement(names: Sequence[str]) -> str:
    if len(names) == 1:
        return tr("The result for {name} has not been saved.", name=names[0])
    lines = [*names[:NAMED], *(["…"] if len(names) > NAMED else [])]
    return "\n".join([tr("{n} results have not been saved:", n=len(names)), *lines])
