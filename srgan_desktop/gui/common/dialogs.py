"""Small helpers that all dialogs share."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.io import FORMATS
from srgan_desktop.gui.common.theme import SPACE, restyle
from srgan_desktop.gui.common.wheel import WheelGuard

Standard = QDialogButtonBox.StandardButton


def open_once(dialog: QDialog) -> None:
    """Show a dialog that is gone for good once it is closed."""
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    WheelGuard(dialog).guard(dialog)
    dialog.open()


def ask(
    parent: QWidget, question: str, detail: str, *, yes: str, no: str, destructive: bool = True
) -> bool:
    """Whether a person chose ``yes``; ``no`` is what Enter and Escape mean.

    Args:
        destructive: what ``yes`` takes away is gone for good.
    """
    roles = QMessageBox.ButtonRole
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("SRGAN Desktop")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(question)
    box.setInformativeText(detail)
    agree = box.addButton(yes, roles.DestructiveRole if destructive else roles.AcceptRole)
    decline = box.addButton(no, roles.RejectRole)
    box.setDefaultButton(decline)
    box.setEscapeButton(decline)
    box.exec()
    return box.clickedButton() is agree


def image_filter() -> str:
    """For dialogs that ask for pictures: all that can be read, then all files."""
    endings = " ".join(f"*{end}" for entry in FORMATS.values() for end in entry.extensions)
    pictures, others = tr("Pictures"), tr("All files")
    return f"{pictures} ({endings} {endings.upper()});;{others} (*)"


def column(dialog: QDialog) -> QVBoxLayout:
    """The dialog's own layout, with the usual room around and between."""
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
    layout.setSpacing(SPACE)
    return layout


def buttons(dialog: QDialog, *which: Standard) -> QDialogButtonBox:
    """A row of buttons in the program's language, connected to accept and reject."""
    texts = {
        Standard.Close: tr("Close"),
        Standard.Cancel: tr("Cancel"),
        Standard.Save: tr("Save"),
        Standard.Discard: tr("Discard"),
    }
    box = QDialogButtonBox(dialog)
    for kind in which:
        button = box.addButton(kind)
        button.setText(texts.get(kind, button.text()))
        restyle(button, "primary", kind == Standard.Save)
    box.accepted.connect(dialog.accept)
    box.rejected.connect(dialog.reject)
    return box


def fixed_text(text: str = "") -> QPlainTextEdit:
    """Text to read and copy, in letters of one width."""
    edit = QPlainTextEdit(text)
    edit.setReadOnly(True)
    edit.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    return edit


def quiet_label(text: str = "", *, wrap: bool = True) -> QLabel:
    """A remark in a paler colour."""
    label = QLabel(text)
    label.setWordWrap(wrap)
    label.setProperty("quiet", True)
    return label


def field_label(text: str = "") -> QLabel:
    """A name beside a field in a form, as tall as the field, so that their texts share a line."""
    label = QLabel(text)
    label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
    return label


def heading(text: str = "") -> QLabel:
    """The name of a group of controls."""
    label = QLabel(text)
    label.setProperty("heading", True)
    return label
