"""The queue: what is to be enlarged, how, and what became of it.

It survives a crash, a kill and a power cut. An item is "working" from the moment its computing
begins. Before its result gets its name, that name and the file's size and time are written down
(``staging``); so a queue opened after a kill knows a finished result from a file of somebody else,
counts it as done, and puts every other item that was in work back to be done from its start.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.jobs.item import STATUSES as STATUSES  # noqa: PLC0414 - passed on
from srgan_desktop.core.jobs.item import Item as Item  # noqa: PLC0414
from srgan_desktop.core.jobs.item import Status as Status  # noqa: PLC0414
from srgan_desktop.core.jobs.options import BatchOptions as BatchOptions  # noqa: PLC0414
from srgan_desktop.core.jobs.queue_database import Store
from srgan_desktop.core.jobs.queue_run_rows import COLUMNS, RunStore, item_of
from srgan_desktop.core.jobs.recovery import recover
from srgan_desktop.core.jobs.sources import Source

# a sensible part of SQLite's limit on values in one statement
_CHUNK = 900


def default_path() -> Path:
    """Of the window's queue."""
    return places.state() / "queue.sqlite3"


@dataclass(frozen=True)
class AddedAgain:
    """What ``Queue.add_again`` did: so many are new, wait again, are done, are results."""

    new: int
    again: int
    done: int
    results: int


