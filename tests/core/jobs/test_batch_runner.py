"""A queue worked off: everything once, in order, and the same as one by one."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from file_runs import FixedDevice, upscale_files
from PIL import Image
from runner_helpers import OPTIONS, below, item, make_engine, of, photos, run, save, statuses

from srgan_desktop.core.backends import Part
from srgan_desktop.core.base.errors import ModelFileError
from srgan_desktop.core.base.events import (
    BatchFinished,
    BatchProgress,
    FileDone,
    FileFailed,
    FileSkipped,
    FileStarted,
)
from srgan_desktop.core.base.memory import resident_bytes
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.images.image import Pixels
from srgan_desktop.core.jobs import runner
from srgan_desktop.core.jobs.control import Control
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.queue import Queue
from srgan_desktop.core.jobs.runner import run_queue
from srgan_desktop.core.jobs.sources import Source


def test_the_results_are_those_of_one_after_the_other(
    engine: Engine, queue: Queue, tmp_path: Path
) -> None:
    sources = photos(tmp_path, 12)
    queue.add(sources, BatchOptions(out=tmp_path / "batch"))
    events = run(queue, engine)
    finished = events[-1]
    assert isinstance(finished, BatchFinished)
    assert (finished.done, finished.failed, finished.skipped, finished.cancelled) == (12, 0, 0, 0)
    job = BatchOptions(rule="scale", value=4, out=tmp_path / "single")
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
    list(run_queue(queue, [FixedDevice(opener)]))
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
    # and what lies there is no result of it, so it cannot be passed over in silence
    assert statuses(queue)[2] == ("done" if existing == "overwrite" else "failed")


@pytest.mark.parametrize("late", [False, True])
def test_two_drops_with_one_name_do_not_overwrite_each_other(
    late: bool, engine: Engine, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = [save(tmp_path / folder / "a.png", 8 + index) for index, folder in enumerate("xyz")]
    options = BatchOptions(out=tmp_path / "out", existing="overwrite")
    first, second, last = [[source] for source in sources]
    queue.add(first, options)
    finished = queue.finished

    def finish(*arguments: object) -> object:
        row = finished(*arguments)  # type: ignore[arg-type]
        if len(queue.items()) == 1:  # while it runs, but after the first was done
            queue.add(second, options)
        return row

    if late:
        monkeypatch.setattr(queue, "finished", finish)
    else:
        queue.add(second, options)
    run(queue, engine)
    assert statuses(queue) == ["done", "failed"]
    assert "the same name as another result" in str(queue.items()[1].error)
    with Image.open(tmp_path / "out" / "a_4x.png") as result:
        assert result.width == 4 * 8
    # the same source is done again, and another one another day
    queue.add(first, options)
    queue.add(first, options)
    run(queue, engine)
    queue.add(last, options)
    run(queue, engine)
    assert statuses(queue)[2:] == ["done"] * 3
    with Image.open(tmp_path / "out" / "a_4x.png") as result:
        assert result.width == 4 * 10


def test_a_stop_between_two_drops_changes_nothing(
    engine: Engine, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = BatchOptions(out=tmp_path / "out", existing="overwrite")
    for index, folder in enumerate("xy"):
        queue.add([save(tmp_path / folder / "a.png", 8 + index)], options)
    finished = queue.finished
    control = Control()

    def finish(*arguments: object) -> object:
        control.stop()
        return finished(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(queue, "finished", finish)
        list(run_queue(queue, [FixedDevice(engine)], control))
    assert statuses(queue) == ["done", "waiting"]
    run(queue, engine)
    assert statuses(queue) == ["done", "failed"]
    # who lets the first be done again means it, whatever was done meanwhile
    first, second = queue.items()
    queue.retry([first.id])
    run(queue, engine)
    assert statuses(queue) == ["done", "failed"]
    queue.retry([second.id])
    run(queue, engine)
    assert statuses(queue) == ["done", "failed"]


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
    for event in run_queue(queue, [FixedDevice(engine)]):
        if isinstance(event, FileStarted) and event.source == first.path:
            queue.add(others, OPTIONS)
    assert statuses(queue) == ["done"] * 4


def test_small_pictures_together_give_the_same_pixels(queue: Queue, tmp_path: Path) -> None:
    runs: list[int] = []
    engine = make_engine()
    plain = engine.run

    def counted(x: torch.Tensor, **how: bool) -> torch.Tensor:
        runs.append(len(x))
        return plain(x, **how)

    straight = engine.enlarge

    def counted_straight(pixels: Pixels, part: Part) -> Pixels | None:
        result = straight(pixels, part)
        runs.extend([1] * (result is not None))
        return result

    engine.run = counted  # type: ignore[method-assign]
    engine.enlarge = counted_straight  # type: ignore[method-assign]
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
        batching, alone = (
            np.asarray(Image.open(tmp_path / folder / name)).astype(int)
            for folder in ("together", "alone")
        )
        assert np.abs(batching - alone).max() <= 1
        assert (batching != alone).mean() < 0.001


def test_two_devices_share_the_work(queue: Queue, tmp_path: Path) -> None:
    used: list[str] = []

    def opener(name: str) -> FixedDevice:
        engine = make_engine(name)
        plain = engine.run

        def slow(x: torch.Tensor, **how: bool) -> torch.Tensor:
            used.append(name)
            time.sleep(0.02)
            return plain(x, **how)

        engine.run = slow  # type: ignore[method-assign]
        engine.enlarge = lambda pixels, part: None  # type: ignore[method-assign]
        return FixedDevice(engine)

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
    for event in run_queue(queue, [FixedDevice(engine)]):
        done += isinstance(event, FileDone)
        if done == 100 and not after_first:
            after_first = resident_bytes() or 0
    assert done == 1500
    assert (resident_bytes() or 0) < 1.1 * after_first
