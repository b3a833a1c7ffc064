"""The queue's pictures in their order, and which of them a filter shows. No Qt."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from srgan_desktop.core.jobs.item import Item
from srgan_desktop.core.upscaling.size import TargetSize


class Filter(StrEnum):
    """One of the buttons above the table."""

    ALL = "all"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"

    @property
    def statuses(self) -> frozenset[str]:
        """Those of the rows that it shows."""
        return _STATUSES[self]

    def how_many(self, counts: Mapping[str, int]) -> int:
        """How many rows it shows, of the counts by status."""
        return sum(counts.get(status, 0) for status in self.statuses)


_STATUSES: dict[Filter, frozenset[str]] = {
    Filter.ALL: frozenset({"waiting", "working", "done", "failed", "skipped", "cancelled"}),
    Filter.WAITING: frozenset({"waiting", "working"}),
    Filter.DONE: frozenset({"done"}),
    Filter.FAILED: frozenset({"failed"}),
    Filter.SKIPPED: frozenset({"skipped", "cancelled"}),
}


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


class Rows:
    """Items by id, the queue's order, and what the filter shows of it.

    Attributes:
        filter: what is shown.
        counts: how many items have each status.
        shown: ids of what is shown, from top to bottom.
        sizes: of the results, by the id of the options, as in ``Snapshot``.
    """

    def __init__(self) -> None:
        self.filter = Filter.ALL
        self.counts: Counter[str] = Counter()
        self.shown: list[int] = []
        self.sizes: dict[int, TargetSize] = {}
        self._items: dict[int, Item] = {}
        self._order: list[int] = []
        self._row: dict[int, int] = {}

    def __len__(self) -> int:
        """All pictures, shown or not."""
        return len(self._items)

    # items and rows

    def item(self, row: int) -> Item:
        """What stands in a row."""
        return self._items[self.shown[row]]

    def known(self, number: int) -> Item | None:
        """An item by its id."""
        return self._items.get(number)

    def items(self) -> Iterable[Item]:
        """All of them, shown or not, in no order."""
        return self._items.values()

    def ids(self, rows: Iterable[int]) -> list[int]:
        """Of the rows that are there."""
        return [self.shown[row] for row in rows if 0 <= row < len(self.shown)]

    def row_of(self, number: int) -> int | None:
        """Where an item stands; None where the filter hides it."""
        return self._row.get(number)

    def find_name(self, text: str, after: int) -> int | None:
        """The next row whose name starts with ``text``, round the end; None where none does."""
        wanted, count = text.casefold(), len(self.shown)
        for step in range(count):
            row = (after + step) % count
            if self.item(row).source.name.casefold().startswith(wanted):
                return row
        return None

    # the queue's order

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

    def before(self, row: int, *, without: Sequence[int]) -> int | None:
        """The id before which ``without`` come when put above a row; None: at the end."""
        left_out = set(without)
        for number in self.shown[row:]:
            if number not in left_out:
                return number
        # what the filter hides below the last row keeps its place behind them
        stay = [number for number in self.shown[:row] if number not in left_out]
        at = self._order.index(stay[-1]) + 1 if stay else len(self._order)
        return next((number for number in self._order[at:] if number not in left_out), None)

    def example(self) -> Item | None:
        """What comes next, or the first of all."""
        number = self.first_waiting()
        if number is None and self._order:
            number = self._order[0]
        return None if number is None else self._items[number]

    # changes; what the filter shows afterwards is ``passing``, which ``show`` puts into force

    def take(self, snapshot: Snapshot) -> None:
        """Everything is replaced but what is shown."""
        self._items, self._order = snapshot.items, snapshot.order
        self.sizes = snapshot.sizes
        self.counts = Counter(snapshot.counts)

    def append(self, items: Sequence[Item], sizes: Mapping[int, TargetSize]) -> None:
        """Waiting items at the queue's end, not shown yet."""
        self.sizes = self.sizes | dict(sizes)
        numbers = [item.id for item in items]
        self._items.update(zip(numbers, items, strict=True))
        self._order += numbers
        self.counts["waiting"] += len(items)

    def replace(self, item: Item) -> Item | None:
        """The same picture in another state; what it was before, None where it is not known."""
        old = self._items.get(item.id)
        if old is not None:
            self._items[item.id] = item
            if old.status != item.status:
                self.counts[old.status] -= 1
                self.counts[item.status] += 1
        return old

    def passing(self, snapshot: Snapshot | None = None) -> list[int]:
        """What the filter lets pass, of the queue or of what it is to become."""
        items = self._items if snapshot is None else snapshot.items
        order = self._order if snapshot is None else snapshot.order
        if self.filter is Filter.ALL:
            return list(order)
        wanted = self.filter.statuses
        return [number for number in order if items[number].status in wanted]

    def show(self, shown: list[int]) -> None:
        """These are the rows."""
        self.shown = shown
        self._row = dict(zip(shown, range(len(shown)), strict=True))

    def show_more(self, numbers: Sequence[int]) -> None:
        """More rows at the end, in a time that does not grow with those before."""
        first = len(self.shown)
        self.shown += numbers
        self._row.update(zip(numbers, range(first, len(self.shown)), strict=True))
