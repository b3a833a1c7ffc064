"""Levels against a plain reduction in floating point."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srgan_desktop.gui.viewer.pyramid import (
    Box,
    Pixels,
    Pyramid,
    area_reduce,
    level_count,
    level_size,
    premultiply,
)

# the same examples every time, however slow the machine is
steady = settings(derandomize=True, deadline=None)


def plain_reduction(pixels: Pixels, factor: int) -> np.ndarray:
    height, width = pixels.shape[:2]
    rows = [
        [
            pixels[y : y + factor, x : x + factor].reshape(-1, pixels.shape[2]).mean(axis=0)
            for x in range(0, width, factor)
        ]
        for y in range(0, height, factor)
    ]
    return np.array(rows)


def noise(height: int, width: int, channels: int = 3) -> Pixels:
    rng = np.random.default_rng(height + width)
    return rng.integers(0, 256, (height, width, channels), dtype=np.uint8)


@steady
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([2, 4, 8, 16]))
def test_area_reduce_is_the_mean_of_each_square(height: int, width: int, factor: int) -> None:
    pixels = noise(height, width)
    exact = plain_reduction(pixels, factor)
    assert np.abs(area_reduce(pixels, factor) - exact).max() <= 0.5 + 1e-9


def test_white_stays_white_at_the_largest_factor() -> None:
    assert (area_reduce(np.full((37, 50, 4), 255, np.uint8), 16) == 255).all()


@pytest.mark.parametrize("level", range(6))
def test_every_level_is_near_the_mean_of_the_source(level: int) -> None:
    pixels = noise(1100, 1333)
    pyramid = Pyramid(pixels)
    width, height = level_size(pyramid.size, level)
    read = pyramid.read(level, Box(0, 0, width, height))
    exact = plain_reduction(pixels, 1 << level) if level else pixels
    assert read.shape == (height, width, 3)
    # whole squares; those cut by an edge are means of means from level 4 on. Coarse levels are
    # rounded once more with every level after the third.
    whole = np.s_[: 1100 >> level, : 1333 >> level]
    assert np.abs(read[whole] - exact[whole]).max() <= 0.5 + 0.5 * max(0, level - 3) + 1e-9
    assert np.abs(read - exact).max() <= 8


def test_colours_under_transparency_do_not_bleed() -> None:
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[:, ::2] = (255, 0, 0, 255)
    pixels[:, 1::2] = (0, 255, 0, 0)
    read = Pyramid(pixels).read(1, Box(0, 0, 32, 32))
    assert np.abs(read.astype(int) - (128, 0, 0, 128)).max() <= 1


def test_premultiply_rounds_and_keeps_three_channels() -> None:
    pixels = noise(9, 9, 4)
    exact = pixels[..., :3] * (pixels[..., 3:] / 255)
    assert np.abs(premultiply(pixels)[..., :3] - exact).max() <= 0.5 + 1e-9
    assert (premultiply(pixels[..., :3]) == pixels[..., :3]).all()


def test_a_rewritten_part_is_read_again_at_every_level() -> None:
    pixels = np.zeros((4096, 4096, 3), np.uint8)
    pyramid = Pyramid(pixels)
    boxes = {level: Box(0, 0, *level_size(pyramid.size, level)) for level in (0, 2, 3, 4, 5)}
    assert all(not pyramid.read(level, box).any() for level, box in boxes.items())
    before = {level: pyramid.version_of(level, box) for level, box in boxes.items()}
    pixels[2000:2100, 3000:3100] = 200
    pyramid.touch(Box(3000, 2000, 3100, 2100))
    for level, box in boxes.items():
        assert pyramid.version_of(level, box) > before[level]
        assert pyramid.read(level, box).max() > 150
    far = Box(0, 0, 8, 8)
    assert pyramid.version_of(3, far) == 0


def test_coarse_levels_are_prepared_in_small_steps() -> None:
    pyramid = Pyramid(np.zeros((3000, 3000, 3), np.uint8))
    steps = list(pyramid.prepare(4, Box(0, 0, 188, 188)))
    # 9 blocks of 1,024 source pixels and the 4 blocks made of them
    assert len(steps) == 13
    assert not list(pyramid.prepare(4, Box(0, 0, 188, 188)))


def test_the_last_level_fits_into_a_tile() -> None:
    assert level_count((256, 256)) == 1
    assert level_count((257, 1)) == 2
    assert level_size((16384, 100), level_count((16384, 100)) - 1) == (256, 2)


@steady
@given(st.integers(1, 3000), st.integers(1, 3000))
def test_overview_has_the_size_of_its_level(width: int, height: int) -> None:
    pixels = np.broadcast_to(np.uint8(7), (height, width, 3))
    pyramid = Pyramid(pixels)
    overview = np.concatenate(list(pyramid.overview()))
    assert overview.shape[1::-1] == level_size(pyramid.size, pyramid.overview_level)
    assert max(overview.shape) <= 1024


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_other_arrays_are_refused(pixels: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"pixels|uint8"):
        Pyramid(pixels)


def test_what_was_never_written_is_not_read() -> None:
    pixels = np.zeros((3000, 4000, 3), np.uint8)
    empty, full = Pyramid(pixels, empty=True), Pyramid(pixels)
    level = 4
    box = Box(0, 0, *level_size(empty.size, level))
    assert list(empty.prepare(level, box)) == []
    assert len(list(full.prepare(level, box))) > 4
    pixels[1000:1100, 2000:2200] = 200
    empty.touch(Box(2000, 1000, 2200, 1100))
    assert 0 < len(list(empty.prepare(level, box))) < len(list(Pyramid(pixels).prepare(level, box)))
    assert np.array_equal(empty.read(level, box), Pyramid(pixels).read(level, box))
    for strip, whole in zip(empty.overview(), Pyramid(pixels).overview(), strict=True):
        assert np.array_equal(strip, whole)
