"""The queue as a table for spreadsheets."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import ImageWriteError
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


def write_report(queue: Queue, path: Path) -> None:
    """All items as CSV, whole or not at all; with a mark at its start so that Excel reads UTF-8.

    Raises:
        ImageWriteError: it cannot be written.
    """
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(COLUMNS)
    table.writerows(map(_row, queue.items()))
    try:
        with atomic.replace_file(path) as new:
            new.file.write(text.getvalue().encode("utf-8-sig", errors="backslashreplace"))
    except OSError as error:
        raise ImageWriteError(path, atomic.explain(error)) from error


def _row(item: Item) -> list[object]:
    finished = item.finished and time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(item.finished))
    values = item._asdict() | {"finished": finished}
    return ["" if values[name] is None else values[name] for name in COLUMNS]
