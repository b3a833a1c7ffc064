"""The Batch page: a view and its controllers, put together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QAction, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.batch import queue_worker
from srgan_desktop.gui.batch.actions import BatchActions
from srgan_desktop.gui.batch.cost_controller import CostController
from srgan_desktop.gui.batch.estimate import Estimator
from srgan_desktop.gui.batch.list_autoscroll import WorkFollower
from srgan_desktop.gui.batch.list_controller import ListController
from srgan_desktop.gui.batch.options_controller import OptionsController
from srgan_desktop.gui.batch.previews import Previews
from srgan_desktop.gui.batch.rows_controller import RowsController
from srgan_desktop.gui.batch.run import BatchRun
from srgan_desktop.gui.batch.run_controller import RunController
from srgan_desktop.gui.batch.session import HandoverOptions, QueueSession
from srgan_desktop.gui.batch.table_model import BatchModel
from srgan_desktop.gui.batch.view import BatchView
from srgan_desktop.gui.batch.watcher import FolderWatcher
from srgan_desktop.gui.common import drop_data
from srgan_desktop.gui.common.drop_zone import answer_copy
from srgan_desktop.gui.common.page import Page
from srgan_desktop.gui.common.services import Services

# the first frame and the other page come first
OPEN_MS = 1500


class BatchPage(Page):
    """Drop a folder, start, look at what came out."""

    icon_name = "batch"

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.session = QueueSession(services)
        self.model = BatchModel(Previews(services.thumbnail_lane, self))
        self.commands = BatchActions(self)
        self.view = BatchView(services, self.model, self.commands)
        self.run = BatchRun(services)
        self.estimator = Estimator(services, self.run.worker)
        self.watcher = FolderWatcher(services, self.session)
        session, model, view, commands = self.session, self.model, self.view, self.commands
        self.pictures = ListController(session, model, view, commands)
        self.selection = RowsController(services, session, model, view, commands)
        self.options = OptionsController(services, session, model, view)
        self.running = RunController(services, session, model, view, commands, self.run)
        self.cost = CostController(session, model, view.panel, self.run, self.estimator)
        self.follower = WorkFollower(model.rows, view.table)
        self.addActions(commands.of_page())
        self.setAcceptDrops(True)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(view)
        self._connect(services)
        self.retranslate()
        if queue_worker.queue_is_there():
            QTimer.singleShot(OPEN_MS, self, session.open)

    # what the frame asks

    def title(self) -> str:
        """For the switcher; while it works, with how far it is."""
        name, percent = tr("Batch"), self.running.percent
        return name if percent is None else f"{name}\n{percent} %"

    def file_actions(self) -> list[QAction]:
        """Add, report."""
        return [self.commands.add, self.commands.add_folder, self.commands.export]

    def edit_actions(self) -> list[QAction]:
        """What can be done with the selected rows."""
        return [self.commands.select_all, *self.commands.of_rows()]

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Files and folders from anywhere, at the list's end."""
        self.pictures.add(paths)

    def take(self, path: Path, handover: HandoverOptions | None) -> None:
        """What another page hands over, to be done as it says (None: as chosen here)."""
        self.pictures.take_over(path, handover)

    def may_close(self) -> bool:
        """Nothing is lost, but a run that nobody sees any more ends."""
        return self.running.may_close(self)

    def focus_home(self) -> QWidget:
        """The list, where Space pauses."""
        return self.view.table if self.view.shows_list else self

    def shutdown(self) -> None:
        """Stop everything of this page; what was in work waits again."""
        self.watcher.shutdown()
        self.estimator.shutdown()
        self.running.shutdown()
        self.session.shutdown()

    @Slot()
    def escape(self) -> None:
        """Stop what goes on; else close the message."""
        if self.session.adding:
            self.session.stop_adding()
        elif self.run.active:
            self.run.stop()
        else:
            self.view.messages.clear()

    @Slot()
    def retranslate(self) -> None:
        """All texts in the present language."""
        self.commands.retranslate()
        self.view.retranslate()
        self.model.retranslate()
        self.running.refresh()

    # Qt

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's names
        """The queue is opened when it is first looked at; keys go to the list."""
        if self.focusWidget() is None:
            self.view.table.setFocus()
        QTimer.singleShot(50, self, self._shown)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Invite files and folders."""
        if drop_data.paths_in(event.mimeData()):
            answer_copy(event)
            self.view.empty.set_inviting(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        """It went on."""
        self.view.empty.set_inviting(False)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Take it."""
        self.view.empty.set_inviting(False)
        answer_copy(event)
        self.open_paths(drop_data.paths_in(event.mimeData()))

    # inside

    @Slot()
    def _shown(self) -> None:
        self.session.open()
        self.options.list_models()

    @Slot()
    def _watch(self) -> None:
        self.watcher.watch(self.view.panel.watch.folder)

    def _connect(self, services: Services) -> None:
        """What one controller tells the others."""
        services.language_changed.connect(self.retranslate)
        services.theme.changed.connect(self.view.top.recolour)
        self.commands.stop.triggered.connect(self.escape)
        self.pictures.changed.connect(self.options.show_example)
        self.pictures.changed.connect(self.cost.ask)
        self.pictures.changed.connect(self.selection.refresh)
        self.pictures.changed.connect(self.running.listed)
        self.pictures.searching.connect(self.running.show_searching)
        self.pictures.waits_from_before.connect(self.running.offer)
        self.options.changed.connect(self.cost.ask)
        self.options.changed.connect(self.running.refresh)
        self.run.items_changed.connect(self.pictures.apply)
        self.run.items_changed.connect(self.follower.take)
        self.running.started.connect(self.follower.begin)
        self.running.percent_changed.connect(self.label_changed)
        watch = self.view.panel.watch
        watch.switched.connect(self._watch)
        self.watcher.took.connect(self.running.start_when_listed)
        self.watcher.notice.connect(watch.show_state)
        self.watcher.ended.connect(watch.switch_off)
