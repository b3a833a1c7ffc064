"""What the finished model shall be called, and where it goes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from srgan_desktop.core.base.console import seconds_text
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.weights.headers import SUFFIX
from srgan_desktop.gui.common.dialogs import column, quiet_label
from srgan_desktop.gui.common.save_file import ask_for_target
from srgan_desktop.gui.common.theme import SPACE
from srgan_desktop.gui.training.runs.history import History
from srgan_desktop.gui.training.runs.keep_model import ModelRequest, free_name

_DESCRIPTION_HEIGHT = 84


class ModelDialog(QDialog):
    """Gives a ``ModelRequest``; nothing is written here."""

    wanted = Signal(object)

    def __init__(self, history: History, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Use this model"))
        self.setMinimumWidth(520)
        self.name = QLineEdit(free_name(history.training.plan.name))
        self.description = QPlainTextEdit(described(history))
        self.description.setFixedHeight(_DESCRIPTION_HEIGHT)
        self.description.setTabChangesFocus(True)
        self.problem = quiet_label()
        self.problem.setProperty("wrong", True)
        form = QFormLayout()
        form.setHorizontalSpacing(2 * SPACE)
        form.setVerticalSpacing(SPACE)
        form.addRow(tr("Name"), self.name)
        form.addRow(tr("Description"), self.description)
        self.name.setAccessibleName(tr("Name"))
        self.description.setAccessibleName(tr("Description"))
        note = QLabel(_note(history))
        note.setWordWrap(True)
        self.use = QPushButton(tr("Use in Upscale"))
        self.use.setProperty("primary", True)
        self.use.setDefault(True)
        self.export = QPushButton(tr("Save to a file…"))
        cancel = QPushButton(tr("Cancel"))
        box = QDialogButtonBox()
        role = QDialogButtonBox.ButtonRole
        box.addButton(self.export, role.ActionRole)
        box.addButton(cancel, role.RejectRole)
        box.addButton(self.use, role.AcceptRole)
        layout = column(self)
        layout.addWidget(note)
        layout.addLayout(form)
        layout.addWidget(self.problem)
        layout.addWidget(box)
        self.use.clicked.connect(self._use)
        self.export.clicked.connect(self._export)
        box.rejected.connect(self.reject)
        self.name.textChanged.connect(self._check)
        self._check()

    def request(self, target: Path | None = None) -> ModelRequest:
        """What is in the fields."""
        name = self.name.text().strip()
        return ModelRequest(name, name, self.description.toPlainText().strip(), target)

    @Slot()
    def _check(self) -> None:
        name = self.name.text().strip()
        text = "" if name else tr("Enter a name.")
        if name and free_name(name) != name:
            text = tr("This name is taken, or cannot be the name of a file.")
        self.problem.setText(text)
        self.use.setEnabled(not text)

    @Slot()
    def _use(self) -> None:
        self.wanted.emit(self.request())
        self.accept()

    @Slot()
    def _export(self) -> None:
        first = Path.home() / f"{self.name.text().strip() or 'model'}{SUFFIX}"
        target = ask_for_target(self, tr("Save to a file…"), first, [(tr("Models"), SUFFIX)])
        if target is not None:
            self.wanted.emit(self.request(target))
            self.accept()


def described(history: History) -> str:
    """A first description, from the run itself."""
    training, best = history.training, history.best
    seconds = sum(last.seconds for last in history.last.values())
    started = history.started.get(0)
    text = tr(
        "Trained on {n} photos of {folder} for {time}.",
        n=started.pictures if started is not None else 0,
        folder=training.plan.data.name,
        time=seconds_text(seconds),
    )
    if best is not None:
        text += " " + tr(
            "PSNR {psnr} dB on photos it has not seen, against {bicubic} of plain enlargement.",
            psnr=f"{best.psnr:.2f}",
            bicubic=f"{best.bicubic:.2f}",
        )
    return text


def _note(history: History) -> str:
    if history.training.plan.is_pair and any(look.stage == 1 for look in history.validations):
        return tr(
            "Both models are kept, and the Upscale page lets you choose between smooth and "
            "detailed. What it was trained with is written into the file."
        )
    return tr(
        "The model that was best on photos it has not seen. What it was trained with is written "
        "into the file."
    )
