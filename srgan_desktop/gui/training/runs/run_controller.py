"""What a person does with the training that is looked at: use, lengthen, rename, delete it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QInputDialog

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import open_once
from srgan_desktop.gui.common.error_text import explain
from srgan_desktop.gui.common.message_bar import MessageBar
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.training.form import questions
from srgan_desktop.gui.training.form.length_control import Length
from srgan_desktop.gui.training.form.length_dialog import LengthDialog
from srgan_desktop.gui.training.runs.keep_model import ModelRequest, keep_model
from srgan_desktop.gui.training.runs.manager import RunManager
from srgan_desktop.gui.training.runs.model_dialog import ModelDialog
from srgan_desktop.gui.training.runs.run_view import RunView
from srgan_desktop.gui.training.runs.sample_dialog import SampleDialog
from srgan_desktop.gui.training.runs.samples import Strip


class RunController(QObject):
    """Asks where a question is due, then lets ``manager`` do it; dialogs stand over ``view``."""

    model_ready = Signal(str)
    """A model of this name is in the catalogue now, and shall be used."""
    deleted = Signal()

    def __init__(
        self,
        services: Services,
        manager: RunManager,
        view: RunView,
        messages: MessageBar,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services, self._manager = services, manager
        self._view, self._messages = view, messages
        view.use_wanted.connect(self.use_model)
        view.continue_wanted.connect(self.go_on)
        view.longer_wanted.connect(self.change_length)
        view.rename_wanted.connect(self.rename)
        view.delete_wanted.connect(self.delete)
        view.folder_wanted.connect(self.open_folder)
        view.samples.opened.connect(self.open_sample)

    @Slot()
    def use_model(self) -> None:
        """Ask what it shall be called, then keep it."""
        if self._manager.history is not None:
            dialog = ModelDialog(self._manager.history, self._view)
            dialog.wanted.connect(self.keep_model)
            open_once(dialog)

    @Slot(object)
    def keep_model(self, request: ModelRequest) -> None:
        """Write the model that is best so far, and offer it."""
        history = self._manager.history
        if history is None:
            return
        training = history.training
        self._manager.lane.submit(
            lambda: keep_model(training, request),
            on_done=lambda name: self._kept(name, request),
            on_failed=self._failed,
        )

    @Slot()
    def go_on(self) -> None:
        """Continue where it was left."""
        if self._manager.history is not None:
            self._manager.go_on(self._manager.history.training)

    @Slot()
    def change_length(self) -> None:
        """Ask for another end."""
        if self._manager.history is not None:
            dialog = LengthDialog(self._manager.history, self._view)
            dialog.chosen.connect(self.set_length)
            open_once(dialog)

    @Slot(object)
    def set_length(self, length: Length) -> None:
        """Let it end there; one that is not running goes on."""
        history = self._manager.history
        if history is None:
            return
        if history.phase == "running":
            self._manager.change_end(history.training, length.steps, length.budget_s)
        else:
            self._manager.go_on(history.training, steps=length.steps, budget_s=length.budget_s)

    @Slot()
    def rename(self) -> None:
        """Ask for another name."""
        history = self._manager.history
        if history is None:
            return
        old = history.training.plan.name
        name, given = QInputDialog.getText(self._view, tr("Rename"), tr("Name"), text=old)
        if given and name.strip() and name.strip() != old:
            self._manager.rename(history.training, name)

    @Slot()
    def delete(self) -> None:
        """Remove it, after a question."""
        history = self._manager.history
        if history is not None and questions.ask_delete(self._view, history.training.plan.name):
            self._manager.delete(history.training)
            self.deleted.emit()

    @Slot()
    def open_folder(self) -> None:
        """Show its folder in the system's own program."""
        if self._manager.history is not None:
            folder = str(self._manager.history.training.folder)
            QDesktopServices.openUrl(QUrl.fromLocalFile(folder))

    @Slot(object, str)
    def open_sample(self, strip: Strip, kind: str) -> None:
        """Look closer at one picture of a sample."""
        open_once(SampleDialog(strip, kind, self._view))

    # inside

    def _kept(self, name: str, request: ModelRequest) -> None:
        if request.target is not None:
            self._messages.show_message(tr("Saved as {name}", name=name), "done")
            return
        self._messages.show_message(tr("{name} is in the list of models now.", name=name), "done")
        self._services.models_changed.emit()
        self.model_ready.emit(name)

    def _failed(self, error: BaseException) -> None:
        text = explain(error)
        if text is None:
            self._services.faults.report(error)
        else:
            self._messages.show_message(text, "warning")
