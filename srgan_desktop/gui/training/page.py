"""The Train page: puts form, history and view together, and passes on what is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeySequence,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common import drop_data
from srgan_desktop.gui.common.drop_zone import answer_copy
from srgan_desktop.gui.common.estimate_text import rough_time
from srgan_desktop.gui.common.message_bar import MessageBar
from srgan_desktop.gui.common.page import Page
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.worker import Lane
from srgan_desktop.gui.training.form import offers, questions
from srgan_desktop.gui.training.form.form_controller import FormController
from srgan_desktop.gui.training.form.plan import Plan, Recipe
from srgan_desktop.gui.training.form.start_controller import StartController
from srgan_desktop.gui.training.form.start_form import StartForm
from srgan_desktop.gui.training.runs.manager import Listed, RunManager
from srgan_desktop.gui.training.runs.run_controller import RunController
from srgan_desktop.gui.training.runs.run_list import RunList, rows_of
from srgan_desktop.gui.training.runs.run_view import RunView
from srgan_desktop.gui.training.runs.state import is_paused, part_done, phase_of
from srgan_desktop.gui.training.runs.stored import Training

FIRST_FRAME_MS = 50


class TrainingPage(Page):
    """Choose a folder, start, watch it learn, use it.

    Attributes:
        manager: the trainings and their processes.
        form, starting: what is chosen for a new one, and beginning it.
        view, runs: the one that is looked at, and what is done with it.
    """

    icon_name = "train"
    model_ready = Signal(str)
    """A model of this name is in the catalogue now, and shall be used."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self._began = False
        self._runs_shown = False
        self._progress: tuple[float, float | None, bool] | None = None
        self._check_lane = Lane("photos", self)
        self.manager = RunManager(services)
        self.messages = MessageBar(services.theme)
        self.list = RunList(services)
        self.form = FormController(StartForm(services, self._check_lane), self)
        self.starting = StartController(self.form, self)
        self.view = RunView(services, self.manager)
        self.runs = RunController(services, self.manager, self.view, self.messages, self)
        self._stack = QStackedWidget()
        self.open_action = QAction(self)
        self.open_action.setShortcut(QKeySequence(QKeySequence.StandardKey.Open))
        self._lay_out()
        self._connect()
        self.setAcceptDrops(True)
        self.retranslate()

    # what the frame asks

    def title(self) -> str:
        """For the switcher: how far it is, from whatever page one looks."""
        lines = [tr("Train")]
        if self._progress is not None:
            part, seconds, paused = self._progress
            lines.append(f"{100 * part:.0f} %")
            if paused:
                lines.append(tr("paused"))
            elif seconds is not None:
                lines.append(rough_time(seconds))
        return "\n".join(lines)

    def file_actions(self) -> list[QAction]:
        """A folder of photos."""
        return [self.open_action]

    def accepts(self, path: Path) -> bool:
        """Folders, which may hold photos to train on."""
        return path.is_dir()

    def open_paths(self, paths: Sequence[Path]) -> None:
        """A folder of photos to train on."""
        folders = [path for path in paths if path.is_dir()]
        if not folders:
            self.messages.show_message(tr("Training needs a folder of photos."), "warning")
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
        self.starting.shutdown()
        self._check_lane.shutdown()
        self.manager.shutdown()

    # what is shown

    @Slot()
    def show_form(self) -> None:
        """The form of a new training."""
        self._stack.setCurrentWidget(self.form.view)
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

    @Slot(object)
    def _start(self, plan: Plan) -> None:
        training = self.manager.start(plan)
        if training is not None:
            self.messages.clear()
            self._stack.setCurrentWidget(self.view)
            # not to a button of it: whoever presses Space next means none
            self.view.setFocus()
            self.title_changed.emit(training.plan.name)

    @Slot(list)
    def _recipes_read(self, recipes: list[Recipe]) -> None:
        self.form.set_recipes(recipes)
        self._offer_models()
        self.manager.lane.submit(
            offers.devices, on_done=self.form.set_devices, on_failed=self._services.faults.report
        )

    @Slot()
    def _offer_models(self) -> None:
        """What the catalogue holds now; before the recipes are there nobody can choose."""
        if not self.form.recipes:
            return
        for work, done in (
            (offers.models, self.form.set_models),
            (offers.teachers, self.form.set_teachers),
        ):
            self.manager.lane.submit(work, on_done=done, on_failed=self._services.faults.report)

    @Slot(list)
    def _listed(self, found: Listed) -> None:
        history = self.manager.history
        watched = history.training.folder if history is not None else None
        shown = self._stack.currentWidget() is self.view
        self.list.set_trainings(rows_of(found), watched if shown else None)
        self._show_progress(found)
        # with a training in view whose folder is gone it is the way back to the form
        self.list.setVisible(bool(found) or shown)
        if not self._runs_shown:
            self._runs_shown = True
            running = self.manager.running
            # who looks at one already is not led away from it
            if running and history is None and self.form.view.photos.folder is None:
                self.show_training(running[0])

    def _show_progress(self, found: Listed) -> None:
        """Of the newest that runs."""
        running = [states for _, states in found if phase_of(states) == "running"]
        before = self.title()
        self._progress = (*part_done(running[0]), is_paused(running[0])) if running else None
        if self.title() != before:
            self.label_changed.emit()

    @Slot(str, str)
    def _show_notice(self, text: str, kind: str) -> None:
        self.messages.show_message(text, kind)

    @Slot()
    def retranslate(self) -> None:
        """All texts in the present language."""
        self.open_action.setText(tr("Open folder…"))
        self.form.retranslate()
        self.list.retranslate()
        self.view.retranslate()
        self.messages.retranslate()
        self.starting.refresh()

    def _connect(self) -> None:
        manager = self.manager
        self._services.language_changed.connect(self.retranslate)
        self._services.models_changed.connect(self._offer_models)
        manager.recipes_read.connect(self._recipes_read)
        manager.listed.connect(self._listed)
        manager.notice.connect(self._show_notice)
        self.open_action.triggered.connect(self.choose_folder)
        self.starting.wanted.connect(self._start)
        self.list.chosen.connect(self.show_training)
        self.list.new_wanted.connect(self.show_form)
        self.runs.deleted.connect(self.show_form)
        self.runs.model_ready.connect(self.model_ready)

    def _lay_out(self) -> None:
        self._stack.addWidget(self.form.view)
        self._stack.addWidget(self.view)
        self.list.hide()
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
            self.form.view.photos.set_inviting(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        """It went on."""
        self.form.view.photos.set_inviting(False)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Train on it."""
        self.form.view.photos.set_inviting(False)
        answer_copy(event)
        self.open_paths(drop_data.paths_in(event.mimeData()))
