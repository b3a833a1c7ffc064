"""A large result is encoded while it is computed, and is the one that was encoded after it."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import numpy as np
import pytest
from file_runs import FixedDevice, plan_file
from PIL import Image
from runner_helpers import below, make_engine, of, run, save, statuses

from srgan_desktop.core.base.errors import ImageWriteError
from srgan_desktop.core.base.events import FileDone, FileFailed, FileTile, Paused, Resumed
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.images.io import Written, blocks
from srgan_desktop.core.jobs import disk_space, encode_ahead
from srgan_desktop.core.jobs.control import Control
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.queue import Queue
from srgan_desktop.core.jobs.runner import run_queue
from srgan_desktop.core.jobs.staging import PREFIX, Stages
from srgan_desktop.core.upscaling.tiling import Rect
from srgan_desktop.core.upscaling.upscale import PassStarted


@pytest.fixture(autouse=True)
def _small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encode_ahead, "LEAST_PIXELS", 0)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 2000)


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were begun ahead."""
    paths: list[Path] = []
    write = encode_ahead.write_image

    def note(path: Path, *rest: object) -> Written:
        paths.append(path)
        return write(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(encode_ahead, "write_image", note)
    return paths


@pytest.mark.parametrize("name", ["png", "tiff", "jpeg"])
def test_the_same_file(
    engine: Engine,
    queue: Queue,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    begun: list[Path],
    name: str,
) -> None:
    source = save(tmp_path / "a.png", 50, 40)
    queue.add([source], BatchOptions(out=tmp_path / "ahead", format=name, tile=16))
    run(queue, engine)
    assert len(begun) == 1
    monkeypatch.setattr(encode_ahead, "LEAST_PIXELS", 10**9)
    queue.add([source], BatchOptions(out=tmp_path / "after", format=name, tile=16))
    run(queue, engine)
    assert len(begun) == 1
    (ahead,), (after,) = ((tmp_path / folder).iterdir() for folder in ("ahead", "after"))
    assert np.array_equal(np.asarray(Image.open(ahead)), np.asarray(Image.open(after)))
    if name != "jpeg":  # which then has restart markers
        assert ahead.read_bytes() == after.read_bytes()


@pytest.mark.parametrize(
    ("options", "config"),
    [
        (BatchOptions(format="webp", tile=16), {}),  # wants the whole picture
        (BatchOptions(tile=64), {}),  # one tile
        (BatchOptions(tile=16), {"norm": "instance"}),  # tiles that are mixed where they meet
    ],
)
def test_not_where_rows_are_not_final_or_the_format_wants_all(
    queue: Queue,
    tmp_path: Path,
    begun: list[Path],
    options: BatchOptions,
    config: dict[str, object],
) -> None:
    queue.add([save(tmp_path / "a.png", 50, 40)], options)
    run(queue, make_engine(**config))
    assert statuses(queue) == ["done"]
    assert begun == []


def test_it_writes_what_is_final_before_the_rest_is_there(
    engine: Engine, queue: Queue, tmp_path: Path
) -> None:
    plan = plan_file(save(tmp_path / "a.png", 50, 40), engine, BatchOptions(out=tmp_path / "out"))
    canvas = np.random.default_rng(0).integers(0, 256, (160, 200, 3), dtype=np.uint8)
    picture = RasterImage(np.zeros((40, 50, 3), np.uint8))
    stages = Stages(queue)
    work = encode_ahead.begin(plan, picture, PassStarted(0, 1, canvas, None, 2), stages, 1)
    assert work is not None
    folder = work.path.parent

    def size() -> int:
        return sum(file.stat().st_size for file in folder.iterdir())

    work.finished(Rect(0, 0, 200, 100))
    until = time.monotonic() + 20
    while size() < 30_000 and time.monotonic() < until:
        time.sleep(0.01)
    assert 30_000 <= size() < canvas.nbytes // 2 + 30_000
    work.finished(Rect(0, 100, 200, 60))
    work.wait()
    assert np.array_equal(np.asarray(Image.open(work.path)), canvas)
    work.close()
    stages.close()
    assert below(tmp_path / "out") == set()


def test_a_stop_leaves_nothing(
    engine: Engine, queue: Queue, tmp_path: Path, begun: list[Path]
) -> None:
    queue.add([save(tmp_path / "a.png", 50, 40)], BatchOptions(out=tmp_path / "out", tile=16))
    control = Control()
    for event in run_queue(queue, [FixedDevice(engine)], control):
        if isinstance(event, FileTile):
            control.stop()
    assert statuses(queue) == ["waiting"]
    assert len(begun) == 1
    assert below(tmp_path / "out") == set()


def test_where_the_disk_was_full_it_is_written_again_from_memory(
    engine: Engine, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, *_: object) -> Written:
        raise ImageWriteError(path, "the disk is full") from OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(encode_ahead, "write_image", full)
    monkeypatch.setattr(disk_space, "has_space", lambda folder, size: True)
    queue.add([save(tmp_path / "a.png", 50, 40)], BatchOptions(out=tmp_path / "out", tile=16))
    events = list(run_queue(queue, [FixedDevice(engine)], space_check_s=0.01))
    assert len(of(FileDone, events)) == 1
    assert len(below(tmp_path / "out")) == 1


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """While a number of an error is in it, the hidden folder for results cannot be made."""
    numbers: list[int] = []
    mkdir = os.mkdir

    def make(path: Path, *mode: int) -> None:
        if numbers and Path(path).name.startswith(PREFIX):
            raise OSError(numbers[0], os.strerror(numbers[0]))
        mkdir(path, *mode)

    monkeypatch.setattr(os, "mkdir", make)
    return numbers


def test_a_disk_too_full_to_begin_is_waited_for(
    engine: Engine,
    queue: Queue,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    refused: list[int],
) -> None:
    refused.append(errno.ENOSPC)
    monkeypatch.setattr(disk_space, "has_space", lambda folder, size: not refused)
    sources = [save(tmp_path / f"{number}.png", 50, 40) for number in range(2)]
    queue.add(sources, BatchOptions(out=tmp_path / "out", tile=16))
    events = []
    for event in run_queue(queue, [FixedDevice(engine)], space_check_s=0.05):
        events.append(event)
        if isinstance(event, Paused):
            assert "the disk is full" in event.reason
            refused.clear()
    assert len(of(Paused, events)) == len(of(Resumed, events)) == 1
    assert statuses(queue) == ["done", "done"]
    assert below(tmp_path / "out") == {"0_4x.png", "1_4x.png"}


def test_a_folder_that_refuses_is_told_in_plain_words(
    engine: Engine, queue: Queue, tmp_path: Path, refused: list[int]
) -> None:
    refused.append(errno.EACCES)
    queue.add([save(tmp_path / "a.png", 50, 40)], BatchOptions(out=tmp_path / "out", tile=16))
    (failed,) = of(FileFailed, run(queue, engine))
    assert failed.kind == "write"
    assert "no permission to write here" in failed.error
