"""The queue as a table: tells views what changes, by row, in constant time where it can."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
    Slot,
)

from srgan_desktop.core.jobs.item import Item
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.gui.batch.cells import Cells, Column
from srgan_desktop.gui.batch.previews import Previews
from srgan_desktop.gui.batch.rows import Filter, Rows, Snapshot

Index = QModelIndex | QPersistentModelIndex

# rows come and go under a filter at most this often; each time costs a look at all rows
REFILTER_MS = 400
# above so many at once the table is told anew as a whole
FEW = 200

_Role = Qt.ItemDataRole


class BatchModel(QAbstractTableModel):
    """``take`` replaces everything; ``apply`` changes rows that are there, in constant time.

    Attributes:
        rows: the items and their order; to be changed by this model alone.
        cells: their texts.
        previews: small pictures of those that are looked at.
    """

    counts_changed = Signal()
    looks_changed = Signal()
    """A preview has come: what is seen is to be drawn again."""

    def __init__(self, previews: Previews) -> None:
        super().__init__()
        self.previews = previews
        self.rows = Rows()
        self._shares: dict[int, float] = {}
        self.cells = Cells(self.rows, previews, self._shares)
        self._refilter = QTimer(self)
        self._refilter.setSingleShot(True)
        self._refilter.setInterval(REFILTER_MS)
        self._refilter.timeout.connect(self.refilter)
        previews.made.connect(self._preview_made)

    def share(self, number: int) -> float | None:
        """How far an item in work is, 0..1."""
        return self._shares.get(number)

    # what is told

    def take(self, snapshot: Snapshot) -> None:
        """The whole queue anew; where rows were only added at the end, the others stay put."""
        shown, old = self.rows.passing(snapshot), self.rows.shown
        if shown[: len(old)] == old:
            self.rows.take(snapshot)
            if len(shown) > len(old):
                self.beginInsertRows(QModelIndex(), len(old), len(shown) - 1)
                self.rows.show(shown)
                self.endInsertRows()
            if old:
                self._emit_rows_changed(0, len(old) - 1)
        else:
            self.beginResetModel()
            self.rows.take(snapshot)
            self.rows.show(shown)
            self.endResetModel()
        for number in [number for number in self._shares if self.rows.known(number) is None]:
            del self._shares[number]
        self.counts_changed.emit()

    def append(self, items: Sequence[Item], sizes: Mapping[int, TargetSize]) -> None:
        """Waiting items at the queue's end; ``sizes`` as in ``Snapshot``."""
        self.rows.append(items, sizes)
        if items and "waiting" in self.rows.filter.statuses:
            first = len(self.rows.shown)
            self.beginInsertRows(QModelIndex(), first, first + len(items) - 1)
            self.rows.show_more([item.id for item in items])
            self.endInsertRows()
        self.counts_changed.emit()

    def apply(self, changes: Iterable[Item]) -> None:
        """Other states of items that are known; the unknown are left out."""
        rows: list[int] = []
        leaves = False
        for item in changes:
            old = self.rows.replace(item)
            if old is None:
                continue
            leaves = leaves or old.status != item.status
            if item.status != "working":
                self._shares.pop(item.id, None)
            row = self.rows.row_of(item.id)
            if row is not None:
                rows.append(row)
        if rows:
            self._emit_rows_changed(min(rows), max(rows))
        if leaves:
            self.counts_changed.emit()
            if self.rows.filter is not Filter.ALL and not self._refilter.isActive():
                self._refilter.start()

    @Slot(object)
    def set_shares(self, shares: Mapping[int, float]) -> None:
        """How far the items in work are, 0..1."""
        self._shares.update(shares)
        for number in shares:
            row = self.rows.row_of(number)
            if row is not None:
                index = self.index(row, Column.STATUS)
                self.dataChanged.emit(index, index)

    def set_filter(self, which: Filter) -> None:
        """Show only these."""
        if which is not self.rows.filter:
            self.rows.filter = which
            self.beginResetModel()
            self.rows.show(self.rows.passing())
            self.endResetModel()

    @Slot()
    def refilter(self) -> None:
        """Rows that fit no more go, those that fit now come."""
        self._refilter.stop()
        rows = self.rows
        shown = rows.passing()
        if shown == rows.shown:
            return
        passing = set(shown)
        coming = passing - set(rows.shown)
        going = [row for row, number in enumerate(rows.shown) if number not in passing]
        if len(coming) + len(going) > FEW:
            self.beginResetModel()
            rows.show(shown)
            self.endResetModel()
            return
        for row in sorted(going, reverse=True):
            self.beginRemoveRows(QModelIndex(), row, row)
            del rows.shown[row]
            self.endRemoveRows()
        for row, number in enumerate(shown):
            if number in coming:
                self.beginInsertRows(QModelIndex(), row, row)
                rows.shown.insert(row, number)
                self.endInsertRows()
        rows.show(shown)

    def retranslate(self) -> None:
        """All texts in the present language."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)
        if self.rows.shown:
            self._emit_rows_changed(0, len(self.rows.shown) - 1)

    # Qt

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's names
        """How many are shown."""
        return 0 if parent is not None and parent.isValid() else len(self.rows.shown)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Always the same."""
        return 0 if parent is not None and parent.isValid() else len(Column)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """What waits can be taken elsewhere."""
        flags = super().flags(index)
        if index.isValid() and self.rows.item(index.row()).status == "waiting":
            flags |= Qt.ItemFlag.ItemIsDragEnabled
        return flags

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The columns' names."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return Column(section).title if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts by column; the delegate asks for the item itself."""
        if not index.isValid():
            return None
        item, column = self.rows.item(index.row()), index.column()
        match role:
            case _Role.DisplayRole:
                return self.cells.text(item, column)
            case _Role.AccessibleTextRole:
                return self.cells.spoken(item, column)
            case _Role.ToolTipRole:
                return self.cells.tip(item, column)
        return None

    # inside

    def _emit_rows_changed(self, first: int, last: int) -> None:
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(Column) - 1))

    @Slot(Path)
    def _preview_made(self, path: Path) -> None:
        # which rows show it is not kept: the few that are looked at are drawn anew
        self.looks_changed.emit()
