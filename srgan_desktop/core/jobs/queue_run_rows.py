"""What a run asks a queue and writes into it. ``Queue`` adds what a person does with it."""

from __future__ import annotations

import os
import time
from functools import lru_cache
from pathlib import Path

from srgan_desktop.core.base.atomic import Existing
from srgan_desktop.core.jobs.item import Item, Status
from srgan_desktop.core.jobs.queue_database import Row, Store

COLUMNS = (
    "id, position, source, folder, options, status, attempts, error, kind, target, "
    "width, height, out_width, out_height, seconds, added, finished"
)


class RunStore:
    """See ``Queue``."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._withdrawn: set[int] = set()

    @property
    def path(self) -> Path | None:
        """Of its file; None: in memory."""
        return self._store.path

    @property
    def notice(self) -> str:
        """What a person should know about opening it (it was damaged), or ""."""
        return self._store.notice

    def get(self, item_id: int) -> Item | None:
        """None: it was removed."""
        rows = self._store.rows(f"SELECT {COLUMNS} FROM items WHERE id = ?", (item_id,))
        return item_of(rows[0]) if rows else None

    def next_waiting(self, passed_over: frozenset[int] | set[int] = frozenset()) -> Item | None:
        """The first waiting item that is not among ``passed_over``."""
        rows = self._store.rows(
            f"SELECT {COLUMNS} FROM items WHERE status = 'waiting' ORDER BY position, id LIMIT ?",
            (len(passed_over) + 1,),
        )
        return next((item_of(row) for row in rows if row[0] not in passed_over), None)

    def started(
        self, item: Item, size: tuple[int, int] | None = None, out: tuple[int, int] | None = None
    ) -> Item | None:
        """Mark a waiting item as working; None where it was withdrawn or changed meanwhile.

        Args:
            size, out: width and height of source and result in pixels, to be noted too.
        """
        return self._changed(
            "UPDATE items SET status = 'working', attempts = attempts + 1, "
            "width = coalesce(?, width), height = coalesce(?, height), "
            "out_width = coalesce(?, out_width), out_height = coalesce(?, out_height), "
            "error = NULL, kind = NULL WHERE id = ? AND options = ? AND status = 'waiting'",
            (*(size or (None, None)), *(out or (None, None)), item.id, item.options),
        )

    def withdrawn(self, item_id: int) -> bool:
        """Whether somebody cancelled or removed it since it was started; fast."""
        if item_id not in self._withdrawn:
            return False
        item = self.get(item_id)
        if item is not None and item.status in ("waiting", "working"):
            self._withdrawn.discard(item_id)
            return False
        return True

    def staging(self, item_id: int, target: Path, result_bytes: int, mtime_ns: int) -> bool:
        """On the disk before a result gets its name: which it will be, and how to know the file.

        Returns:
            False: the item was withdrawn; its result must not be published.
        """
        with self._store.transaction() as db:
            return bool(
                db.execute(
                    "UPDATE items SET target = ?, result_bytes = ?, result_mtime_ns = ? "
                    "WHERE id = ? AND status = 'working'",
                    (self._path_bytes(target), result_bytes, mtime_ns, item_id),
                ).rowcount
            )

    # what becomes of an item: each returns the row as it is then, None where it has none any more

    def finished(self, item_id: int, target: Path, seconds: float) -> Item | None:
        """A working item is done. Even where it was cancelled while landing: the file is there."""
        return self._settle(item_id, "done", seconds, target=target)

    def skipped(self, item_id: int, target: Path) -> Item | None:
        """A file was there already and was to be left alone."""
        return self._settle(item_id, "skipped", None, target=target)

    def failed(
        self, item_id: int, error: str, kind: str, seconds: float | None = None
    ) -> Item | None:
        return self._settle(item_id, "failed", seconds, error=error, kind=kind)

    def waits_again(self, item_id: int) -> Item | None:
        """An item in work was not finished: a stop, or a full disk."""
        return self._changed(
            "UPDATE items SET status = 'waiting', target = NULL, result_bytes = NULL, "
            "result_mtime_ns = NULL WHERE id = ? AND status = 'working'",
            (item_id,),
        )

    def owner_of(self, target: Path, item: Item, existing: Existing, since: float) -> Path | None:
        """The source of another item whose result lies at ``target``, which must not be lost.

        Under "overwrite" that of an item added together with this one, and that of any other
        source that was done ``since`` (in seconds since 1970): what was asked for another day may
        be written over. Under "skip" that of any other source: what lies there is no result of
        this one, so passing it over would leave it without any.
        """
        if existing == "rename":
            return None
        other = self._path_bytes(item.source)
        where = "status IN ('done', 'skipped') AND source != ?"
        values: list[object] = [other]
        if existing == "overwrite":
            together = "added_with = (SELECT added_with FROM items WHERE id = ?)"
            where = (
                f"(status IN ('done', 'skipped') AND {together} "
                "OR status = 'done' AND source != ? AND finished >= ?)"
            )
            values = [item.id, other, since]
        rows = self._store.rows(
            f"SELECT source FROM items WHERE target = ? AND id != ? AND {where}",
            (self._path_bytes(target), item.id, *values),
        )
        return Path(os.fsdecode(rows[0][0])) if rows else None

    def sources_after(self, item_id: int) -> list[tuple[int, Path]]:
        """(id, source) of all items with a larger id, of any status."""
        rows = self._store.rows("SELECT id, source FROM items WHERE id > ? ORDER BY id", (item_id,))
        return [(number, Path(os.fsdecode(source))) for number, source in rows]

    def keep_stage(self, folder: Path) -> None:
        """Note a folder of unfinished results before it is made, for ``recover``."""
        with self._store.transaction() as db:
            db.execute("INSERT OR IGNORE INTO stages VALUES (?)", (self._path_bytes(folder),))

    def drop_stage(self, folder: Path) -> None:
        """The folder is gone."""
        with self._store.transaction(durable=False) as db:
            db.execute("DELETE FROM stages WHERE folder = ?", (self._path_bytes(folder),))

    def seen(self) -> dict[Path, tuple[int, int]]:
        """Files a watch has taken: their size in bytes and time in ns as they were then."""
        rows = self._store.rows("SELECT path, bytes, mtime_ns FROM seen")
        return {Path(os.fsdecode(path)): (size, mtime) for path, size, mtime in rows}

    def _path_bytes(self, path: Path) -> bytes:
        return os.fsencode(path if self.path is None else path.absolute())

    def _settle(
        self,
        item_id: int,
        status: Status,
        seconds: float | None,
        *,
        target: Path | None = None,
        error: str | None = None,
        kind: str | None = None,
    ) -> Item | None:
        # what waits may fail or be skipped too: that is found out before the work
        allowed = "('working', 'cancelled')" if status == "done" else "('working', 'waiting')"
        return self._changed(
            "UPDATE items SET status = ?, seconds = ?, target = ?, error = ?, kind = ?, "
            f"finished = ? WHERE id = ? AND status IN {allowed}",
            (
                status,
                seconds,
                None if target is None else self._path_bytes(target),
                None if error is None else os.fsencode(error),
                kind,
                time.time(),
                item_id,
            ),
        )

    def _changed(self, update: str, values: tuple[object, ...]) -> Item | None:
        """Change one row; returns it as it is then. A power cut may undo it, see ``Store``."""
        with self._store.transaction(durable=False) as db:
            rows = db.execute(f"{update} RETURNING {COLUMNS}", values).fetchall()
        return item_of(rows[0]) if rows else None


@lru_cache(maxsize=1000)
def _folder(name: bytes) -> Path:
    return Path(os.fsdecode(name))


def item_of(row: Row) -> Item:
    item_id, position, source, folder, options, status, attempts, error, kind, target, *rest = row
    return Item(
        item_id,
        position,
        Path(os.fsdecode(source)),
        _folder(folder),
        options,
        status,
        attempts,
        None if error is None else os.fsdecode(error),
        kind,
        None if target is None else Path(os.fsdecode(target)),
        *rest,
    )
