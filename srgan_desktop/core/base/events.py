"""Events of long work: their root, how they are drained, and those of enlarging files.

Long work is a generator of frozen dataclasses; each is one JSON object for programs.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, ClassVar, TypeVar

E = TypeVar("E")
F = TypeVar("F")
R = TypeVar("R")


@dataclass(frozen=True)
class Event:
    """Root of all events; ``event`` is the name in JSON."""

    event: ClassVar[str] = "event"

    def to_json(self) -> str:
        """One line of JSON: paths as strings, a number that is no number as null."""
        return json.dumps({"event": self.event} | _clean(dataclasses.asdict(self)))


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def drain(events: Generator[E, None, R], on_event: Callable[[E], object] | None = None) -> R:
    """Let long work come to its end, each event handed to ``on_event``; returns its result.

    The work is closed in whatever way this ends.
    """
    try:
        while True:
            try:
                event = next(events)
            except StopIteration as stop:
                result: R = stop.value
                return result
            if on_event is not None:
                on_event(event)
    finally:
        events.close()


def relay(
    events: Generator[E, None, R], translate: Callable[[E], F | None]
) -> Generator[F, None, R]:
    """Long work whose events are others: what ``translate`` makes of each, None for nothing.

    The result is that of ``events``, which is closed in whatever way this ends.
    """
    try:
        while True:
            try:
                event = next(events)
            except StopIteration as stop:
                result: R = stop.value
                return result
            translated = translate(event)
            if translated is not None:
                yield translated
    finally:
        events.close()


@dataclass(frozen=True)
class FileEvent(Event):
    """About one file. ``item`` is its id in a queue; it comes last and only if it is set."""

    def to_json(self) -> str:
        return super().to_json().replace(', "item": null}', "}")


@dataclass(frozen=True)
class Started(Event):
    event: ClassVar[str] = "started"
    files: int
    model: str
    device: str
    precision: str


@dataclass(frozen=True)
class FileStarted(FileEvent):
    """Sizes in pixels."""

    event: ClassVar[str] = "file_started"
    source: Path
    width: int
    height: int
    out_width: int
    out_height: int
    item: int | None = None


@dataclass(frozen=True)
class FileAdapted(FileEvent):
    """A model that adapts has looked at the picture: what it found and what is used, 0..100.

    The names are those of ``networks.predictor.STRENGTHS``.
    """

    event: ClassVar[str] = "adapted"
    source: Path
    found: Mapping[str, int]
    used: Mapping[str, int]
    item: int | None = None


@dataclass(frozen=True)
class FileTile(FileEvent):
    """``done`` of ``total`` tiles of this file are finished."""

    event: ClassVar[str] = "tile"
    source: Path
    done: int
    total: int
    item: int | None = None


@dataclass(frozen=True)
class FileDone(FileEvent):
    event: ClassVar[str] = "file_done"
    source: Path
    target: Path
    seconds: float
    warnings: tuple[str, ...]
    item: int | None = None


@dataclass(frozen=True)
class FileFailed(FileEvent):
    """``kind`` is the error's short name, for programs; ``error`` is for people."""

    event: ClassVar[str] = "file_failed"
    source: Path
    error: str
    kind: str
    item: int | None = None


@dataclass(frozen=True)
class FileSkipped(FileEvent):
    """The target existed already and was to be left alone."""

    event: ClassVar[str] = "file_skipped"
    source: Path
    target: Path
    item: int | None = None


@dataclass(frozen=True)
class Planned(FileEvent):
    """Dry run: what one file would become. Memory and disk in bytes, time in seconds.

    ``warnings`` are of what will be lost, as far as the header tells.
    """

    event: ClassVar[str] = "planned"
    source: Path
    target: Path
    width: int
    height: int
    out_width: int
    out_height: int
    seconds: float
    memory_bytes: int
    disk_bytes: int
    warnings: tuple[str, ...] = ()
    item: int | None = None


@dataclass(frozen=True)
class PlannedAll(Event):
    """Dry run: everything together."""

    event: ClassVar[str] = "planned_all"
    files: int
    failed: int
    skipped: int
    seconds: float
    memory_bytes: int
    disk_bytes: int
    free_disk_bytes: int | None


@dataclass(frozen=True)
class Finished(Event):
    event: ClassVar[str] = "finished"
    done: int
    failed: int
    skipped: int


@dataclass(frozen=True)
class BatchProgress(Event):
    """A queue's run as a whole, at most a few times a second.

    ``done``, ``failed`` and ``skipped`` are of this run; ``total`` also counts what is left.
    ``eta_s`` is the time left without pauses, ``items_per_s`` the recent pace; None: unknown.
    """

    event: ClassVar[str] = "progress"
    done: int
    failed: int
    skipped: int
    total: int
    eta_s: float | None
    items_per_s: float | None


@dataclass(frozen=True)
class Paused(Event):
    """The run pauses. ``reason`` is for people, "" if it was asked for."""

    event: ClassVar[str] = "paused"
    reason: str


@dataclass(frozen=True)
class Resumed(Event):
    event: ClassVar[str] = "resumed"


@dataclass(frozen=True)
class BatchFinished(Event):
    """The end of a run; items not counted here still wait. ``seconds`` without pauses."""

    event: ClassVar[str] = "batch_finished"
    done: int
    failed: int
    skipped: int
    cancelled: int
    seconds: float


@dataclass(frozen=True)
class Watching(Event):
    """A folder is being watched from now on."""

    event: ClassVar[str] = "watching"
    folder: Path
