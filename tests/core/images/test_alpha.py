"""Colours under transparency."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srgan_desktop.core.images.alpha import fill_transparent, flat_places


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_holes_take_the_colour_around_them(dtype: type) -> None:
    limit = np.iinfo(dtype).max
    pixels = np.zeros((20, 30, 3), dtype)
    pixels[5:15, 5:25] = (limit, limit // 2, 7)
    alpha = np.zeros((20, 30), dtype)
    alpha[5:15, 5:25] = limit
    filled = fill_transparent(pixels, alpha)
    assert filled.dtype == dtype
    assert np.abs(filled.astype(int) - (limit, limit // 2, 7)).max() <= 1


def test_visible_colours_do_not_change_and_hidden_ones_do_not_count() -> None:
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (17, 23, 3), dtype=np.uint8)
    alpha = (random.integers(0, 3, (17, 23)) * 127).astype(np.uint8)
    before = pixels.copy()
    filled = fill_transparent(pixels, alpha)
    assert (pixels == before).all()
    assert (filled[alpha > 0] == pixels[alpha > 0]).all()
    other = pixels.copy()
    other[alpha == 0] = 255
    assert (fill_transparent(other, alpha) == filled).all()


def test_faint_places_count_less() -> None:
    pixels = np.array([[[0], [99], [200]]], np.uint8)
    alpha = np.array([[1, 0, 255]], np.uint8)
    assert fill_transparent(pixels, alpha)[0, 1, 0] < 10  # its nearest neighbour is all there is
    near_both = np.array([[[200], [0]], [[99], [99]]], np.uint8)
    assert fill_transparent(near_both, np.array([[255, 1], [0, 0]], np.uint8))[1, 1, 0] > 195


@pytest.mark.parametrize("value", [0, 255])
def test_all_or_nothing_is_left_as_it_is(value: int) -> None:
    pixels = np.full((4, 5, 3), 9, np.uint8)
    assert fill_transparent(pixels, np.full((4, 5), value, np.uint8)) is pixels


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 2**32 - 1))
def test_any_shape(height: int, width: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    pixels = random.integers(50, 60, (height, width, 1), dtype=np.uint8)
    alpha = random.integers(0, 2, (height, width), dtype=np.uint8) * 255
    filled = fill_transparent(pixels, alpha)
    # never a colour that is not among those around
    assert filled.min() >= 50
    assert filled.max() < 60


def test_flat_places() -> None:
    alpha = np.zeros((5, 6), np.uint8)
    alpha[0, 0] = 255
    flat = flat_places(alpha)
    assert not flat[:2, :2].any()
    assert flat.sum() == 5 * 6 - 4
    assert flat_places(np.zeros((1, 1), np.uint8)).all()
