"""The Batch page: puts the pieces together and passes on what is wished for and what is told."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths, QTimer, Slot
from PySide6.QtGui import QAction, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog

from srgan_desktop.core.batch.item import Item
from srgan_desktop.core.console import seconds_text
from srgan_desktop.core.picture_files import FORMATS
from srgan_desktop.core.sources import Source
from srgan_desktop.core.translation import tr, trn
from srgan_desktop.gui import notify
from srgan_desktop.gui.awake import Awake
from srgan_desktop.gui.batch import ending, queue_room
from srgan_desktop.gui.batch.comparison import ComparisonDialog
from srgan_desktop.gui.batch.estimate import Estimate, Estimator
from srgan_desktop.gui.batch.filters import Filter
from srgan_desktop.gui.batch.finding import Found
from srgan_desktop.gui.batch.page_parts import BatchParts
from srgan_desktop.gui.batch.run import BatchRun, State
from srgan_desktop.gui.batch.session import QueueSession
from srgan_desktop.gui.batch.table_model import Snapshot
from srgan_desktop.gui.batch.watcher import FolderWatcher
from srgan_desktop.gui.dialogs import open_once
from srgan_desktop.gui.services import Services
from srgan_desktop.gui.upscale import intake
from srgan_desktop.gui.upscale.requests import ModelChoice

if TYPE_CHECKING:
    from srgan_desktop.core.events import BatchFinished

# the first frame and the other page come first
OPEN_MS = 1500
OVER = ("done", "failed", "skipped", "cancelled")
UNDONE = ("waiting", "working")


class BatchPage(BatchParts):
    """Drop a folder, start, look at what came out."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.session = QueueSession(services)
        self.run = BatchRun(services, self.model.known)
        self.estimator = Estimator(services, self.run.room)
        self.watcher = FolderWatcher(services, self.session)
        self.awake = Awake(self)
        self._touched: dict[int, tuple[float, Item]] = {}
        self._refusal = ""
        self._found_text = ""
        self._models_asked = False
        self._counts_before: dict[str, int] = {}
        self.setAcceptDrops(True)
        self._connect_actions()
        self._connect()
        self.retranslate()
        self.retranslate_state()
        if queue_room.queue_is_there():
            QTimer.singleShot(OPEN_MS, self, self._open_early)

    # what the frame asks

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Files and folders from anywhere, at the list's end."""
        self.session.add(paths)

    def may_close(self) -> bool:
        """A run that goes on is no loss: the list is kept, and goes on another day."""
        return True

    def shutdown(self) -> None:
        """Stop everything of this page; what was in work waits again."""
        self.watcher.shutdown()
        self.estimator.shutdown()
        self.run.shutdown()
        self.awake.release()
        self.bottom.show_progress(None)
        self.session.shutdown()

    # wishes

    @Slot()
    def choose_files(self) -> None:
        """The dialog for pictures."""
        endings = " ".join(f"*{end}" for entry in FORMATS.values() for end in entry.extensions)
        pattern = f"{tr('Pictures')} ({endings} {endings.upper()});;{tr('All files')} (*)"
        names, _ = QFileDialog.getOpenFileNames(self, tr("Add pictures"), _pictures(), pattern)
        if names:
            self.open_paths([Path(name) for name in names])

    @Slot()
    def choose_folder(self) -> None:
        """The dialog for a folder."""
        name = QFileDialog.getExistingDirectory(self, tr("Add folder"), _pictures())
        if name:
            self.open_paths([Path(name)])

    @Slot()
    def start(self) -> None:
        """Work off what waits, or go on with it."""
        queue = self.session.queue
        if self.run.state is State.PAUSED:
            self.run.resume()
        elif queue is not None and not self.run.active and self.model.counts["waiting"]:
            self.session.settle()
            self.messages.clear()
            self._counts_before = self._counts_over()
            self.run.start(queue)

    @Slot()
    def hold_or_go_on(self) -> None:
        """Space: pause, resume, or start."""
        if self.run.state in (State.RUNNING, State.YIELDING):
            self.run.pause()
        else:
            self.start()

    @Slot()
    def escape(self) -> None:
        """Stop what goes on; else close the message."""
        if self.session.adding:
            self.session.stop_adding()
        elif self.run.active:
            self.run.stop()
        else:
            self.messages.clear()

    @Slot(int)
    def look_at(self, number: int) -> None:
        """Original and result of a finished item."""
        item = self.model.known(number)
        if item is None:
            return
        if item.status == "done" and item.target is not None:
            open_once(ComparisonDialog(self.services, item.source, item.target, self))
        elif item.error:
            self.messages.show_message(item.error, "warning")

    @Slot()
    def export(self) -> None:
        """The report of all items."""
        wanted = str(Path(_pictures()) / (tr("Batch report") + ".csv"))
        name, _ = QFileDialog.getSaveFileName(self, tr("Save report"), wanted, "CSV (*.csv)")
        if name:
            path = Path(name)
            self.session.export(path if path.suffix else path.with_suffix(".csv"))

    # Qt

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's names
        """The queue is opened when it is first looked at."""
        QTimer.singleShot(50, self, self._shown_first)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Invite files and folders."""
        if intake.paths_in(event.mimeData()):
            event.acceptProposedAction()
            self.empty.set_inviting(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        """It went on."""
        self.empty.set_inviting(False)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Take it."""
        self.empty.set_inviting(False)
        event.acceptProposedAction()
        self.open_paths(intake.paths_in(event.mimeData()))

    # what is told

    @Slot()
    def _open_early(self) -> None:
        self.session.open()

    @Slot()
    def _shown_first(self) -> None:
        self.session.open()
        if not self._models_asked:
            self._models_asked = True
            self._list_models()

    def _list_models(self) -> None:
        from srgan_desktop.gui.upscale.engine_room import EngineRoom

        self.services.device_lane.submit(
            EngineRoom().models, on_done=self._models_listed, on_failed=self.session.fail
        )

    def _models_listed(self, models: list[ModelChoice]) -> None:
        self.panel.set_models(models)
        self._options_changed()

    @Slot()
    def _opened(self) -> None:
        self._refusal = ""
        self.held.clear()
        options, presets = self.session.options, self.session.presets
        if options is not None and presets is not None:
            self.panel.show_options(options)
            self.panel.presets.show_names(
                presets.names(), self.services.settings.text("batch/preset")
            )
        self._refresh()

    @Slot(str)
    def _refused(self, text: str) -> None:
        self._refusal = text
        self.held.show_message(text, "warning", action=tr("Try again"), act=self.session.open)
        self._refresh()

    @Slot(object)
    def _listed(self, snapshot: Snapshot) -> None:
        first = len(self.model) == 0
        self.table.take(snapshot)
        newer = [item for told, item in self._touched.values() if told >= snapshot.taken]
        self._touched = {n: (at, i) for n, (at, i) in self._touched.items()
                         if at >= snapshot.taken}  # fmt: skip
        self.model.apply(newer)
        self.panel.show_others(snapshot.others)
        if first and snapshot.counts["waiting"] and not self.session.adding:
            self._offer_to_go_on(snapshot.counts["waiting"])
        self._show_example()
        self._estimate()
        self._refresh()

    def _offer_to_go_on(self, count: int) -> None:
        if self.run.active or self.messages.text:
            return
        text = trn("{n} picture waits from last time.", "{n} pictures wait from last time.", count)
        self.messages.show_message(text, action=tr("Go on"), act=self.start)

    @Slot(object)
    def _added(self, found: Found) -> None:
        self._found_text = ""
        text = found.left_out()
        if found.sources:
            n = len(found.sources)
            said = trn("{n} picture added.", "{n} pictures added.", n)
            if text:
                self.messages.show_message(f"{said} {text}")
            else:
                self.messages.clear()
        else:
            said = tr("Nothing was added.")
            self.messages.show_message(f"{said} {text}".strip(), "warning")
        self._refresh()

    @Slot(int)
    def _finding(self, count: int) -> None:
        self._found_text = trn("Searching: {n} picture", "Searching: {n} pictures", count)
        self._refresh()

    @Slot(object)
    def _items_changed(self, items: list[Item]) -> None:
        now = time.monotonic()
        self._touched.update({item.id: (now, item) for item in items})
        self.model.apply(items)

    @Slot()
    def _run_changed(self) -> None:
        if self.run.active and self.run.state is not State.PAUSED:
            self.awake.hold(tr("A batch of pictures is being enlarged"))
        else:
            self.awake.release()
        if self.run.active:
            self.estimator.forget()
            self.panel.show_cost("")
        self.services.set_device_note(self._note())
        self._refresh()

    @Slot(str)
    def _held(self, reason: str) -> None:
        if reason:
            self.held.show_message(reason, "warning")
        elif not self._refusal:
            self.held.clear()

    @Slot(object)
    def _ended(self, finished: BatchFinished | None) -> None:
        self.session.refresh()
        if finished is None:
            return
        before, now = self._counts_before, self._counts_over()
        counts = {name: max(0, now[name] - before.get(name, 0)) for name in now}
        said = ending.counts_text(counts)
        whole = not self.model.counts["waiting"]
        if not said or not whole:
            return
        failed = counts["failed"]
        self.messages.show_message(
            tr("All done: {counts}.", counts=said),
            "warning" if failed else "done",
            action=tr("Show the failed ones") if failed else tr("Open folder"),
            act=self._show_failed if failed else self._open_folder,
        )
        notify.notify(tr("The batch is done"), said)
        self._finish(counts)

    def _finish(self, counts: dict[str, int]) -> None:
        settings = self.services.settings
        if settings.flag("batch/open_folder"):
            self._open_folder()
        command = settings.text("batch/command")
        if command:
            values = {
                "folder": self._last_folder() or "",
                "done": counts["done"],
                "failed": counts["failed"],
            }
            problem = ending.run_command(command, values)
            if problem:
                self.messages.show_message(problem, "warning")

    @Slot(Exception)
    def _run_failed(self, error: Exception) -> None:
        self.session.fail(error)

    @Slot(object)
    def _estimated(self, estimate: Estimate | None) -> None:
        if self.run.active or estimate is None or not estimate.total:
            self.panel.show_cost("")
        else:
            self.panel.show_cost(estimate.text(), estimate.warning())

    @Slot()
    def _options_changed(self) -> None:
        if not self.session.is_open:
            return
        options = self.panel.options()
        self.session.set_options(options)
        preset = self.panel.presets.name
        presets = self.session.presets
        if preset and presets is not None and presets.get(preset) != options:
            self.panel.presets.show_current("")
            self.services.settings.set("batch/preset", "")
        self._estimate()
        self._refresh()

    @Slot(str)
    def _pick_preset(self, name: str) -> None:
        options = self.session.presets.get(name) if self.session.presets else None
        if options is not None:
            self.panel.show_options(options)
            self.services.settings.set("batch/preset", name)
            self._options_changed()

    @Slot(str)
    def _keep_preset(self, name: str) -> None:
        options = self.panel.options()
        if options is not None:
            self.session.keep_preset(name, options)

    @Slot(str)
    def _forget_preset(self, name: str) -> None:
        self.session.keep_preset(name, None)

    @Slot(str)
    def _presets_changed(self, name: str) -> None:
        if self.session.presets is not None:
            self.services.settings.set("batch/preset", name)
            self.panel.presets.show_names(self.session.presets.names(), name)

    @Slot(Path)
    def _exported(self, path: Path) -> None:
        self.messages.show_message(
            tr("The report was saved as {name}.", name=path.name),
            "done",
            action=tr("Open folder"),
            act=lambda: ending.open_folder(path.parent),
        )

    @Slot(str, str)
    def _told(self, text: str, kind: str) -> None:
        self.messages.show_message(text, kind)

    @Slot(object)
    def _filter(self, which: Filter) -> None:
        self.table.keep_place(lambda: self.model.set_filter(which))
        self._selection_changed()

    @Slot()
    def _counts_changed(self) -> None:
        self.top.show_counts(self.model.counts)
        self._refresh()

    # the selected rows

    @Slot()
    def _selection_changed(self) -> None:
        items = self._chosen()
        statuses = {item.status for item in items}
        over, undone = bool(statuses & set(OVER)), bool(statuses & set(UNDONE))
        for action, sense in (
            (self.open_action, bool(items)),
            (self.show_action, bool(items)),
            (self.retry_action, over),
            (self.cancel_action, undone),
            (self.remove_action, bool(items)),
            (self.up_action, "waiting" in statuses),
            (self.down_action, "waiting" in statuses),
            (self.first_action, "waiting" in statuses),
            (self.last_action, "waiting" in statuses),
        ):
            action.setEnabled(sense)
        self._show_example()

    def _chosen(self) -> list[Item]:
        found = (self.model.known(number) for number in self.table.chosen())
        return [item for item in found if item is not None]

    @Slot()
    def _retry(self) -> None:
        self.session.retry([item.id for item in self._chosen() if item.status in OVER])

    @Slot()
    def _cancel(self) -> None:
        self.session.cancel([item.id for item in self._chosen() if item.status in UNDONE])

    @Slot()
    def _remove(self) -> None:
        self.session.remove([item.id for item in self._chosen()])

    @Slot()
    def _retry_failed(self) -> None:
        self.session.retry([item.id for item in self.model.items() if item.status == "failed"])

    @Slot()
    def _up(self) -> None:
        ids = self._movable()
        before = self.model.neighbour(ids, -1)
        if ids and before is not None:
            self.session.move(ids, before)

    @Slot()
    def _down(self) -> None:
        ids = self._movable()
        after = self.model.neighbour(ids, 1)
        if ids and after is not None:
            self.session.move(ids, self.model.follower(after))

    @Slot()
    def _first(self) -> None:
        ids = self._movable()
        before = self.model.first_waiting(without=ids)
        if ids and before is not None:
            self.session.move(ids, before)

    @Slot()
    def _last(self) -> None:
        ids = self._movable()
        if ids:
            self.session.move(ids, None)

    def _movable(self) -> list[int]:
        return [item.id for item in self._chosen() if item.status == "waiting"]

    @Slot()
    def _look(self) -> None:
        index = self.table.currentIndex()
        if index.isValid():
            self.look_at(self.model.item(index.row()).id)

    @Slot()
    def _show_in_folder(self) -> None:
        index = self.table.currentIndex()
        if index.isValid():
            item = self.model.item(index.row())
            ending.open_folder((item.target or item.source).parent)

    # inside

    def _note(self) -> str:
        return {
            State.RUNNING: tr("The batch is at work; a picture that you open goes first."),
            State.YIELDING: tr("The batch goes on after this picture."),
        }.get(self.run.state, "")

    def _counts_over(self) -> dict[str, int]:
        counts = self.model.counts
        left_out = counts["skipped"] + counts["cancelled"]
        return {"done": counts["done"], "failed": counts["failed"], "left out": left_out}

    @Slot()
    def _show_failed(self) -> None:
        self.top.choose(Filter.FAILED)

    @Slot()
    def _open_folder(self) -> None:
        folder = self._last_folder()
        if folder is not None:
            ending.open_folder(folder)

    def _last_folder(self) -> Path | None:
        """The output folder, or the one that the last result went to."""
        options = self.session.options
        if options is not None and options.out is not None:
            return options.out
        done = [item for item in self.model.items() if item.target is not None]
        last = max(done, key=lambda item: (item.finished or 0, item.id), default=None)
        return last.target.parent if last is not None and last.target is not None else None

    def _show_example(self) -> None:
        index = self.table.currentIndex()
        item = self.model.item(index.row()) if index.isValid() else self.model.example()
        if item is None:
            self.panel.set_example(None, None)
            return
        source = Source(item.source, item.folder)
        self.panel.set_example(source, self.model.size_of(item))

    def _estimate(self) -> None:
        queue, options = self.session.queue, self.session.options
        if queue is None or options is None or self.run.active:
            return
        if self.model.counts["waiting"] and self.panel.model_chosen is not None:
            self.estimator.want(queue, options, self.run.where)
        else:
            self.estimator.forget()
            self.panel.show_cost("")

    def retranslate_state(self) -> None:
        """What is said of the moment, in the present language."""
        self._selection_changed()
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        """Which buttons make sense, and what the bar below says."""
        some = len(self.model) > 0 or self.session.adding
        self._stack.setCurrentWidget(self._list_side if some else self.empty)
        counts = self.model.counts
        active, state = self.run.active, self.run.state
        usable = self.panel.options() is not None if self.session.is_open else False
        can_start = bool(counts["waiting"]) and usable and (not active or state is State.PAUSED)
        text = tr("&Resume") if state is State.PAUSED else tr("&Start")
        self.panel.show_start(text, enabled=can_start)
        self.start_action.setEnabled(can_start)
        self.retry_failed_action.setEnabled(bool(counts["failed"]))
        over = counts["done"] + counts["skipped"] + counts["cancelled"]
        self.clear_action.setEnabled(over > 0)
        self.export_action.setEnabled(len(self.model) > 0)
        self.bottom.show_paused(state is State.PAUSED)
        self.bottom.show_progress(self._share() if active else None)
        self.bottom.show_text(self._status_text())

    def _share(self) -> float:
        over, before = sum(self._counts_over().values()), sum(self._counts_before.values())
        left = self.model.counts["waiting"] + self.model.counts["working"]
        done = max(0, over - before)
        return done / max(1, done + left)

    def _status_text(self) -> str:
        if self._found_text:
            return self._found_text
        if not self.run.active:
            return ""
        state, progress = self.run.state, self.run.progress
        over, before = sum(self._counts_over().values()), sum(self._counts_before.values())
        left = self.model.counts["waiting"] + self.model.counts["working"]
        done = max(0, over - before)
        parts = [tr("{done} of {total}", done=done, total=done + left)]
        words = {
            State.PAUSED: tr("paused"),
            State.STOPPING: tr("stopping…"),
            State.YIELDING: tr("another picture has the device"),
        }
        if state in words:
            parts.append(words[state])
        elif progress is not None and progress.eta_s is not None:
            parts.append(tr("about {time} left", time=seconds_text(progress.eta_s)))
        return tr(", ").join(parts)

    def _connect_actions(self) -> None:
        slots: dict[QAction, Callable[[], object]] = {
            self.add_action: self.choose_files,
            self.add_folder_action: self.choose_folder,
            self.export_action: self.export,
            self.select_all_action: self.table.selectAll,
            self.open_action: self._look,
            self.show_action: self._show_in_folder,
            self.retry_action: self._retry,
            self.cancel_action: self._cancel,
            self.remove_action: self._remove,
            self.up_action: self._up,
            self.down_action: self._down,
            self.first_action: self._first,
            self.last_action: self._last,
            self.retry_failed_action: self._retry_failed,
            self.clear_action: self.session.clear_over,
            self.start_action: self.start,
            self.stop_action: self.escape,
        }
        for action, slot in slots.items():
            action.triggered.connect(slot)

    def _connect(self) -> None:
        session, run, panel, table = self.session, self.run, self.panel, self.table
        self.services.language_changed.connect(self.retranslate)
        self.services.language_changed.connect(self.retranslate_state)
        self.services.theme.changed.connect(self.top.recolour)
        session.opened.connect(self._opened)
        session.refused.connect(self._refused)
        session.listed.connect(self._listed)
        session.finding.connect(self._finding)
        session.added.connect(self._added)
        session.exported.connect(self._exported)
        session.presets_changed.connect(self._presets_changed)
        session.told.connect(self._told)
        session.changed.connect(self._refresh)
        run.state_changed.connect(self._run_changed)
        run.items_changed.connect(self._items_changed)
        run.shares_changed.connect(self.model.set_shares)
        run.progressed.connect(self._refresh)
        run.held.connect(self._held)
        run.ended.connect(self._ended)
        run.failed.connect(self._run_failed)
        self.estimator.known.connect(self._estimated)
        self.watcher.took.connect(self.start)
        self.watcher.told.connect(panel.watch.show_state)
        panel.changed.connect(self._options_changed)
        panel.start_wanted.connect(self.start)
        panel.same_for_all_wanted.connect(session.same_for_all)
        panel.presets.picked.connect(self._pick_preset)
        panel.presets.save_wanted.connect(self._keep_preset)
        panel.presets.remove_wanted.connect(self._forget_preset)
        panel.watch.switched.connect(self._watch)
        table.open_wanted.connect(self.look_at)
        table.remove_wanted.connect(self._remove)
        table.pause_wanted.connect(self.hold_or_go_on)
        table.selection_changed.connect(self._selection_changed)
        self.model.counts_changed.connect(self._counts_changed)
        self.top.filter_chosen.connect(self._filter)
        self.bottom.pause_wanted.connect(self.hold_or_go_on)
        self.bottom.stop_wanted.connect(run.stop)
        self.empty.open_wanted.connect(self.choose_files)
        self.empty.folder_wanted.connect(self.choose_folder)

    @Slot()
    def _watch(self) -> None:
        self.watcher.watch(self.panel.watch.folder)


def _pictures() -> str:
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
