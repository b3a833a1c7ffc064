"""A queue worked off: everything once, in spite of faults, pauses, stops and full disks."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import torch
from network_makers import make_network
from PIL import Image

from srgan_desktop.core.batch import room, runner
from srgan_desktop.core.batch.options import BatchOptions
from srgan_desktop.core.batch.queue import Item, Queue
from srgan_desktop.core.batch.runner import Control, run_queue
from srgan_desktop.core.engine import Engine
from srgan_desktop.core.errors import ModelFileError, NoRoomError, QueueError
from srgan_desktop.core.events import (
    BatchFinished,
    BatchProgress,
    Event,
    FileDone,
    FileFailed,
    FileSkipped,
    FileStarted,
    FileTile,
    Paused,
    Resumed,
)
from srgan_desktop.core.job_plan import JobOptions
from srgan_desktop.core.jobs import upscale_files
from srgan_desktop.core.memory import resident_bytes
from srgan_desktop.core.size import TargetSize
from srgan_desktop.core.sources import Naming, Source
from srgan_desktop.core.weights import ModelCard

E = TypeVar("E", bound=Event)
OPTIONS = BatchOptions()


def make_engine(name: str = "tiny", **config: object) -> Engine:
    network = make_network(blocks=1, **config)
    return Engine(
        network, ModelCard(name=name, config=network.config), torch.device("cpu"), "fp32", 1
    )


@pytest.fixture(scope="module")
def engine() -> Engine:
    return make_engine()


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    (tmp_path / "state").mkdir()
    with Queue(tmp_path / "state" / "queue") as opened:
        yield opened


def save(path: Path, width: int = 20, height: int = 12, seed: int = 0) -> Source:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return Source(path)


def photos(folder: Path, count: int) -> list[Source]:
    return [save(folder / "in" / f"{number:03}.png", seed=number) for number in range(count)]


def run(queue: Queue, engine: Engine, **more: object) -> list[Event]:
    return list(run_queue(queue, lambda options: engine, **more))  # type: ignore[arg-type]


def of(kind: type[E], events: list[Event]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]


def below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def statuses(queue: Queue) -> list[str]:
    return [item.status for item in queue.items()]


def item(queue: Queue, item_id: int) -> Item:
    found = queue.get(item_id)
    assert found is not None
    return found


def test_the_results_are_those_of_one_after_the_other(
    engine: Engine, queue: Queue, tmp_path: Path
) -> None:
    sources = photos(tmp_path, 12)
    queue.add(sources, BatchOptions(out=tmp_path / "batch"))
    events = run(queue, engine)
    finished = events[-1]
    assert isinstance(finished, BatchFinished)
    assert (finished.done, finished.failed, finished.skipped, finished.cancelled) == (12, 0, 0, 0)
    job = JobOptions(TargetSize("scale", 4), Naming(out=tmp_path / "single"))
    list(upscale_files(sources, engine, job))
    assert below(tmp_path / "batch") == below(tmp_path / "single")
    for name in below(tmp_path / "batch"):
        assert (tmp_path / "batch" / name).read_bytes() == (tmp_path / "single" / name).read_bytes()
    for found in queue.items():
        assert (found.status, found.attempts) == ("done", 1)
        assert found.target is not None
        assert found.target.is_file()
        assert (found.width, found.out_width) == (20, 80)
        assert found.seconds is not None


def test_each_item_tells_its_story_in_order(engine: Engine, queue: Queue, tmp_path: Path) -> None:
    ids = queue.add(photos(tmp_path, 3), BatchOptions(tile=16))
    events = run(queue, engine)
    for number in ids:
        story = [event for event in events if getattr(event, "item", None) == number]
        assert [event.event for event in story] == ["file_started", "tile", "tile", "file_done"]
    assert '"item": ' in events[0].to_json()


def test_one_bad_file_stops_nothing(engine: Engine, queue: Queue, tmp_path: Path) -> None:
    good = photos(tmp_path, 2)
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    missing = Source(tmp_path / "missing.png")
    ids = queue.add([good[0], Source(bad), missing, good[1]], OPTIONS)
    events = run(queue, engine)
    assert statuses(queue) == ["done", "failed", "failed", "done"]
    assert {event.item for event in of(FileFailed, events)} == {ids[1], ids[2]}
    assert (
        "there is no such file" in str(item(queue, ids[2]).error)
        or item(queue, ids[2]).kind == "read"
    )
    assert str(bad) in str(item(queue, ids[1]).error)


def test_items_with_different_options_and_models(queue: Queue, tmp_path: Path) -> None:
    opened: list[str] = []

    def opener(options: BatchOptions) -> Engine:
        opened.append(options.model)
        if options.model == "broken":
            raise ModelFileError("broken.safetensors", "is damaged")
        return make_engine(options.model, scale=2 if options.model == "two" else 4)

    sources = photos(tmp_path, 5)
    name = BatchOptions(template="{stem}-{model}-{scale}")
    ids = []
    for source, model in zip(sources, ["two", "two", "broken", "four", "two"], strict=True):
        options = BatchOptions(model=model, template=name.template)
        ids += queue.add([source], options)
    list(run_queue(queue, opener))
    assert statuses(queue) == ["done", "done", "failed", "done", "done"]
    assert "is damaged" in str(item(queue, ids[2]).error)
    assert (tmp_path / "in" / "001-two-2.png").is_file()
    assert (tmp_path / "in" / "003-four-4.png").is_file()
    assert opened.count("two") <= 3


def test_results_of_one_name_are_numbered_in_order(
    engine: Engine, queue: Queue, tmp_path: Path
) -> None:
    sources = [save(tmp_path / folder / "a.png", 8 + index) for index, folder in enumerate("xyz")]
    queue.add(sources, BatchOptions(out=tmp_path / "out"))
    run(queue, engine)
    for index, name in enumerate(["a_4x.png", "a_4x (1).png", "a_4x (2).png"]):
        with Image.open(tmp_path / "out" / name) as result:
            assert result.width == 4 * (8 + index)


@pytest.mark.parametrize("existing", ["overwrite", "skip"])
def test_results_of_one_name_do_not_swallow_each_other(
    existing: str, engine: Engine, queue: Queue, tmp_path: Path
) -> None:
    sources = [save(tmp_path / folder / "a.png", 8 + index) for index, folder in enumerate("xy")]
    options = BatchOptions(out=tmp_path / "out", existing=existing)  # type: ignore[arg-type]
    queue.add(sources, options)
    run(queue, engine)
    assert statuses(queue) == ["done", "failed"]
    assert "the same name as another result" in str(queue.items()[1].error)
    # another day the same is asked for again
    queue.add(sources[1:], options)
    run(queue, engine)
    assert statuses(queue)[2] == ("done" if existing == "overwrite" else "skipped")


def test_a_source_still_to_come_is_not_overwritten(
    engine: Engine, queue: Queue, tmp_path: Path
) -> None:
    first, second = save(tmp_path / "a.png"), save(tmp_path / "a_4x.png", 9, 9)
    before = second.path.read_bytes()
    queue.add([first, second], BatchOptions(existing="overwrite"))
    run(queue, engine)
    assert statuses(queue) == ["failed", "done"]
    assert second.path.read_bytes() == before


def test_what_is_there_is_skipped_without_reading_it(
    engine: Engine, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = photos(tmp_path, 2)
    (tmp_path / "in" / "000_4x.png").write_bytes(b"precious")
    ids = queue.add(sources, BatchOptions(existing="skip"))
    events = run(queue, engine)
    assert [event.item for event in of(FileSkipped, events)] == [ids[0]]
    assert statuses(queue) == ["skipped", "done"]
    assert (tmp_path / "in" / "000_4x.png").read_bytes() == b"precious"


def test_names_of_250_letters_and_in_other_scripts(
    engine: Engine, queue: Queue, tmp_path: Path
) -> None:
    names = ["x" * 246, "照片 😀", os.fsdecode(b"caf\xe9"), "two\nlines"]
    queue.add(
        [save(tmp_path / "in" / f"{name}.png") for name in names],
        BatchOptions(out=tmp_path / "out"),
    )
    run(queue, engine)
    assert statuses(queue) == ["done"] * 4
    assert below(tmp_path / "out") == {f"{name}_4x.png" for name in names}


def test_items_added_while_it_runs_are_done_too(
    engine: Engine, queue: Queue, tmp_path: Path
) -> None:
    first, *others = photos(tmp_path, 4)
    queue.add([first], OPTIONS)
    for event in run_queue(queue, lambda options: engine):
        if isinstance(event, FileStarted) and event.source == first.path:
            queue.add(others, OPTIONS)
    assert statuses(queue) == ["done"] * 4


def test_closing_it_leaves_the_rest_waiting_and_no_trace(
    engine: Engine, queue: Queue, tmp_path: Path
) -> None:
    queue.add(photos(tmp_path, 40), BatchOptions(out=tmp_path / "out", tile=16))
    events = run_queue(queue, lambda options: engine)
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
    for event in run_queue(queue, lambda options: engine, control):
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
    for event in run_queue(queue, lambda options: engine, control):
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
    for event in run_queue(queue, lambda options: engine):
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
    monkeypatch.setattr(room, "has_room", lambda folder, size: not full.is_set())
    queue.add(photos(tmp_path, 4), BatchOptions(out=tmp_path / "out"))
    events: list[Event] = []
    for event in run_queue(queue, lambda options: engine, room_check_s=0.05):
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


def test_a_stop_while_the_disk_is_full(
    engine: Engine, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sync(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(room, "has_room", lambda folder, size: False)
    queue.add(photos(tmp_path, 3), BatchOptions(out=tmp_path / "out"))
    control = Control()
    for event in run_queue(queue, lambda options: engine, control, room_check_s=0.05):
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
    landing = queue.landing

    def refuse(*arguments: object) -> bool:
        if next(refusals, False):
            raise NoRoomError("queue: the disk is full")
        return landing(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(queue, "landing", refuse)
    queue.add(photos(tmp_path, 2), BatchOptions(out=tmp_path / "out"))
    events = run(queue, engine, room_check_s=0.05)
    assert of(Paused, events)
    assert statuses(queue) == ["done"] * 2
    assert len(below(tmp_path / "out")) == 2


def test_the_folder_for_results_is_removed_in_the_middle(
    engine: Engine, queue: Queue, tmp_path: Path
) -> None:
    import shutil

    queue.add(photos(tmp_path, 6), BatchOptions(out=tmp_path / "out"))
    removed = False
    for event in run_queue(queue, lambda options: engine):
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


def test_small_pictures_together_give_the_same_pixels(queue: Queue, tmp_path: Path) -> None:
    runs: list[int] = []
    engine = make_engine()
    plain = engine.run

    def counted(x: torch.Tensor, *, tta: bool = False) -> torch.Tensor:
        runs.append(len(x))
        return plain(x, tta=tta)

    engine.run = counted  # type: ignore[method-assign]
    sources = photos(tmp_path, 10)
    sources.insert(4, save(tmp_path / "in" / "other.png", 30, 30))
    for folder, group in (("together", True), ("alone", False)):
        for options in (
            BatchOptions(out=tmp_path / folder),
            BatchOptions(out=tmp_path / folder / "2.5", rule="scale", value=2.5),
        ):
            queue.add(sources, options)
        runs.clear()
        run(queue, engine, group=group)
        assert (max(runs) > 1) == group
        assert sum(runs) == 22
    assert below(tmp_path / "together") == below(tmp_path / "alone")
    for name in below(tmp_path / "together"):
        together, alone = (
            np.asarray(Image.open(tmp_path / folder / name)).astype(int)
            for folder in ("together", "alone")
        )
        assert np.abs(together - alone).max() <= 1
        assert (together != alone).mean() < 0.001


def test_two_devices_share_the_work(queue: Queue, tmp_path: Path) -> None:
    used: list[str] = []

    def opener(name: str) -> Callable[[BatchOptions], Engine]:
        engine = make_engine(name)
        plain = engine.run

        def slow(x: torch.Tensor, *, tta: bool = False) -> torch.Tensor:
            used.append(name)
            time.sleep(0.02)
            return plain(x, tta=tta)

        engine.run = slow  # type: ignore[method-assign]
        return lambda options: engine

    queue.add(photos(tmp_path, 10), OPTIONS)
    events = list(run_queue(queue, [opener("one"), opener("two")], writers=2))
    assert statuses(queue) == ["done"] * 10
    assert set(used) == {"one", "two"}
    assert len(of(FileDone, events)) == 10


def test_little_room_lets_pictures_through_one_by_one(
    engine: Engine, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "_bytes_allowed", lambda: 1)
    queue.add(photos(tmp_path, 4), OPTIONS)
    events = run(queue, engine)
    order = [e.event for e in events if isinstance(e, FileStarted | FileDone)]
    assert order == ["file_started", "file_done"] * 4


def test_progress_counts_everything(
    engine: Engine, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "PROGRESS_S", 0.0)
    queue.add(photos(tmp_path, 6), OPTIONS)
    progress = of(BatchProgress, run(queue, engine))
    assert all(event.total == 6 for event in progress)
    assert [event.done for event in progress] == sorted(event.done for event in progress)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_pictures(
    engine: Engine, queue: Queue, tmp_path: Path
) -> None:
    queue.add(photos(tmp_path, 1500), BatchOptions(out=tmp_path / "out"))
    done, after_first = 0, 0
    for event in run_queue(queue, lambda options: engine):
        done += isinstance(event, FileDone)
        if done == 100 and not after_first:
            after_first = resident_bytes() or 0
    assert done == 1500
    assert (resident_bytes() or 0) < 1.1 * after_first
