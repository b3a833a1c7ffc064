"""The list on the Batch page: filled, searched for, shown by a filter, exported."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, QTimer, Signal, Slot
from PySide6.QtWidgets import QFileDialog

from srgan_desktop.core.base.translation import sentences, tr, trn
from srgan_desktop.core.jobs.item import Item
from srgan_desktop.gui.batch import after_run as ending
from srgan_desktop.gui.batch.actions import BatchActions
from srgan_desktop.gui.batch.queue_worker import Added
from srgan_desktop.gui.batch.rows import Filter, Snapshot
from srgan_desktop.gui.batch.session import HandoverOptions, QueueSession
from srgan_desktop.gui.batch.table_model import BatchModel
from srgan_desktop.gui.batch.view import BatchView
from srgan_desktop.gui.common.dialogs import image_filter
from srgan_desktop.gui.common.save_file import CSV, ask_for_target


class ListController(QObject):
    """Brings what the queue's thread tells into the table, and says what has come."""

    changed = Signal()
    """Other pictures are on the list than before."""
    searching = Signal(str)
    """How far the search of what was given is; empty: it is over."""
    waits_from_before = Signal(int)
    """The list was opened, and so many pictures of an earlier day wait in it."""

    def __init__(
        self, session: QueueSession, model: BatchModel, view: BatchView, actions: BatchActions
    ) -> None:
        super().__init__(view)
        self._session, self._model, self._view = session, model, view
        self._actions = actions
        self._wanted: Path | None = None
        self._touched: dict[int, tuple[float, Item]] = {}
        session.opened.connect(view.held.clear)
        session.refused.connect(self._refused)
        session.listed.connect(self._listed)
        session.finding.connect(self._finding)
        session.added.connect(self._added)
        session.exported.connect(self._exported)
        session.notice.connect(view.messages.show_message)
        session.changed.connect(self.refresh)
        model.counts_changed.connect(self.refresh)
        view.top.filter_chosen.connect(self._filter)
        view.empty.open_wanted.connect(self.choose_files)
        view.empty.folder_wanted.connect(self.choose_folder)
        actions.add.triggered.connect(self.choose_files)
        actions.add_folder.triggered.connect(self.choose_folder)
        actions.export.triggered.connect(self.export)
        actions.clear.triggered.connect(session.clear_over)
        actions.retry_failed.triggered.connect(self._retry_failed)
        self.refresh()

    def add(self, paths: Sequence[Path]) -> None:
        """Files and folders from anywhere, at the list's end."""
        self._session.add(paths)

    def take_over(self, path: Path, handover: HandoverOptions | None) -> None:
        """What another page hands over, to be done as it says (None: as chosen here).

        It is selected once it is there, and starts only when told.
        """
        self._wanted = path.absolute()
        self._session.add([path], handover)

    def apply(self, items: Sequence[Item]) -> None:
        """What a run has made of these pictures."""
        now = time.monotonic()
        self._touched.update({item.id: (now, item) for item in items})
        self._model.apply(items)

    @Slot()
    def choose_files(self) -> None:
        """The dialog for pictures."""
        names, _ = QFileDialog.getOpenFileNames(
            self._view, tr("Add pictures"), _pictures(), image_filter()
        )
        if names:
            self.add([Path(name) for name in names])

    @Slot()
    def choose_folder(self) -> None:
        """The dialog for a folder."""
        name = QFileDialog.getExistingDirectory(self._view, tr("Add folder"), _pictures())
        if name:
            self.add([Path(name)])

    @Slot()
    def export(self) -> None:
        """The report of all items."""
        first = Path(_pictures()) / (tr("Batch report") + ".csv")
        target = ask_for_target(self._view, tr("Save report"), first, [CSV])
        if target is not None:
            self._session.export(target)

    @Slot()
    def refresh(self) -> None:
        """The counts, what is seen, and which actions make sense."""
        rows = self._model.rows
        counts = rows.counts
        self._view.show_list(len(rows) > 0 or self._session.adding)
        self._view.top.show_counts(counts)
        self._actions.retry_failed.setEnabled(bool(counts["failed"]))
        over = counts["done"] + counts["skipped"] + counts["cancelled"]
        self._actions.clear.setEnabled(over > 0)
        self._actions.export.setEnabled(len(rows) > 0)
        if not rows.filter.how_many(counts):
            # not at once: this may be told in the middle of a change of the table
            QTimer.singleShot(0, self, self._show_all_if_none)

    @Slot()
    def _show_all_if_none(self) -> None:
        """What was filtered for is no more; an empty table would say nothing."""
        rows = self._model.rows
        if rows.filter is not Filter.ALL and not rows.filter.how_many(rows.counts):
            self._view.top.choose(Filter.ALL)

    # what the queue's thread tells

    @Slot(str)
    def _refused(self, text: str) -> None:
        again = tr("Try again")
        self._view.held.show_message(text, "warning", action=again, act=self._session.open)

    @Slot(object)
    def _listed(self, snapshot: Snapshot) -> None:
        first = len(self._model.rows) == 0
        self._view.table.take(snapshot)
        self._apply_newer(snapshot.taken)
        waiting = snapshot.counts["waiting"]
        if first and waiting and not self._session.adding:
            self.waits_from_before.emit(waiting)
        self.changed.emit()

    def _apply_newer(self, taken: float) -> None:
        """What the run told since a look at the queue began may be newer than what was seen."""
        newer = {n: (at, item) for n, (at, item) in self._touched.items() if at >= taken}
        self._touched = newer
        self._model.apply(item for _, item in newer.values())

    @Slot(int)
    def _finding(self, count: int) -> None:
        self.searching.emit(trn("Searching: {n} picture", "Searching: {n} pictures", count))

    @Slot(object)
    def _added(self, added: Added) -> None:
        self.searching.emit("")
        self._model.append(added.items, added.sizes)
        self.changed.emit()
        left_out, messages = added.found.left_out(), self._view.messages
        n = len(added.found.sources)
        if not n:
            messages.show_message(sentences(tr("Nothing was added."), left_out), "warning")
        elif left_out:
            said = trn("{n} picture added.", "{n} pictures added.", n)
            messages.show_message(sentences(said, left_out))
        else:
            messages.clear()
        self._select_wanted()

    @Slot(Path)
    def _exported(self, path: Path) -> None:
        self._view.messages.show_message(
            tr("The report was saved as {name}.", name=path.name),
            "done",
            action=tr("Open folder"),
            act=lambda: ending.open_folder(path.parent),
        )

    # what is chosen

    @Slot(object)
    def _filter(self, which: Filter) -> None:
        self._view.table.keep_place(lambda: self._model.set_filter(which))

    @Slot()
    def _retry_failed(self) -> None:
        failed = [item.id for item in self._model.rows.items() if item.status == "failed"]
        self._session.retry(failed)

    def _select_wanted(self) -> None:
        """The picture that was handed over, also where it was in the list before."""
        if self._wanted is None:
            return
        rows, table = self._model.rows, self._view.table
        found = [item.id for item in rows.items() if item.source == self._wanted]
        if not found:
            return
        self._wanted = None
        if rows.row_of(found[-1]) is None:
            self._view.top.choose(Filter.ALL)
        table.choose(found, found[-1])
        table.scrollTo(table.currentIndex())
        table.setFocus()


def _pictures() -> str:
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
