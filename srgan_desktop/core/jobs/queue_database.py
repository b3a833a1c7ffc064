"""The file behind a queue: one SQLite database, a lock beside it, and what to do when damaged.

WAL, so that a reader never waits for a writer. What must survive a power cut (what a person asked
for, and where a result is about to lie) is committed with synchronous=FULL, which waits for the
disk. The rest is committed with NORMAL, which does not: it cannot damage the file, and what is
lost of it is found out again from the files themselves.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import NoSpaceError, QueueBusyError, QueueError
from srgan_desktop.core.base.locks import LockFile
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.io.formats import is_image_name, sniff

SCHEMA_VERSION = 1
_BUSY_S = 10.0
_MAGIC = b"SQLite format 3\0"
# of files that may well be queues; others are set aside only where their content says so
_ENDINGS = ("", ".queue", ".sqlite3", ".sqlite", ".db")
# paths and messages are bytes: names on Linux need not be text
_SCHEMA = """
CREATE TABLE options (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    position REAL NOT NULL,
    added_with INTEGER NOT NULL,
    source BLOB NOT NULL,
    folder BLOB NOT NULL,
    options INTEGER NOT NULL REFERENCES options (id),
    status TEXT NOT NULL DEFAULT 'waiting',
    attempts INTEGER NOT NULL DEFAULT 0,
    error BLOB,
    kind TEXT,
    target BLOB,
    width INTEGER, height INTEGER, out_width INTEGER, out_height INTEGER,
    seconds REAL,
    added REAL NOT NULL,
    finished REAL,
    result_bytes INTEGER, result_mtime_ns INTEGER
);
CREATE INDEX items_in_order ON items (status, position);
CREATE INDEX items_by_place ON items (position);
CREATE INDEX items_by_source ON items (source);
CREATE INDEX items_by_target ON items (target) WHERE target IS NOT NULL;
CREATE TABLE stages (folder BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE seen (path BLOB PRIMARY KEY, bytes INTEGER, mtime_ns INTEGER) WITHOUT ROWID;
"""
Row = tuple[Any, ...]


class Store:
    """A queue's database; every method may be called from any thread.

    Attributes:
        path: of the file; None: in memory, gone with the process.
        notice: what a person should know about opening it, or "".

    Raises:
        QueueBusyError: another program has it open.
        QueueError: it cannot be opened, or a newer program made it.
    """

    def __init__(self, path: Path | None, *, read_only: bool = False) -> None:
        self.path = path
        self.notice = ""
        self._guard = threading.RLock()
        self._read_guard = threading.RLock()
        self._lock: LockFile | None = None
        if path is None:
            self._writing = self._reading = _connected(":memory:")
            self._read_guard = self._guard
            _prepare(self._writing, None)
            return
        self.path = path = path.absolute()
        _refuse_images(path)
        if read_only:
            self._writing = self._reading = _open_to_read(path)
            return
        self._lock = _locked(path)
        try:
            self._writing = self._open(path)
            self._reading = _connected(str(path))
        except BaseException:
            self._lock.free()
            raise

    def _open(self, path: Path) -> sqlite3.Connection:
        try:
            return _opened(path)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise _explained(path, error) from error
            if not _may_be_set_aside(path):
                raise QueueError(path, tr("is not a queue; choose another file for it")) from error
        aside = _set_aside(path)
        self.notice = tr(
            "{path}: the queue was damaged; it is kept as {aside}, and a new one was begun",
            path=path,
            aside=aside.name,
        )
        return _opened(path)

    @contextlib.contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """All of the body's changes, or none of them.

        Args:
            durable: on the disk when this returns; else a power cut may undo it.

        Raises:
            NoSpaceError: the disk is full; nothing was changed.
            QueueError: as for any other fault of the file.
        """
        with self._guard, self._faults():
            self._writing.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._writing.execute("BEGIN IMMEDIATE")
            try:
                yield self._writing
                self._writing.execute("COMMIT")
            except BaseException:
                # a full disk or a damaged file may have ended the transaction already
                with contextlib.suppress(sqlite3.Error):
                    self._writing.execute("ROLLBACK")
                raise

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """What a SELECT finds.

        Raises:
            QueueError: a fault of the file.
        """
        with self._read_guard, self._faults():
            return self._reading.execute(sql, values).fetchall()

    def close(self) -> None:
        """Also takes away the files beside the database, and the lock."""
        with self._guard, self._read_guard, contextlib.suppress(sqlite3.Error):
            if self._reading is not self._writing:
                self._reading.close()
            self._writing.close()
        if self._lock is not None:
            self._lock.free()

    @contextlib.contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _explained(self.path or Path("queue"), error) from error


def _locked(path: Path) -> LockFile:
    lock = LockFile(path.with_name(path.name + ".lock"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        taken = lock.take()
    except OSError as error:
        raise QueueError(path, atomic.explain(error)) from error
    if not taken:
        raise QueueBusyError(
            path, tr("another program works with this queue; end it first, or choose another file")
        )
    return lock


def _connected(name: str, *, uri: bool = False) -> sqlite3.Connection:
    return sqlite3.connect(
        name, timeout=_BUSY_S, isolation_level=None, check_same_thread=False, uri=uri
    )


def _opened(path: Path) -> sqlite3.Connection:
    connection = _connected(str(path))
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        _prepare(connection, path)
        _check(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection) -> None:
    (faults,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if faults != "ok":
        raise sqlite3.DatabaseError(faults)


def _prepare(connection: sqlite3.Connection, path: Path | None) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == SCHEMA_VERSION:
        return
    if version != 0 and path is not None:
        raise QueueError(
            path, tr("was made by a newer version of this program; use that one, or another file")
        )
    strangers = connection.execute("SELECT name FROM sqlite_master LIMIT 1").fetchone()
    if strangers is not None and path is not None:
        raise QueueError(path, tr("is another program's database; choose another file"))
    connection.executescript(
        f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
    )


def _open_to_read(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise QueueError(path, tr("there is no such file"))
    try:
        connection = _connected(f"{path.as_uri()}?mode=ro", uri=True)
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute("SELECT count(*) FROM items").fetchone()
    except sqlite3.Error as error:
        raise _explained(path, error) from error
    if version > SCHEMA_VERSION:
        connection.close()
        raise QueueError(
            path, tr("was made by a newer version of this program; use that one, or another file")
        )
    return connection


def _refuse_images(path: Path) -> None:
    """Raises QueueError: somebody gave a picture where the queue's file belongs."""
    if is_image_name(path) or sniff(_head(path)) is not None:
        raise QueueError(path, tr("is a picture; choose another file for the queue"))


def _may_be_set_aside(path: Path) -> bool:
    """Whether a file that is no sound database was likely a queue, and nothing of a person's."""
    return _head(path).startswith(_MAGIC) or path.suffix.lower() in _ENDINGS


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(64)
    except OSError:
        return b""


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    """Damaged or no database at all; not a full disk, a lack of permission or a busy file."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is None or code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _set_aside(path: Path) -> Path:
    stem = f"{path.stem}-damaged-{time.strftime('%Y%m%d-%H%M%S')}"
    number = 0
    while (
        aside := path.with_name(f"{stem}{f'-{number}' if number else ''}{path.suffix}")
    ).exists():
        number += 1
    try:
        for ending in ("-wal", "-shm"):
            beside = path.with_name(path.name + ending)
            if beside.exists():
                beside.replace(aside.with_name(aside.name + ending))
        path.replace(aside)
    except OSError as error:
        raise QueueError(path, atomic.explain(error)) from error
    return aside


def _explained(path: Path, error: sqlite3.Error) -> NoSpaceError | QueueError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        problem = atomic.explain(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
        return NoSpaceError(f"{path}: {problem}")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return QueueError(
            path, tr("the queue is damaged; start again, then it is kept aside and a new one begun")
        )
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return QueueError(path, tr("cannot be opened for writing; choose another file or folder"))
    return QueueError(path, tr("the queue failed: {reason}", reason=error))
