"""What enlarging files tells those who watch: frozen dataclasses, one JSON object each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from srgan_desktop.core.event import Event as Event  # noqa: PLC0414 - passed on to importers


@dataclass(frozen=True)
class Started(Event):
    event: ClassVar[str] = "started"
    files: int
    model: str
    device: str
    precision: str


@dataclass(frozen=True)
class FileStarted(Event):
    """Sizes in pixels."""

    event: ClassVar[str] = "file_started"
    source: Path
    width: int
    height: int
    out_width: int
    out_height: int


@dataclass(frozen=True)
class FileTile(Event):
    """``done`` of ``total`` tiles of this file are finished."""

    event: ClassVar[str] = "tile"
    source: Path
    done: int
    total: int


@dataclass(frozen=True)
class FileDone(Event):
    event: ClassVar[str] = "file_done"
    source: Path
    target: Path
    seconds: float
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class FileFailed(Event):
    """``kind`` is the error's short name, for programs; ``error`` is for people."""

    event: ClassVar[str] = "file_failed"
    source: Path
    error: str
    kind: str


@dataclass(frozen=True)
class FileSkipped(Event):
    """The target was there already and was to be left alone."""

    event: ClassVar[str] = "file_skipped"
    source: Path
    target: Path


@dataclass(frozen=True)
class Planned(Event):
    """Dry run: what one file would become. Memory and disk in bytes, time in seconds."""

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
