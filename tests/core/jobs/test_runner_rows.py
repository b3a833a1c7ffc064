"""What a run tells of its queue's rows, and how it keeps to what it is given."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from file_runs import FixedDevice
from runner_helpers import below, make_engine, of, photos, run, save, statuses

from srgan_desktop.core.base.events import FileDone, FileFailed, FileStarted, FileTile, Paused
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.jobs.item import Item, ItemChanged
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.queue import Queue
from srgan_desktop.core.jobs.runner import Control, run_queue
from srgan_desktop.core.jobs.sources import Source


def test_the_rows_that_are_told_are_those_of_the_queue(
    engine: Engine, queue: Queue, tmp_path: Path
) -> None:
    (tmp_path / "bad.png").write_bytes(b"no picture")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "001_4x.png").write_bytes(b"there")
    queue.add([*photos(tmp_path, 4), Source(tmp_path / "bad.png")], BatchOptions(existing="skip"))
    told: dict[int, Item] = {}
    seen: dict[int, list[str]] = {}
    for event in of(ItemChanged, run(queue, engine)):
        told[event.row.id] = event.row
        seen.setdefault(event.row.id, []).append(event.row.status)
    assert list(told.values()) != []
    assert [told[item.id] for item in queue.items()] == queue.items()
    assert sorted(seen.values()) == [
        ["failed"], ["skipped"], *[["working", "done"]] * 3,
    ]  # fmt: skip


def test_what_is_put_back_is_told_too(engine: Engine, queue: Queue, tmp_path: Path) -> None:
    queue.add([save(tmp_path / "a.png", 64, 64)], BatchOptions(tile=16))
    control = Control()
    rows = []
    for event in run_queue(queue, [FixedDevice(engine)], control):
        if isinstance(event, ItemChanged):
            rows.append(event.row.status)
        if isinstance(event, FileTile):
            control.stop()
    assert rows == ["working", "waiting"]
    assert statuses(queue) == ["waiting"]


def test_one_at_a_time_is_finished_before_the_next_is_touched(
    engine: Engine, queue: Queue, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    first, second = photos(tmp_path, 2)
    queue.add([first, Source(bad), second], BatchOptions())
    events = run(queue, engine, in_flight=1)
    order = [(e.event, e.source.name) for e in of(FileStarted, events) + of(FileFailed, events)]
    assert len(order) == 3
    story = [e.event for e in events if isinstance(e, FileStarted | FileDone | FileFailed)]
    assert story == ["file_started", "file_done", "file_failed", "file_started", "file_done"]


def test_without_patience_a_full_disk_fails_the_file(
    engine: Engine, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    queue.add(photos(tmp_path, 2), BatchOptions(out=tmp_path / "out"))
    events = run(queue, engine, patient=False)
    assert not of(Paused, events)
    assert statuses(queue) == ["failed", "failed"]
    assert "the disk is full" in of(FileFailed, events)[0].error
    assert not below(tmp_path / "out")


@pytest.mark.parametrize(("asked", "tiles"), [(None, 4), (16, 16), (48, 4)])
def test_tiles_on_a_processor_keep_to_their_limit(
    asked: int | None, tiles: int, queue: Queue, tmp_path: Path
) -> None:
    queue.add([save(tmp_path / "a.png", 64, 64)], BatchOptions(tile=asked))
    events = run(queue, make_engine(), cpu_tile=32)
    assert [event.total for event in of(FileTile, events)] == [tiles] * tiles
