"""One picture of a queue."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

from srgan_desktop.core.base.events import Event

Status = Literal["waiting", "working", "done", "failed", "skipped", "cancelled"]
STATUSES: tuple[Status, ...] = ("waiting", "working", "done", "failed", "skipped", "cancelled")


class Item(NamedTuple):
    """A row of the queue as it was when it was asked for.

    A named tuple, for a queue of 50,000 makes as many at once.

    Attributes:
        id: stays the same for life and is never used again.
        position: items with less come first.
        source: absolute in a queue that has a file.
        folder: place of the source below the folder that was given, "." if none.
        options: id for ``Queue.options``.
        attempts: how often work on it has begun.
        error, kind: of the last failure, else None; ``kind`` as in ``FileFailed``.
        target: of the result, where there is one (done), or what was in the way (skipped).
        width, height, out_width, out_height: in pixels; None until the file was looked at.
        seconds: that the last attempt took.
        added, finished: seconds since 1970.
    """

    id: int
    position: float
    source: Path
    folder: Path
    options: int
    status: Status
    attempts: int
    error: str | None
    kind: str | None
    target: Path | None
    width: int | None
    height: int | None
    out_width: int | None
    out_height: int | None
    seconds: float | None
    added: float
    finished: float | None


@dataclass(frozen=True)
class ItemChanged(Event):
    """A run has changed a row of its queue; ``row`` is what it is now."""

    event: ClassVar[str] = "item_changed"
    row: Item
