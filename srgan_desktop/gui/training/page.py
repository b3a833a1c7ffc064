"""The Train page: puts form, history and view together, and passes on what is wished for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer, QUrl, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QDesktopServices,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeySequence,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QStackedWidget, QVBoxLayout

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common import drop_data
from srgan_desktop.gui.common.dialogs import open_once
from srgan_desktop.gui.common.drop_zone import answer_copy
from srgan_desktop.gui.common.explain import explain
from srgan_desktop.gui.common.message_bar import MessageBar
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.training.form import questions
from srgan_desktop.gui.training.form.form_page import FormPage
from srgan_desktop.gui.training.form.form_plan import plan_of
from srgan_desktop.gui.training.form.length_control import Length
from srgan_desktop.gui.training.form.length_dialog import LengthDialog
from srgan_desktop.gui.training.runs.keep_model import ModelRequest, keep_model
from srgan_desktop.gui.training.runs.manager import Listed
from srgan_desktop.gui.training.runs.model_dialog import ModelDialog
from srgan_desktop.gui.training.runs.run_list import RunList, rows_of
from srgan_desktop.gui.training.runs.run_view import RunView
from srgan_desktop.gui.training.runs.sample_dialog import SampleDialog
from srgan_desktop.gui.training.runs.samples import Strip
from srgan_desktop.gui.training.runs.stored import Training

FIRST_FRAME_MS = 50


class TrainingPage(FormPage):
    """Choose a folder, start, watch it learn, use it."""

    icon_name = "train"
    model_ready = Signal(str)
    """A model of this name is in the catalogue now, and shall be used."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._began = False
        self._runs_shown = False
        self.list = RunList(services)
        self.messages = MessageBar(services.theme)
        self.view = RunView(services, self.manager)
        self._stack = QStackedWidget()
        self.open_action = QAction(self)
        self.open_action.setShortcut(QKeySequence(QKeySequence.StandardKey.Open))
        self._lay_out()
        self._connect()
        self.setAcceptDrops(True)
        self.retranslate()

    # what the frame asks

    def title(self) -> str:
        """For the switcher."""
        return tr("Train")

    def file_actions(self) -> list[QAction]:
        """A folder of photos."""
        return [self.open_action]

    def open_paths(self, paths: Sequence[Path]) -> None:
        """A folder of photos to train on."""
        folders = [path for path in paths if path.is_dir()]
        if not folders:
            self.messages.show_message(tr("Training wants a folder of photos."), "warning")
            return
        self.messages.clear()
        self.show_form()
        self.form.set_folder(folders[0])

    def may_close(self) -> bool:
        """A training goes on without the window, if the person wants that."""
        running = self.manager.running
        if not running:
            return True
        answer = questions.ask_leave_running(self, [training.plan for training in running])
        if answer == "stop":
            self.manager.stop_all()
        return answer != "cancel"

    def shutdown(self) -> None:
        """End the page's threads; trainers are processes of their own."""
        self.measurement.stop()
        self._check_lane.shutdown()
        self.manager.shutdown()

    # wishes

    @Slot()
    def show_form(self) -> None:
        """The form of a new training."""
        self._stack.setCurrentWidget(self.form)
        self.list.mark(None)
        self.title_changed.emit("")

    @Slot()
    def choose_folder(self) -> None:
        """Another training, on a folder from the dialog."""
        self.show_form()
        self.form.choose_folder()

    @Slot(object)
    def show_training(self, training: Training) -> None:
        """Look at this one."""
        self.manager.look_at(training)
        self._stack.setCurrentWidget(self.view)
        self.list.mark(training.folder)
        self.title_changed.emit(training.plan.name)

    @Slot()
    def start(self) -> None:
        """Begin what the form says, or say all that is wrong with it."""
        if not self._check_form():
            return
        self.measurement.stop()
        self.show_measured("")
        training = self.manager.start(plan_of(self.form))
        if training is not None:
            self.messages.clear()
            self._stack.setCurrentWidget(self.view)
            # not to a button of it: whoever presses Space next means none
            self.view.setFocus()
            self.title_changed.emit(training.plan.name)

    @Slot()
    def use_model(self) -> None:
        """Ask what it shall be called, then keep it."""
        if self.manager.history is None:
            return
        dialog = ModelDialog(self.manager.history, self)
        dialog.wanted.connect(self._keep_model)
        open_once(dialog)

    @Slot()
    def change_length(self) -> None:
        """Another end for the training that is looked at."""
        if self.manager.history is not None:
            dialog = LengthDialog(self.manager.history, self)
            dialog.chosen.connect(self._change_length)
            open_once(dialog)

    @Slot()
    def rename(self) -> None:
        """Another name for the training that is looked at."""
        history = self.manager.history
        if history is None:
            return
        old = history.training.plan.name
        name, given = QInputDialog.getText(self, tr("Rename"), tr("Name"), text=old)
        if given and name.strip() and name.strip() != old:
            self.manager.rename(history.training, name)

    @Slot()
    def delete(self) -> None:
        """Remove the training that is looked at, after a question."""
        history = self.manager.history
        if history is not None and questions.ask_delete(self, history.training.plan.name):
            self.manager.delete(history.training)
            self.show_form()

    # what is told

    @Slot(list)
    def _listed(self, found: Listed) -> None:
        history = self.manager.history
        watched = history.training.folder if history is not None else None
        shown = self._stack.currentWidget() is self.view
        self.list.set_trainings(rows_of(found), watched if shown else None)
        # with a training in view whose folder is gone it is the way back to the form
        self.list.setVisible(bool(found) or shown)
        self.form.cancel.setVisible(False)
        if not self._runs_shown:
            self._runs_shown = True
            running = self.manager.running
            if running and self.form.photos.folder is None:
                self.show_training(running[0])

    @Slot(object)
    def _keep_model(self, request: ModelRequest) -> None:
        history = self.manager.history
        if history is None:
            return
        training = history.training
        self.manager.lane.submit(
            lambda: keep_model(training, request),
            on_done=lambda name: self._kept(name, request),
            on_failed=self._failed,
        )

    def _kept(self, name: str, request: ModelRequest) -> None:
        if request.target is not None:
            self.messages.show_message(tr("Saved as {name}", name=name), "done")
            return
        self.messages.show_message(tr("{name} is in the list of models now.", name=name), "done")
        self.model_ready.emit(name)

    def _failed(self, error: BaseException) -> None:
        text = explain(error)
        if text is None:
            self.services.faults.report(error)
        else:
            self.messages.show_message(text, "warning")

    @Slot(str, str)
    def _show_notice(self, text: str, kind: str) -> None:
        self.messages.show_message(text, kind)

    @Slot(object)
    def _change_length(self, length: Length) -> None:
        history = self.manager.history
        if history is None:
            return
        if history.phase == "running":
            self.manager.change_end(history.training, length.steps, length.budget_s)
        else:
            self.manager.go_on(history.training, steps=length.steps, budget_s=length.budget_s)

    @Slot()
    def _go_on(self) -> None:
        if self.manager.history is not None:
            self.manager.go_on(self.manager.history.training)

    @Slot()
    def _open_folder(self) -> None:
        if self.manager.history is not None:
            url = QUrl.fromLocalFile(str(self.manager.history.training.folder))
            QDesktopServices.openUrl(url)

    @Slot(object, str)
    def _open_sample(self, strip: Strip, kind: str) -> None:
        open_once(SampleDialog(strip, kind, self))

    # inside

    @Slot()
    def retranslate(self) -> None:
        """All texts in the present language."""
        self.open_action.setText(tr("Open folder…"))
        self.form.retranslate()
        self.list.retranslate()
        self.view.retranslate()
        self.messages.retranslate()
        self._refresh_form()

    def _connect(self) -> None:
        manager, form, view = self.manager, self.form, self.view
        self.services.language_changed.connect(self.retranslate)
        manager.listed.connect(self._listed)
        manager.notice.connect(self._show_notice)
        self.open_action.triggered.connect(self.choose_folder)
        form.start.clicked.connect(self.start)
        self.list.chosen.connect(self.show_training)
        self.list.new_wanted.connect(self.show_form)
        view.use_wanted.connect(self.use_model)
        view.continue_wanted.connect(self._go_on)
        view.longer_wanted.connect(self.change_length)
        view.rename_wanted.connect(self.rename)
        view.delete_wanted.connect(self.delete)
        view.folder_wanted.connect(self._open_folder)
        view.samples.opened.connect(self._open_sample)

    def _lay_out(self) -> None:
        self._stack.addWidget(self.form)
        self._stack.addWidget(self.view)
        self.list.hide()
        self.form.cancel.hide()
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.messages)
        right.addWidget(self._stack, 1)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.list)
        whole.addLayout(right, 1)

    # Qt

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's names
        """Everything heavy begins once the page is looked at."""
        if not self._began:
            self._began = True
            QTimer.singleShot(FIRST_FRAME_MS, self.manager.begin)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Invite folders."""
        if any(path.is_dir() for path in drop_data.paths_in(event.mimeData())):
            answer_copy(event)
            self.form.photos.set_inviting(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        """It went on."""
        self.form.photos.set_inviting(False)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Train on it."""
        self.form.photos.set_inviting(False)
        answer_copy(event)
        self.open_paths(drop_data.paths_in(event.mimeData()))
