"""The selected rows of the Batch page, and what can be done with them."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from srgan_desktop.core.jobs.item import Item
from srgan_desktop.gui.batch import after_run as ending
from srgan_desktop.gui.batch.actions import BatchActions
from srgan_desktop.gui.batch.comparison import ComparisonDialog
from srgan_desktop.gui.batch.session import QueueSession
from srgan_desktop.gui.batch.table_model import BatchModel
from srgan_desktop.gui.batch.view import BatchView
from srgan_desktop.gui.common.dialogs import open_once
from srgan_desktop.gui.common.services import Services

OVER = ("done", "failed", "skipped", "cancelled")
UNDONE = ("waiting", "working")
# what a run does to the selected rows is noted this often; it costs a look at all of them
SOON_MS = 200


class RowsController(QObject):
    """Retry, cancel, remove, reorder, look at."""

    def __init__(
        self,
        services: Services,
        session: QueueSession,
        model: BatchModel,
        view: BatchView,
        actions: BatchActions,
    ) -> None:
        super().__init__(view)
        self._services, self._session = services, session
        self._rows, self._table, self._view = model.rows, view.table, view
        self._actions = actions
        for action, slot in (
            (actions.select_all, view.table.selectAll),
            (actions.open, self._look),
            (actions.show_in_folder, self._show_in_folder),
            (actions.retry, self._retry),
            (actions.cancel, self._cancel),
            (actions.remove, self._remove),
            (actions.up, self._up),
            (actions.down, self._down),
            (actions.first, self._first),
            (actions.last, self._last),
        ):
            action.triggered.connect(slot)
        view.table.open_wanted.connect(self.look_at)
        view.table.remove_wanted.connect(self._remove)
        view.table.dropped.connect(self._dropped)
        view.table.selection_changed.connect(self.refresh)
        view.note.retry_wanted.connect(self._retry)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON_MS)
        self._soon.timeout.connect(self.refresh)
        model.counts_changed.connect(self._refresh_soon)
        self.refresh()

    @Slot(int)
    def look_at(self, number: int) -> None:
        """Original and result of a finished item; of another there is nothing to see."""
        item = self._rows.known(number)
        if item is not None and item.status == "done" and item.target is not None:
            open_once(ComparisonDialog(self._services, item.source, item.target, self._view))

    @Slot()
    def refresh(self) -> None:
        """Which actions make sense for what is selected, and what is to be said of it."""
        items, current = self._table.chosen_items(), self._table.current_item()
        self._view.note.show_item(current if current in items else None)
        has_result = current is not None and current.status == "done"
        statuses = {item.status for item in items}
        some, waits = bool(items), "waiting" in statuses
        actions = self._actions
        for action, sense in (
            (actions.open, has_result and some),
            (actions.show_in_folder, some),
            (actions.retry, bool(statuses & set(OVER))),
            (actions.cancel, bool(statuses & set(UNDONE))),
            (actions.remove, some),
            (actions.up, waits),
            (actions.down, waits),
            (actions.first, waits),
            (actions.last, waits),
        ):
            action.setEnabled(sense)

    @Slot()
    def _refresh_soon(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    @Slot()
    def _retry(self) -> None:
        self._session.retry([i.id for i in self._table.chosen_items() if i.status in OVER])

    @Slot()
    def _cancel(self) -> None:
        self._session.cancel([i.id for i in self._table.chosen_items() if i.status in UNDONE])

    @Slot()
    def _remove(self) -> None:
        self._session.remove([item.id for item in self._table.chosen_items()])

    @Slot()
    def _up(self) -> None:
        before = self._rows.neighbour(self._movable(), -1)
        if before is not None:
            self._session.move(self._movable(), before)

    @Slot()
    def _down(self) -> None:
        after = self._rows.neighbour(self._movable(), 1)
        if after is not None:
            self._session.move(self._movable(), self._rows.follower(after))

    @Slot()
    def _first(self) -> None:
        ids = self._movable()
        before = self._rows.first_waiting(without=ids)
        if ids and before is not None:
            self._session.move(ids, before)

    @Slot()
    def _last(self) -> None:
        ids = self._movable()
        if ids:
            self._session.move(ids, None)

    @Slot(int)
    def _dropped(self, row: int) -> None:
        ids = self._movable()
        if ids:
            self._session.move(ids, self._rows.before(row, without=ids))

    def _movable(self) -> list[int]:
        return [item.id for item in self._table.chosen_items() if item.status == "waiting"]

    @Slot()
    def _look(self) -> None:
        item = self._table.current_item()
        if item is not None:
            self.look_at(item.id)

    @Slot()
    def _show_in_folder(self) -> None:
        item: Item | None = self._table.current_item()
        if item is not None:
            ending.open_folder((item.target or item.source).parent)
