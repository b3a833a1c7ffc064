"""The queue as a table for spreadsheets."""

from __future__ import annotations

import csv
import io
import os
import time
from pathlib import Path

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import ImageWriteError, UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.io.formats import is_image_name, sniff
from srgan_desktop.core.jobs.item import Item
from srgan_desktop.core.jobs.queue import Queue

COLUMNS = (
    "source",
    "status",
    "target",
    "width",
    "height",
    "out_width",
    "out_height",
    "seconds",
    "attempts",
    "kind",
    "error",
    "finished",
)
# of the files that a queue consists of, after its name
_PARTS = ("", "-wal", "-shm", "-journal", ".lock")
_HEAD_BYTES = 4096


def write_report(queue: Queue, path: Path) -> None:
    """All items as CSV, whole or not at all; with a mark at its start so that Excel reads UTF-8.

    Raises:
        UsageError: there is something else than a table: the queue itself, a picture, a model.
        ImageWriteError: it cannot be written.
    """
    _check(queue, path)
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(COLUMNS)
    table.writerows(map(_row, queue.items()))
    try:
        with atomic.replace_file(path) as new:
            new.file.write(text.getvalue().encode("utf-8-sig", errors="backslashreplace"))
    except OSError as error:
        raise ImageWriteError(path, atomic.explain(error)) from error


def _check(queue: Queue, path: Path) -> None:
    """Nobody means to have such a file replaced."""
    if queue.path is not None and any(
        _is_same(path, queue.path.with_name(queue.path.name + part)) for part in _PARTS
    ):
        raise UsageError(
            tr("{path}: belongs to the queue itself; choose another file for the report", path=path)
        )
    head = _head(path)
    # no table has zeros in it; a queue, a model and most of what is packed do
    if is_image_name(path) or sniff(head) is not None or b"\0" in head:
        raise UsageError(tr("{path}: is no table; choose another file for the report", path=path))


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return os.path.realpath(one) == os.path.realpath(other)


def _head(path: Path) -> bytes:
    try:
        if not path.is_file():  # what is no file, such as a terminal, is not waited for
            return b""
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except OSError:
        return b""


def _row(item: Item) -> list[object]:
    finished = item.finished and time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(item.finished))
    values = item._asdict() | {"finished": finished}
    return ["" if values[name] is None else values[name] for name in COLUMNS]
