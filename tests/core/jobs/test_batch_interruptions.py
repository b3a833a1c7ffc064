"""A queue that is stopped, paused, or short of disk: nothing is lost, nothing done twice."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from file_runs import FixedDevice
from runner_helpers import below, of, photos, run, save, statuses

from srgan_desktop.core.base.errors import NoSpaceError, QueueError
from srgan_desktop.core.base.events import (
    BatchFinished,
    Event,
    FileDone,
    FileStarted,
    FileTile,
    Paused,
    Resumed,
)
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.jobs import disk_space, staging
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.queue import Queue
from srgan_desktop.core.jobs.runner import Control, run_queue
from srgan_desktop.core.jobs.sources import Source


def test_closing_it_leaves_the_rest_waiting_and_no_trace(
    engine: Engine, queue: Queue, tmp_path: Path
) -> None:
    queue.add(photos(tmp_path, 40), BatchOptions(out=tmp_path / "out", tile=16))
    events = run_queue(queue, [FixedDevice(engine)])
    for event in events:
        if isinstance(event, FileDone):
            break
    events.close()
    counts = queue.counts()
    assert counts["working"] == 0
    assert 1 <= counts["done"] < 40
    assert len(below(tmp_path / "out")) == counts["done"]
    assert not list((tmp_path / "out").glob(".*"))
    run(queue, engine)
    assert queue.counts()["done"] == 40
    assert len(below(tmp_path / "out")) == 40


def test_a_stop_from_another_thread(engine: Engine, queue: Queue, tmp_path: Path) -> None:
    queue.add(photos(tmp_path, 40), BatchOptions(tile=16))
    control = Control()
    events = []
    for event in run_queue(queue, [FixedDevice(engine)], control):
        events.append(event)
        if isinstance(event, FileTile):
            control.stop()
    assert isinstance(events[-1], BatchFinished)
    assert events[-1].done == len(of(FileDone, events)) == queue.counts()["done"] < 40
    assert queue.counts()["waiting"] == 40 - events[-1].done


def test_a_pause_holds_everything_and_takes_no_time(
    engine: Engine, queue: Queue, tmp_path: Path
) -> None:
    queue.add(photos(tmp_path, 5), BatchOptions(tile=16))
    control = Control()
    events: list[Event] = []
    timer = threading.Timer(1.0, control.resume)
    for event in run_queue(queue, [FixedDevice(engine)], control):
        events.append(event)
        if isinstance(event, FileStarted) and not control.paused and not of(Resumed, events):
            control.pause()
        if isinstance(event, Paused):
            assert event.reason == ""
            timer.start()
    assert len(of(Paused, events)) == len(of(Resumed, events)) == 1
    paused, resumed = (
        next(i for i, event in enumerate(events) if isinstance(event, kind))
        for kind in (Paused, Resumed)
    )
    assert not [e for e in events[paused:resumed] if isinstance(e, FileTile | FileStarted)]
    finished = events[-1]
    assert isinstance(finished, BatchFinished)
    assert finished.done == 5
    assert finished.seconds < 0.9


def test_a_cancelled_and_a_removed_item_are_dropped(
    engine: Engine, queue: Queue, tmp_path: Path
) -> None:
    sources = [save(tmp_path / "in" / f"{n}.png", 40, 40) for n in range(4)]
    ids = queue.add(sources, BatchOptions(tile=16, out=tmp_path / "out"))
    for event in run_queue(queue, [FixedDevice(engine)]):
        if isinstance(event, FileTile) and event.done == 1:
            if event.item == ids[0]:
                queue.cancel([ids[0], ids[3]])
            elif event.item == ids[1]:
                queue.remove([ids[1]])
    assert statuses(queue) == ["cancelled", "done", "cancelled"]
    assert below(tmp_path / "out") == {"2_4x.png"}


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_full_disk_pauses_and_goes_on_by_itself(
    engine: Engine, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = threading.Event()
    full.set()
    fsync = os.fsync

    def sync(descriptor: int) -> None:
        if full.is_set():
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(disk_space, "has_space", lambda folder, size: not full.is_set())
    queue.add(photos(tmp_path, 4), BatchOptions(out=tmp_path / "out"))
    events: list[Event] = []
    for event in run_queue(queue, [FixedDevice(engine)], space_check_s=0.05):
        events.append(event)
        if isinstance(event, Paused):
            assert "the disk is full" in event.reason
            assert not of(FileDone, events)
            until(lambda: queue.counts()["waiting"] >= 1)
            assert not below(tmp_path / "out")
            full.clear()
    assert len(of(Paused, events)) == len(of(Resumed, events)) == 1
    assert statuses(queue) == ["done"] * 4
    assert len(below(tmp_path / "out")) == 4


@pytest.fixture
def no_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """While it is set, the disk has no room for a folder within "out"."""
    full = threading.Event()
    full.set()
    mkdir = os.mkdir

    def make(path: Path, *mode: int) -> None:
        if full.is_set() and Path(path).is_relative_to(tmp_path / "out"):
            raise OSError(errno.ENOSPC, "No space left on device")
        mkdir(path, *mode)

    monkeypatch.setattr(os, "mkdir", make)
    monkeypatch.setattr(disk_space, "has_space", lambda folder, size: not full.is_set())
    return full


def test_a_disk_too_full_for_a_folder_pauses_and_goes_on_by_itself(
    engine: Engine, queue: Queue, tmp_path: Path, no_folders: threading.Event
) -> None:
    sources = [Source(each.path, Path(f"{n}")) for n, each in enumerate(photos(tmp_path, 4))]
    queue.add(sources, BatchOptions(out=tmp_path / "out"))
    events: list[Event] = []
    for event in run_queue(queue, [FixedDevice(engine)], space_check_s=0.05):
        events.append(event)
        if isinstance(event, Paused):
            assert "the disk is full" in event.reason
            assert statuses(queue) == ["waiting"] * 4
            no_folders.clear()
    assert len(of(Paused, events)) == len(of(Resumed, events)) == 1
    assert statuses(queue) == ["done"] * 4
    assert len(below(tmp_path / "out")) == 4


def test_a_stop_while_a_folder_has_no_room(
    engine: Engine, queue: Queue, tmp_path: Path, no_folders: threading.Event
) -> None:
    queue.add(photos(tmp_path, 2), BatchOptions(out=tmp_path / "out"))
    control = Control()
    for event in run_queue(queue, [FixedDevice(engine)], control, space_check_s=0.05):
        if isinstance(event, Paused):
            control.stop()
    assert statuses(queue) == ["waiting"] * 2


def test_without_patience_a_folder_that_has_no_room_fails_the_file(
    engine: Engine, queue: Queue, tmp_path: Path, no_folders: threading.Event
) -> None:
    queue.add(photos(tmp_path, 1), BatchOptions(out=tmp_path / "out"))
    events = run(queue, engine, patient=False)
    assert not of(Paused, events)
    assert statuses(queue) == ["failed"]


def test_room_for_a_folder_is_looked_for_where_it_is_to_be_made(tmp_path: Path) -> None:
    missing = tmp_path / "not" / "yet"
    assert disk_space.has_space(missing, 0)
    assert not disk_space.has_space(missing, 2**60)
    assert not disk_space.could_ever_fit(missing, 2**60)


def test_a_stop_while_the_disk_is_full(
    engine: Engine, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sync(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(disk_space, "has_space", lambda folder, size: False)
    queue.add(photos(tmp_path, 3), BatchOptions(out=tmp_path / "out"))
    control = Control()
    for event in run_queue(queue, [FixedDevice(engine)], control, space_check_s=0.05):
        if isinstance(event, Paused):
            control.stop()
    assert statuses(queue) == ["waiting"] * 3
    assert below(tmp_path) == {"in/000.png", "in/001.png", "in/002.png", *below_state(tmp_path)}


def below_state(folder: Path) -> set[str]:
    return {f"state/{name}" for name in below(folder / "state")}


def test_a_full_disk_under_the_queue_itself(
    engine: Engine, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # long enough to be noticed
    refusals = iter([True] * 12)
    staging = queue.staging

    def refuse(*arguments: object) -> bool:
        if next(refusals, False):
            raise NoSpaceError("queue: the disk is full")
        return staging(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(queue, "staging", refuse)
    queue.add(photos(tmp_path, 2), BatchOptions(out=tmp_path / "out"))
    events = run(queue, engine, space_check_s=0.05)
    assert of(Paused, events)
    assert statuses(queue) == ["done"] * 2
    assert len(below(tmp_path / "out")) == 2


def test_a_queue_that_cannot_note_that_a_hidden_folder_is_gone(
    engine: Engine, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> None:
        raise NoSpaceError("queue: the disk is full")

    monkeypatch.setattr(queue, "drop_stage", refuse)
    monkeypatch.setattr(staging, "_KEPT", 0)
    queue.add(photos(tmp_path, 2), BatchOptions(out=tmp_path / "out"))
    events = run(queue, engine, space_check_s=0.05)
    # the results are in their places, so nothing is waited for or done again
    assert not of(Paused, events)
    assert statuses(queue) == ["done"] * 2
    assert below(tmp_path / "out") == {"000_4x.png", "001_4x.png"}


def test_the_folder_for_results_is_removed_in_the_middle(
    engine: Engine, queue: Queue, tmp_path: Path
) -> None:
    import shutil

    queue.add(photos(tmp_path, 6), BatchOptions(out=tmp_path / "out"))
    removed = False
    for event in run_queue(queue, [FixedDevice(engine)]):
        if isinstance(event, FileDone) and not removed:
            removed = True
            shutil.rmtree(tmp_path / "out", ignore_errors=True)
    counts = queue.counts()
    assert counts["done"] + counts["failed"] == 6
    assert counts["done"] >= 4


def test_a_fault_of_the_queue_ends_the_run_in_plain_words(
    engine: Engine, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> bool:
        raise QueueError("queue", "is damaged")

    monkeypatch.setattr(queue, "started", fail)
    queue.add(photos(tmp_path, 2), BatchOptions(out=tmp_path / "out"))
    with pytest.raises(QueueError, match="is damaged"):
        run(queue, engine)
    assert not below(tmp_path / "out")
