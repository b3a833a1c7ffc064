"""The queue as rows: light items by id, an index list for the filter, changes by id."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
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

from srgan_desktop.core.base.console import seconds_text
from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.jobs.item import Item
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.gui.batch.filters import STATUSES, Filter, status_text
from srgan_desktop.gui.batch.previews import Preview, Previews

Index = QModelIndex | QPersistentModelIndex

# rows come and go under a filter at most this often; each time costs a look at all rows
REFILTER_MS = 400
# above so many at once the table is told anew as a whole
FEW = 200

_Role = Qt.ItemDataRole


class Column(IntEnum):
    """From left to right."""

    NAME = 0
    FOLDER = 1
    SIZE = 2
    STATUS = 3
    TIME = 4


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The whole queue at one moment, made ready off the window's thread."""

    items: dict[int, Item]
    order: list[int]
    counts: Counter[str]
    sizes: dict[int, TargetSize]
    """By the id of the options; not there where the model's own factor counts."""
    others: int = 0
    """So many wait with other options than the panel shows."""
    taken: float = field(default_factory=time.monotonic)
    """When the looking began."""


class BatchModel(QAbstractTableModel):
    """``take`` replaces everything; ``apply`` changes rows that are there, in constant time."""

    counts_changed = Signal()
    looks_changed = Signal()
    """A preview has come: what is seen is to be drawn again."""

    def __init__(self, previews: Previews) -> None:
        super().__init__()
        self.previews = previews
        self.filter = Filter.ALL
        self.counts: Counter[str] = Counter()
        self._items: dict[int, Item] = {}
        self._order: list[int] = []
        self._shown: list[int] = []
        self._row: dict[int, int] = {}
        self._shares: dict[int, float] = {}
        self._sizes: dict[int, TargetSize] = {}
        self._refilter = QTimer(self)
        self._refilter.setSingleShot(True)
        self._refilter.setInterval(REFILTER_MS)
        self._refilter.timeout.connect(self.refilter)
        previews.made.connect(self._preview_made)

    # what is asked

    def __len__(self) -> int:
        """All pictures, shown or not."""
        return len(self._items)

    def item(self, row: int) -> Item:
        """What stands in a row."""
        return self._items[self._shown[row]]

    def preview(self, row: int) -> Preview | None:
        """What is shown beside the name; asked for by drawing it."""
        return self.previews.get(self.item(row).source)

    def share(self, number: int) -> float | None:
        """How far an item in work is, 0..1."""
        return self._shares.get(number)

    def known(self, number: int) -> Item | None:
        """An item by its id."""
        return self._items.get(number)

    def items(self) -> Iterable[Item]:
        """All of them, shown or not, in no order."""
        return self._items.values()

    def ids(self, rows: Iterable[int]) -> list[int]:
        """Of the rows that are there."""
        return [self._shown[row] for row in rows if 0 <= row < len(self._shown)]

    def row_of(self, number: int) -> int | None:
        """Where an item stands; None where the filter hides it."""
        return self._row.get(number)

    def neighbour(self, numbers: Sequence[int], step: int) -> int | None:
        """In the queue's own order: the item before the first (-1) or after the last (1) of them.

        Only those that wait count, since only their order matters. None: there is none.
        """
        chosen = set(numbers)
        places = [place for place, number in enumerate(self._order) if number in chosen]
        if not places:
            return None
        at = (places[0] if step < 0 else places[-1]) + step
        while 0 <= at < len(self._order):
            if self._items[self._order[at]].status == "waiting":
                return self._order[at]
            at += step
        return None

    def first_waiting(self, *, without: Sequence[int] = ()) -> int | None:
        """The id that comes next."""
        known, left_out = self._items, set(without)
        waits = (n for n in self._order if known[n].status == "waiting" and n not in left_out)
        return next(waits, None)

    def follower(self, number: int) -> int | None:
        """The id after another in the queue's order; None: that is the last."""
        at = self._order.index(number) + 1
        return self._order[at] if at < len(self._order) else None

    def waits(self, row: int) -> bool:
        """Whether the item in a row is still to be done."""
        return self.item(row).status == "waiting"

    def before(self, row: int, *, without: Sequence[int]) -> int | None:
        """The id before which ``without`` come when put above a row; None: at the end."""
        left_out = set(without)
        for number in self._shown[row:]:
            if number not in left_out:
                return number
        # what the filter hides below the last row keeps its place behind them
        stay = [number for number in self._shown[:row] if number not in left_out]
        at = self._order.index(stay[-1]) + 1 if stay else len(self._order)
        return next((number for number in self._order[at:] if number not in left_out), None)

    def example(self) -> Item | None:
        """What comes next, or the first of all."""
        number = self.first_waiting()
        if number is None and self._order:
            number = self._order[0]
        return None if number is None else self._items[number]

    def find_name(self, text: str, after: int) -> int | None:
        """The next row whose name starts with ``text``, round the end; None where none does."""
        wanted, count = text.casefold(), len(self._shown)
        for step in range(count):
            row = (after + step) % count
            if self.item(row).source.name.casefold().startswith(wanted):
                return row
        return None

    # what is told

    def take(self, snapshot: Snapshot) -> None:
        """The whole queue anew; where rows were only added at the end, the others stay put."""
        shown = self._passing(snapshot.items, snapshot.order)
        old = self._shown
        if shown[: len(old)] == old:
            self._set(snapshot)
            if len(shown) > len(old):
                self.beginInsertRows(QModelIndex(), len(old), len(shown) - 1)
                self._show(shown)
                self.endInsertRows()
            if old:
                self._tell_rows(0, len(old) - 1)
        else:
            self.beginResetModel()
            self._set(snapshot)
            self._show(shown)
            self.endResetModel()
        self.counts_changed.emit()

    def append(self, items: Sequence[Item], sizes: Mapping[int, TargetSize]) -> None:
        """Waiting items at the queue's end; ``sizes`` as in ``Snapshot``."""
        self._sizes = self._sizes | dict(sizes)
        numbers = [item.id for item in items]
        self._items.update(zip(numbers, items, strict=True))
        self._order += numbers
        self.counts["waiting"] += len(items)
        if numbers and "waiting" in STATUSES[self.filter]:
            first = len(self._shown)
            self.beginInsertRows(QModelIndex(), first, first + len(numbers) - 1)
            self._shown += numbers
            self._row.update(zip(numbers, range(first, len(self._shown)), strict=True))
            self.endInsertRows()
        self.counts_changed.emit()

    def apply(self, changes: Iterable[Item]) -> None:
        """Other states of items that are known; the unknown are left out."""
        rows: list[int] = []
        leaves = False
        for item in changes:
            old = self._items.get(item.id)
            if old is None:
                continue
            self._items[item.id] = item
            if old.status != item.status:
                self.counts[old.status] -= 1
                self.counts[item.status] += 1
                leaves = True
            if item.status != "working":
                self._shares.pop(item.id, None)
            row = self._row.get(item.id)
            if row is not None:
                rows.append(row)
        if rows:
            self._tell_rows(min(rows), max(rows))
        if leaves:
            self.counts_changed.emit()
            if self.filter is not Filter.ALL and not self._refilter.isActive():
                self._refilter.start()

    def set_shares(self, shares: Mapping[int, float]) -> None:
        """How far the items in work are, 0..1."""
        self._shares.update(shares)
        for number in shares:
            row = self._row.get(number)
            if row is not None:
                index = self.index(row, Column.STATUS)
                self.dataChanged.emit(index, index)

    def set_filter(self, which: Filter) -> None:
        """Show only these."""
        if which is not self.filter:
            self.filter = which
            self.beginResetModel()
            self._show(self._passing(self._items, self._order))
            self.endResetModel()

    @Slot()
    def refilter(self) -> None:
        """Rows that fit no more go, those that fit now come."""
        self._refilter.stop()
        shown = self._passing(self._items, self._order)
        if shown == self._shown:
            return
        coming = set(shown) - set(self._shown)
        going = set(self._shown) - set(shown)
        if len(coming) + len(going) > FEW:
            self.beginResetModel()
            self._show(shown)
            self.endResetModel()
            return
        for number in sorted(going, key=self._row.__getitem__, reverse=True):
            row = self._row[number]
            self.beginRemoveRows(QModelIndex(), row, row)
            del self._shown[row]
            self.endRemoveRows()
        for row, number in enumerate(shown):
            if number in coming:
                self.beginInsertRows(QModelIndex(), row, row)
                self._shown.insert(row, number)
                self.endInsertRows()
        self._show(shown)

    def retranslate(self) -> None:
        """All texts in the present language."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)
        if self._shown:
            self._tell_rows(0, len(self._shown) - 1)

    # Qt

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's names
        """How many are shown."""
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Always the same."""
        return 0 if parent is not None and parent.isValid() else len(Column)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """What waits can be taken elsewhere."""
        flags = super().flags(index)
        if index.isValid() and self.waits(index.row()):
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
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return {
            Column.NAME: tr("Picture"),
            Column.FOLDER: tr("Folder"),
            Column.SIZE: tr("Size"),
            Column.STATUS: tr("Status"),
            Column.TIME: tr("Time"),
        }[Column(section)]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts by column; the delegate asks for the item itself."""
        if not index.isValid():
            return None
        item = self._items[self._shown[index.row()]]
        column = index.column()
        match role:
            case _Role.DisplayRole:
                return self._text(item, column)
            case _Role.AccessibleTextRole:
                return self._spoken(item, column)
            case _Role.ToolTipRole:
                return _tip(item, column)
        return None

    # inside

    def _text(self, item: Item, column: int) -> str:
        if column == Column.NAME:
            return item.source.name
        if column == Column.FOLDER:
            return folder_text(item)
        if column == Column.SIZE:
            return self.size_text(item)
        if column == Column.STATUS:
            return status_text(item.status)
        return seconds_text(item.seconds) if item.seconds is not None else ""

    def size_text(self, item: Item) -> str:
        """ "640 × 480 → 2560 × 1920", as far as it is known."""
        size = self.size_of(item)
        if size is None:
            return ""
        after = self._size_after(item, size)
        text = f"{size[0]} × {size[1]}"
        return text if after is None else f"{text} → {after[0]} × {after[1]}"

    def size_of(self, item: Item) -> tuple[int, int] | None:
        """The source's, in pixels, as far as anybody has looked."""
        if item.width and item.height:
            return item.width, item.height
        preview = self.previews.peek(item.source)
        return preview.size if preview is not None else None

    def _size_after(self, item: Item, size: tuple[int, int]) -> tuple[int, int] | None:
        if item.out_width and item.out_height:
            return item.out_width, item.out_height
        rule = self._sizes.get(item.options)
        if rule is None or item.status not in ("waiting", "working"):
            return None
        try:
            return rule.resolve(*size)
        except UsageError:
            return None

    def _spoken(self, item: Item, column: int) -> str:
        if column == Column.STATUS and item.error:
            return f"{status_text(item.status)}: {item.error}"
        share = self._shares.get(item.id)
        if column == Column.STATUS and share is not None:
            return f"{status_text(item.status)}, {share:.0%}"
        return self._text(item, column)

    def _set(self, snapshot: Snapshot) -> None:
        self._items, self._order = snapshot.items, snapshot.order
        self._sizes = snapshot.sizes
        self.counts = Counter(snapshot.counts)
        self._shares = {n: share for n, share in self._shares.items() if n in self._items}

    def _show(self, shown: list[int]) -> None:
        self._shown = shown
        self._row = dict(zip(shown, range(len(shown)), strict=True))

    def _passing(self, items: dict[int, Item], order: list[int]) -> list[int]:
        if self.filter is Filter.ALL:
            return list(order)
        wanted = STATUSES[self.filter]
        return [number for number in order if items[number].status in wanted]

    def _tell_rows(self, first: int, last: int) -> None:
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(Column) - 1))

    @Slot(Path)
    def _preview_made(self, path: Path) -> None:
        # which rows show it is not kept: the few that are looked at are drawn anew
        self.looks_changed.emit()


def folder_text(item: Item) -> str:
    """Where it was found: below the folder that was given, or the folder it lies in."""
    return str(item.source.parent)


def _tip(item: Item, column: int) -> str:
    if column == Column.STATUS:
        return item.error or ""
    if column == Column.NAME:
        return str(item.source)
    if column == Column.FOLDER:
        return str(item.source.parent)
    return ""
