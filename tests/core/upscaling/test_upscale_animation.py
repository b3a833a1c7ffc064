"""Animations and documents through the engine, frame by frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from file_runs import plan_file, upscale_file
from network_makers import make_network
from PIL import Image

from srgan_desktop.core.base.events import FileDone, FileFailed, FileTile
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.images.animation import Frame
from srgan_desktop.core.images.io import open_frames, probe, read_image
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.sources import Source
from srgan_desktop.core.upscaling import upscale_animation as module
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.core.upscaling.upscale import enlarge_with
from srgan_desktop.core.weights.model_file import ModelCard

X4 = TargetSize("scale", 4)
X2 = TargetSize("scale", 2)


@pytest.fixture(scope="module")
def engine() -> Engine:
    network = make_network(blocks=1)
    card = ModelCard(name="tiny", config=network.config)
    return Engine(network, card, torch.device("cpu"), "fp32", 1)


def images(count: int = 3, size: tuple[int, int] = (20, 12)) -> list[Image.Image]:
    made = []
    for index in range(count):
        pixels = np.full((size[1], size[0], 3), 40, np.uint8)
        pixels[4:8, 3 * index : 3 * index + 5] = (200, 90, 10 * index)
        made.append(Image.fromarray(pixels))
    return made


def save(path: Path, made: list[Image.Image], **options: object) -> Source:
    made[0].save(path, save_all=True, append_images=made[1:], **options)
    return Source(path)


def frames_of(path: Path) -> tuple[list[Frame], int]:
    with open_frames(path) as source:
        return list(source.frames), source.plays


def last_event(source: Source, engine: Engine, options: BatchOptions) -> FileDone:
    *_, last = upscale_file(source, engine, options)
    assert isinstance(last, FileDone), last
    return last


@pytest.mark.parametrize("ending", [".png", ".webp", ".gif"])
def test_every_frame_is_enlarged_and_keeps_its_time(
    engine: Engine, tmp_path: Path, ending: str
) -> None:
    options = {"lossless": True} if ending == ".webp" else {}
    source = save(tmp_path / f"a{ending}", images(), duration=[40, 200, 80], loop=0, **options)
    done = last_event(source, engine, BatchOptions(value=4, quality=100))
    assert done.target == tmp_path / f"a_4x{ending}"
    assert done.warnings == ()
    before, plays = frames_of(source.path)
    after, after_plays = frames_of(done.target)
    assert plays == after_plays == 0
    assert [frame.duration_ms for frame in after] == [40, 200, 80]
    enlarge = enlarge_with(engine)
    for old, new in zip(before, after, strict=True):
        expected = enlarge(old.picture.pixels)
        difference = np.abs(expected.astype(int) - new.picture.pixels.astype(int))
        assert difference.mean() <= (8 if ending == ".gif" else 0)


def test_an_animated_gif_may_become_another_animation(engine: Engine, tmp_path: Path) -> None:
    source = save(tmp_path / "a.gif", images(), duration=50)
    for name in ("webp", "png"):
        done = last_event(source, engine, BatchOptions(value=2, format=name))
        assert probe(done.target).frames == 3
    done = last_event(source, engine, BatchOptions(value=2, format="jpeg"))
    assert probe(done.target).frames == 1
    assert "only the first was read" in " ".join(done.warnings)


def test_the_first_frame_alone(engine: Engine, tmp_path: Path) -> None:
    source = save(tmp_path / "a.gif", images(), duration=50)
    done = last_event(source, engine, BatchOptions(value=2, frames="first"))
    assert done.target.suffix == ".png"
    assert probe(done.target).frames == 1


def test_a_still_gif_stays_no_gif(engine: Engine, tmp_path: Path) -> None:
    images()[0].save(tmp_path / "a.gif")
    source = Source(tmp_path / "a.gif")
    assert last_event(source, engine, BatchOptions(value=2)).target.suffix == ".png"
    *_, last = upscale_file(source, engine, BatchOptions(value=2, format="gif"))
    assert isinstance(last, FileFailed)
    assert "animations only" in last.error


def test_pages_of_a_document_each_in_its_size(engine: Engine, tmp_path: Path) -> None:
    pages = [images(1, size)[0] for size in ((20, 12), (9, 14), (31, 7))]
    source = save(tmp_path / "a.tif", pages)
    done = last_event(source, engine, BatchOptions(value=4))
    frames, _ = frames_of(done.target)
    sizes = [(frame.picture.width, frame.picture.height) for frame in frames]
    assert sizes == [(80, 48), (36, 56), (124, 28)]
    last = enlarge_with(engine)(np.asarray(pages[2]))
    np.testing.assert_array_equal(frames[2].picture.pixels, last)


def test_progress_counts_the_tiles_of_all_frames(engine: Engine, tmp_path: Path) -> None:
    source = save(tmp_path / "a.png", images(), duration=50)
    tiles = [
        event
        for event in upscale_file(source, engine, BatchOptions(value=2, tile=16))
        if isinstance(event, FileTile)
    ]
    assert [(event.done, event.total) for event in tiles] == [(n, 6) for n in range(1, 7)]


def test_a_frame_that_repeats_is_not_computed_again(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = images(2)
    source = save(
        tmp_path / "a.webp", [made[0], made[0], made[1], made[1]], duration=50, lossless=True
    )
    count = len(frames_of(source.path)[0])
    calls = []
    original = module.upscale_image
    monkeypatch.setattr(
        module, "upscale_image", lambda *a, **k: calls.append(1) or original(*a, **k)
    )
    done = last_event(source, engine, BatchOptions(value=2))
    assert len(calls) == 2
    assert sum(frame.duration_ms or 0 for frame in frames_of(done.target)[0]) == 200
    assert count >= 2


def test_large_results_wait_in_few_files(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from srgan_desktop.core.images import canvas

    size = 40 * 24 * 3
    monkeypatch.setattr(module, "IN_MEMORY_BYTES", 3 * size)
    monkeypatch.setattr(canvas, "IN_MEMORY_BYTES", size)
    source = save(tmp_path / "a.png", images(9), duration=50)
    plain = last_event(source, engine, BatchOptions(value=2)).target
    monkeypatch.undo()
    frames, _ = frames_of(plain)
    enlarge = enlarge_with(engine, X2)
    for old, new in zip(frames_of(source.path)[0], frames, strict=True):
        np.testing.assert_array_equal(enlarge(old.picture.pixels), new.picture.pixels)


def test_plans_count_all_frames(engine: Engine, tmp_path: Path) -> None:
    source = save(tmp_path / "a.gif", images(), duration=50)
    assert plan_file(source, engine, BatchOptions(value=2)).frames == 3
    assert plan_file(source, engine, BatchOptions(value=2, format="jpeg")).frames == 1
    assert BatchOptions.from_json(BatchOptions(frames="first").to_json()).frames == "first"


def test_a_broken_animation_leaves_nothing(engine: Engine, tmp_path: Path) -> None:
    source = save(tmp_path / "a.png", images(6), duration=50)
    whole = source.path.read_bytes()
    source.path.write_bytes(whole[: whole.rindex(b"fdAT") - 30])
    *_, last = upscale_file(source, engine, BatchOptions(value=2))
    assert isinstance(last, FileFailed)
    assert "a.png" in last.error
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
    assert read_image(source.path).width == 20
