"""The list goes along with the work, for as long as nobody looks at another part of it."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QAbstractItemView

from srgan_desktop.core.jobs.item import Item
from srgan_desktop.gui.batch.rows import Rows
from srgan_desktop.gui.batch.table_view import BatchTable

# rows that stay in sight below the one in work: what comes next
AHEAD = 2


class WorkFollower(QObject):
    """Keeps the newest picture in work in sight; who scrolls away from it is left alone, and who
    scrolls back to it is taken along again."""

    def __init__(self, rows: Rows, table: BatchTable) -> None:
        super().__init__(table)
        self._rows, self._table = rows, table
        self._newest: int | None = None
        self._follows = True
        self._scrolls = False
        table.verticalScrollBar().valueChanged.connect(self._scrolled)

    @Slot()
    def begin(self) -> None:
        """A run begins: whoever started it wants to see it."""
        self._newest, self._follows = None, True
        first = self._rows.first_waiting()
        if first is not None:
            self._show(first)

    @Slot(object)
    def take(self, items: Iterable[Item]) -> None:
        """These are in other states now."""
        working = [item.id for item in items if item.status == "working"]
        if not working:
            return
        self._newest = working[-1]
        if self._follows:
            self._show(self._newest)

    def _show(self, number: int) -> None:
        row = self._rows.row_of(number)
        if row is None:
            return
        self._scrolls = True
        ahead = min(row + AHEAD, len(self._rows.shown) - 1)
        hint = QAbstractItemView.ScrollHint.EnsureVisible
        for wanted in (ahead, row):
            self._table.scrollTo(self._table.model().index(wanted, 0), hint)
        self._scrolls = False

    @Slot()
    def _scrolled(self) -> None:
        if self._scrolls or self._newest is None:
            return
        row = self._rows.row_of(self._newest)
        if row is not None:
            place = self._table.visualRect(self._table.model().index(row, 0))
            self._follows = self._table.viewport().rect().intersects(place)
