"""What the page asks before something ends or goes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from srgan_desktop.core.base.translation import tr, trn
from srgan_desktop.gui.common.dialogs import ask
from srgan_desktop.gui.training.form.plan import Plan

Role = QMessageBox.ButtonRole


def ask_leave_running(parent: QWidget, plans: Sequence[Plan]) -> str:
    """ "leave", "stop" or "cancel"; ``plans`` are those of the trainings."""
    names = ", ".join(f'"{plan.name}"' for plan in plans)
    text = trn("{names} is still training", "{names} are still training", len(plans), names=names)
    box = _box(parent, text)
    box.setInformativeText(
        tr("It can go on without the window; you will find it here when you come back.")
    )
    leave = box.addButton(tr("Keep training"), Role.AcceptRole)
    stop = box.addButton(tr("Save and stop"), Role.DestructiveRole)
    cancel = box.addButton(tr("Cancel"), Role.RejectRole)
    box.setDefaultButton(leave)
    box.setEscapeButton(cancel)
    box.exec()
    clicked = box.clickedButton()
    return "leave" if clicked is leave else "stop" if clicked is stop else "cancel"


def ask_delete(parent: QWidget, name: str) -> bool:
    """Whether a training is to be removed."""
    return ask(
        parent,
        tr("Delete the training {name}?", name=name),
        tr(
            "Its curves, samples and checkpoints go for good. Models that you have put to use "
            "stay, and so do your photos."
        ),
        yes=tr("Delete"),
        no=tr("Cancel"),
    )


def _box(parent: QWidget, text: str) -> QMessageBox:
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("SRGAN Desktop")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(text)
    return box
