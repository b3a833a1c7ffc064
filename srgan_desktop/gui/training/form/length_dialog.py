"""Another end for a training that was begun: more time, or less."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QWidget

from srgan_desktop.core.base.console import seconds_text
from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import column, quiet_label
from srgan_desktop.gui.training.form.field import Field
from srgan_desktop.gui.training.form.length_control import Length, LengthControl
from srgan_desktop.gui.training.runs.history import History


class LengthDialog(QDialog):
    """Gives the whole ``Length`` of the stage it has come to."""

    chosen = Signal(object)

    def __init__(self, history: History, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Train longer"))
        self.setMinimumWidth(420)
        last = history.last.get(history.stage)
        self._spent = last.seconds if last is not None else 0.0
        self._step = last.step if last is not None else 0
        self.length = LengthControl()
        self.field = Field(self.length)
        self.field.set_name(tr("Total training time, including what is done"))
        note = quiet_label(
            tr(
                "So far {time} and {n} steps. With another end the learning rate is spread over "
                "the new length.",
                time=seconds_text(self._spent),
                n=f"{self._step:,}",
            )
        )
        self.use, cancel = QPushButton(tr("Continue")), QPushButton(tr("Cancel"))
        self.use.setProperty("primary", True)
        box = QDialogButtonBox()
        box.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)
        box.addButton(self.use, QDialogButtonBox.ButtonRole.AcceptRole)
        layout = column(self)
        for widget in (note, self.field, box):
            layout.addWidget(widget)
        self.length.changed.connect(self._check)
        self.use.clicked.connect(self._use)
        box.rejected.connect(self.reject)
        self._check()

    def _problem(self) -> str:
        try:
            length = self.length.length()
        except UsageError as error:
            return str(error)
        return "" if self._is_more(length) else tr("Less than is done already.")

    def _is_more(self, length: Length) -> bool:
        if length.budget_s is not None:
            return length.budget_s > self._spent
        return (length.steps or 0) > self._step

    @Slot()
    def _check(self) -> None:
        problem = self._problem()
        self.field.set_problem(problem)
        self.use.setEnabled(not problem)

    @Slot()
    def _use(self) -> None:
        if not self._problem():
            self.chosen.emit(self.length.length())
            self.accept()
