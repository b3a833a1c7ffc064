"""The part of the page that knows the selected rows and what can be done with them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Slot

from srgan_desktop.core.jobs.item import Item
from srgan_desktop.core.jobs.sources import Source
from srgan_desktop.gui.batch import ending
from srgan_desktop.gui.batch.comparison import ComparisonDialog
from srgan_desktop.gui.batch.page_parts import BatchParts
from srgan_desktop.gui.batch.session import QueueSession
from srgan_desktop.gui.common.dialogs import open_once
from srgan_desktop.gui.common.services import Services

OVER = ("done", "failed", "skipped", "cancelled")
UNDONE = ("waiting", "working")


class RowsPage(BatchParts):
    """Retry, cancel, remove, reorder, look at."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.session = QueueSession(services)
        for action, slot in (
            (self.select_all_action, self.table.selectAll),
            (self.open_action, self._look),
            (self.show_action, self._show_in_folder),
            (self.retry_action, self._retry),
            (self.cancel_action, self._cancel),
            (self.remove_action, self._remove),
            (self.up_action, self._up),
            (self.down_action, self._down),
            (self.first_action, self._first),
            (self.last_action, self._last),
            (self.retry_failed_action, self._retry_failed),
            (self.clear_action, self.session.clear_over),
        ):
            action.triggered.connect(slot)
        self.table.open_wanted.connect(self.look_at)
        self.table.remove_wanted.connect(self._remove)
        self.table.dropped.connect(self._dropped)
        self.table.selection_changed.connect(self._selection_changed)
        self.previews.made.connect(self._size_known)

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

    @Slot(int)
    def _dropped(self, row: int) -> None:
        ids = self._movable()
        if ids:
            self.session.move(ids, self.model.before(row, without=ids))

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

    @Slot(Path)
    def _size_known(self, path: Path) -> None:
        """Of a picture that is looked at; the example's size was not known before."""
        if self.panel.example is not None and path == self.panel.example.path:
            self._show_example()

    def _show_example(self) -> None:
        index = self.table.currentIndex()
        item = self.model.item(index.row()) if index.isValid() else self.model.example()
        if item is None:
            self.panel.set_example(None, None)
            return
        source = Source(item.source, item.folder)
        self.panel.set_example(source, self.model.size_of(item))