class Queue(RunStore):
    """All methods may be called from any thread; each is one transaction.

    Changes never touch what they do not apply to: cancelling what is done, say, does nothing.

    Args:
        path: of the file, made where missing; None: in memory.
        read_only: only look, while another program may work with it.

    Attributes:
        path: as given.
        notice: what a person should know about opening it (it was damaged), or "".

    Raises:
        QueueBusyError: another program works with it.
        QueueError: it cannot be opened, or a newer program made it. All methods may raise this.
        NoSpaceError: of methods that change something: the disk is full; nothing was changed.
    """

    def __init__(self, path: Path | None = None, *, read_only: bool = False) -> None:
        super().__init__(Store(path, read_only=read_only))
        self._options: dict[int, BatchOptions] = {}
        if not read_only:
            recover(self._store)

    def close(self) -> None:
        self._store.close()

    def __enter__(self) -> Queue:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # what a person does

    def add(
        self,
        sources: Iterable[Source],
        options: BatchOptions,
        *,
        seen: Iterable[tuple[Path, int, int]] = (),
    ) -> list[int]:
        """Append items; returns their ids.

        Args:
            seen: files to remember together with it (path, size in bytes, time in ns), so that
                they are known again.
        """
        listed = list(sources)
        with self._store.transaction() as db:
            db.executemany(
                "INSERT OR REPLACE INTO seen VALUES (?, ?, ?)",
                [(self._path_bytes(path), size, mtime) for path, size, mtime in seen],
            )
            chosen = self._options_id(db, options)
            if not listed:
                return []
            (last,) = db.execute("SELECT max(position) FROM items").fetchone()
            (ids_before,) = db.execute("SELECT max(id) FROM items").fetchone()
            (used,) = db.execute(
                "SELECT max(seq) FROM sqlite_sequence WHERE name = 'items'"
            ).fetchone()
            first = max(ids_before or 0, used or 0) + 1
            now = time.time()
            db.executemany(
                "INSERT INTO items (id, position, added_with, source, folder, options, added) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        first + index,
                        (last or 0.0) + 1 + index,
                        first,
                        self._path_bytes(source.path),
                        os.fsencode(source.folder),
                        chosen,
                        now,
                    )
                    for index, source in enumerate(listed)
                ),
            )
        return list(range(first, first + len(listed)))

    def add_again(self, sources: Iterable[Source], options: BatchOptions) -> AddedAgain:
        """Append what the queue does not hold with these options, and let wait again what is due.

        Due is what failed or was cancelled, what has changed since it was added, and what lost its
        result. What was found in a folder and is a result of this queue is left out.
        """
        rows = self._store.rows(
            f"SELECT {COLUMNS} FROM items WHERE options = (SELECT id FROM options WHERE text = ?)",
            (self._options_text(options),),
        )
        known = {(item.source, item.folder): item for item in map(item_of, rows)}
        landed = self._landed()
        results = self.results()
        seen = self.seen()
        due: list[int] = []
        new: list[Source] = []
        marks: list[tuple[Path, int, int]] = []
        done = left = 0
        for source in sources:
            path = Path(os.fsdecode(self._path_bytes(source.path)))
            if not source.named and path in results:
                left += 1
                continue
            facts = _facts(path)
            item = known.get((path, source.folder))
            if item is None:
                new.append(source)
            elif _is_due(item, facts, seen.get(path), landed.get(item.id)):
                due.append(item.id)
            else:
                done += item.status not in ("waiting", "working")
                continue
            if facts is not None:
                marks.append((path, *facts))
        self.retry(due)
        self.add(new, options, seen=marks)
        return AddedAgain(len(new), len(due), done, left)

    def _landed(self) -> dict[int, tuple[int, int]]:
        """Size in bytes and time in ns of each result as it was made, by the item."""
        rows = self._store.rows(
            "SELECT id, result_bytes, result_mtime_ns FROM items "
            "WHERE status = 'done' AND result_bytes IS NOT NULL"
        )
        return {item: (size, mtime_ns) for item, size, mtime_ns in rows}

    def retry(self, ids: Iterable[int]) -> int:
        """Let done, failed, skipped and cancelled items wait again; returns how many did.

        A done item's old result is left where it is; the new one is written beside it or over
        it as the options say.
        """
        return self._change(
            "UPDATE items SET status = 'waiting', error = NULL, kind = NULL, target = NULL, "
            "seconds = NULL, finished = NULL, result_bytes = NULL, result_mtime_ns = NULL "
            "WHERE status IN ('done', 'failed', 'skipped', 'cancelled') AND id IN ",
            ids,
        )

    def cancel(self, ids: Iterable[int]) -> int:
        """Cancel items that wait or are in work; the run drops these before long."""
        listed = list(ids)
        self._withdrawn.update(listed)
        return self._change(
            f"UPDATE items SET status = 'cancelled', finished = {time.time()!r} "
            "WHERE status IN ('waiting', 'working') AND id IN ",
            listed,
        )

    def remove(self, ids: Iterable[int]) -> int:
        """Take items off the queue, no file is touched; one in work is cancelled by it."""
        listed = list(ids)
        self._withdrawn.update(listed)
        return self._change("DELETE FROM items WHERE id IN ", listed)

    def clear(self, statuses: Iterable[Status]) -> int:
        """Take all items of these statuses off the queue, but none that is in work."""
        chosen = [status for status in statuses if status != "working"]
        marks = ", ".join("?" * len(chosen))
        with self._store.transaction() as db:
            return db.execute(f"DELETE FROM items WHERE status IN ({marks})", chosen).rowcount

    def move(self, ids: Sequence[int], before_id: int | None) -> None:
        """Put items, in the order given, before another; None: at the end."""
        moved = set(ids)
        with self._store.transaction() as db:
            rest = [
                item
                for (item,) in db.execute("SELECT id FROM items ORDER BY position, id")
                if item not in moved
            ]
            there = {item for (item,) in db.execute("SELECT id FROM items")}
            at = rest.index(before_id) if before_id in rest else len(rest)
            lower = self._position(db, rest[at - 1]) if at > 0 else None
            upper = self._position(db, rest[at]) if at < len(rest) else None
            listed = [item for item in ids if item in there]
            places_ = _between(lower, upper, len(listed))
            if places_ is None:
                order = [*rest[:at], *listed, *rest[at:]]
                pairs = [(float(place), item) for place, item in enumerate(order, 1)]
            else:
                pairs = list(zip(places_, listed, strict=True))
            db.executemany("UPDATE items SET position = ? WHERE id = ?", pairs)

    def set_options(self, ids: Iterable[int], options: BatchOptions) -> int:
        """Give items that are not in work other options; returns how many have them now."""
        with self._store.transaction() as db:
            chosen = self._options_id(db, options)
        return self._change(
            f"UPDATE items SET options = {chosen:d}, out_width = NULL, out_height = NULL "
            "WHERE status != 'working' AND id IN ",
            ids,
        )

    def rename_model(self, old: str, new: str) -> None:
        """The catalogue's model ``old`` is called ``new`` now; what asks for it goes on doing so.

        Raises:
            UsageError: a newer program wrote some of the options.
        """
        used = self._store.rows("SELECT DISTINCT options FROM items")
        known = {number: self.options(number) for (number,) in used}
        with self._store.transaction() as db:
            for number, options in known.items():
                renamed = options.with_model_renamed(old, new)
                if renamed != options:
                    chosen = self._options_id(db, renamed)
                    db.execute("UPDATE items SET options = ? WHERE options = ?", (chosen, number))

    # what one sees

    def items(self, status: Status | None = None) -> list[Item]:
        """All items, or those of one status, in their order."""
        where, values = ("", ()) if status is None else ("WHERE status = ?", (status,))
        rows = self._store.rows(
            f"SELECT {COLUMNS} FROM items {where} ORDER BY position, id", values
        )
        return list(map(item_of, rows))

    def results(self) -> set[Path]:
        """Where results of its items lie, or are about to."""
        targets = self._store.rows("SELECT target FROM items WHERE target IS NOT NULL")
        return {Path(os.fsdecode(target)) for (target,) in targets}

    def counts(self) -> dict[Status, int]:
        """How many items there are of each status, 0 where there are none."""
        found: dict[str, int] = dict(
            self._store.rows("SELECT status, count(*) FROM items GROUP BY status")
        )
        return {status: int(found.get(status, 0)) for status in STATUSES}

    def options(self, options_id: int) -> BatchOptions:
        """What ``Item.options`` stands for; the same object for the same id.

        Raises:
            UsageError: a newer program wrote them.
        """
        known = self._options.get(options_id)
        if known is None:
            ((text,),) = self._store.rows("SELECT text FROM options WHERE id = ?", (options_id,))
            known = self._options.setdefault(options_id, BatchOptions.from_json(text))
        return known

    def waiting_pixels(self) -> tuple[int, int, int]:
        """Of the waiting items: source pixels where known, how many these are, and how many not."""
        ((pixels, known, unknown),) = self._store.rows(
            "SELECT coalesce(sum(width * height), 0), count(width), count(*) - count(width) "
            "FROM items WHERE status = 'waiting'"
        )
        return int(pixels), int(known), int(unknown)

    # within

    def _options_id(self, db: Any, options: BatchOptions) -> int:
        text = self._options_text(options)
        db.execute("INSERT OR IGNORE INTO options (text) VALUES (?)", (text,))
        (chosen,) = db.execute("SELECT id FROM options WHERE text = ?", (text,)).fetchone()
        return int(chosen)

    def _options_text(self, options: BatchOptions) -> str:
        return options.absolute().to_json() if self.path is not None else options.to_json()

    def _change(self, sql: str, ids: Iterable[int]) -> int:
        """Run ``sql`` with lists of ids at its end; returns how many rows changed."""
        listed = list(ids)
        changed = 0
        with self._store.transaction() as db:
            for start in range(0, len(listed), _CHUNK):
                part = listed[start : start + _CHUNK]
                changed += db.execute(f"{sql} ({', '.join('?' * len(part))})", part).rowcount
        return changed

    def _position(self, db: Any, item_id: int) -> float:
        (position,) = db.execute("SELECT position FROM items WHERE id = ?", (item_id,)).fetchone()
        return float(position)


