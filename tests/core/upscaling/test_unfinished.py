"""An enlargement that was stopped goes on where it was, and gives the same pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.core.upscaling.tiling import Rect
from srgan_desktop.core.upscaling.unfinished import Unfinished
from srgan_desktop.core.upscaling.upscale import TileDone, UpscaleOptions, upscale_image
from srgan_desktop.core.weights.model_file import ModelCard


class CountingEngine(Engine):
    """Counts how often its network runs."""

    runs = 0

    def run(self, x: Tensor, **how: Any) -> Tensor:
        self.runs += 1
        return super().run(x, **how)


def engine_of(norm: str = "none") -> CountingEngine:
    torch.manual_seed(3)
    config = SRResNetConfig(scale=2, blocks=1, channels=8, norm=norm)  # type: ignore[arg-type]
    network = SRResNet(config).eval()
    return CountingEngine(network, ModelCard(config=config), torch.device("cpu"), "fp32")


@pytest.fixture
def picture() -> RasterImage:
    random = np.random.default_rng(4)
    pixels = random.integers(0, 256, (70, 90, 3), np.uint8)
    return RasterImage(pixels, alpha=random.integers(0, 256, (70, 90), np.uint8))


def tiles(picture: RasterImage, engine: Engine, options: UpscaleOptions, most: int) -> list[Rect]:
    """Run until so many tiles were computed, then stop."""
    work = upscale_image(picture, engine, options)
    done = []
    for event in work:
        if isinstance(event, TileDone) and not event.kept:
            done.append(event.rect)
        if len(done) == most:
            break
    work.close()
    return done


def whole(picture: RasterImage, engine: Engine, options: UpscaleOptions) -> RasterImage:
    work = upscale_image(picture, engine, options)
    while True:
        try:
            next(work)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]


@pytest.mark.parametrize("scale", [2.0, 3.0, 5.0])
@pytest.mark.parametrize("first_tile", [None, 16])
def test_it_goes_on_and_gives_the_same(
    picture: RasterImage, scale: float, first_tile: int | None
) -> None:
    engine = engine_of()
    size = TargetSize("scale", scale)
    wanted = whole(picture, engine, UpscaleOptions(size, 32))
    per_run, engine.runs = engine.runs, 0
    kept = Unfinished()
    looking: list[tuple[int, int]] = [(0, 0)]

    def order(rect: Rect) -> float:
        return (rect.x - looking[0][0]) ** 2 + (rect.y - looking[0][1]) ** 2

    options = UpscaleOptions(size, 32, False, order, first_tile, unfinished=kept)
    for count in (2, 3):
        assert len(tiles(picture, engine, options, count)) == count
        # one looks elsewhere, and other tiles are next
        looking[0] = (10_000, 10_000)
    found = whole(picture, engine, options)
    assert np.array_equal(found.pixels, wanted.pixels)
    assert found.alpha is not None and wanted.alpha is not None
    assert np.array_equal(found.alpha, wanted.alpha)
    if first_tile is None:
        assert engine.runs == per_run, "no tile was computed twice"


def test_what_is_kept_is_told_at_once(picture: RasterImage) -> None:
    engine = engine_of()
    options = UpscaleOptions(TargetSize("scale", 2), 32, unfinished=Unfinished())
    before = tiles(picture, engine, options, 3)
    events = [e for e in upscale_image(picture, engine, options) if isinstance(e, TileDone)]
    assert [event.rect for event in events if event.kept] == before
    assert [event.kept for event in events[:4]] == [True, True, True, False]
    assert (events[-1].done, events[-1].total) == (9, 9)
    assert events[3].done == 4


def test_tiles_that_are_blended_are_not_kept(picture: RasterImage) -> None:
    engine = engine_of("instance")
    size = TargetSize("scale", 2)
    wanted = whole(picture, engine, UpscaleOptions(size, 32))
    kept = Unfinished()
    options = UpscaleOptions(size, 32, unfinished=kept)
    tiles(picture, engine, options, 3)
    assert not kept.keeps and not kept.has_tiles
    assert np.array_equal(whole(picture, engine, options).pixels, wanted.pixels)


def test_pieces_make_up_a_tile() -> None:
    kept = Unfinished()
    for x in (0, 10):
        kept.add(0, Rect(x, 0, 10, 20))
    assert kept.covers(0, Rect(0, 0, 20, 20))
    assert not kept.covers(0, Rect(0, 0, 21, 20))
    assert not kept.covers(1, Rect(0, 0, 20, 20))
    kept.add(0, Rect(0, 0, 20, 20))
    assert kept.done(0) == [Rect(0, 0, 20, 20)]


def test_pieces_that_overlap_are_not_counted_twice() -> None:
    kept = Unfinished()
    kept.add(0, Rect(0, 0, 20, 10))
    kept.add(0, Rect(0, 0, 10, 20))
    kept.add(0, Rect(5, 5, 5, 5))
    assert len(kept.done(0)) == 2, "what lies within another says nothing new"
    kept.add(0, Rect(5, 0, 15, 10))
    kept.add(0, Rect(0, 5, 10, 20))
    assert not kept.covers(0, Rect(0, 0, 20, 20)), "a quarter is missing"
    kept.add(0, Rect(9, 9, 11, 11))
    assert kept.covers(0, Rect(0, 0, 20, 20))


@pytest.mark.parametrize("seed", range(20))
def test_a_tile_is_final_where_each_of_its_pixels_is(seed: int) -> None:
    random = np.random.default_rng(seed)
    kept, mask = Unfinished(), np.zeros((24, 24), bool)

    def any_rect() -> Rect:
        x, y = random.integers(0, 16, 2)
        return Rect(int(x), int(y), *map(int, random.integers(1, 9, 2)))

    for _ in range(40):
        rect = any_rect()
        kept.add(0, rect)
        mask[rect.y : rect.bottom, rect.x : rect.right] = True
        asked = any_rect()
        final = bool(mask[asked.y : asked.bottom, asked.x : asked.right].all())
        assert kept.covers(0, asked) == final


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_missing_however_often_one_looks_elsewhere(
    picture: RasterImage, seed: int
) -> None:
    engine, size = engine_of(), TargetSize("scale", 2)
    wanted = whole(picture, engine, UpscaleOptions(size, 32))
    random, kept = np.random.default_rng(seed), Unfinished()
    for attempt in range(4):
        x, y = random.integers(0, 180, 2)

        def order(rect: Rect, x: int = int(x), y: int = int(y)) -> float:
            return (rect.x - x) ** 2 + (rect.y - y) ** 2

        # less memory than before: smaller tiles
        side = int(random.choice([24, 32, 48]))
        options = UpscaleOptions(size, side, False, order, 13, unfinished=kept)
        if attempt < 3:
            tiles(picture, engine, options, int(random.integers(1, 6)))
    assert np.abs(whole(picture, engine, options).pixels.astype(int) - wanted.pixels).max() <= 1