def _between(lower: float | None, upper: float | None, count: int) -> list[float] | None:
    """``count`` ascending numbers between two others; None where these are too close."""
    if lower is None and upper is None:
        lower = 0.0
    if upper is None:
        assert lower is not None
        return [lower + 1 + index for index in range(count)]
    if lower is None:
        lower = upper - count - 1
    step = (upper - lower) / (count + 1)
    found = [lower + step * (index + 1) for index in range(count)]
    chain = [lower, *found, upper]
    rising = all(a < b for a, b in pairwise(chain))
    return found if rising else None


def _facts(path: Path) -> tuple[int, int] | None:
    """A file's size in bytes and time in ns; None where it cannot be looked at."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def _is_due(
    item: Item,
    facts: tuple[int, int] | None,
    before: tuple[int, int] | None,
    landed: tuple[int, int] | None,
) -> bool:
    """Whether an item is to be done again.

    Args:
        facts: of its source now.
        before: of its source when it was added; older queues do not know.
        landed: of its result when it was made, where that is known.
    """
    if item.status in ("failed", "cancelled"):
        return True
    if item.status in ("waiting", "working"):
        return False
    if item.target is not None and _is_gone(item.target, landed):
        return True
    if facts is None:
        return False
    if before is not None:
        return facts != before
    return item.finished is not None and facts[1] > item.finished * 1e9


def _is_gone(target: Path, landed: tuple[int, int] | None) -> bool:
    """Whether a result is no longer there.

    Its name may be another file's: of a disk that was away while the result was made. Such a file
    is older than the result; a newer one is the result as somebody edited it.
    """
    if not os.path.lexists(target):
        return True
    there = _facts(target)
    if there is None or landed is None:
        return False
    return there[0] != landed[0] and there[1] < landed[1]
