"""Tiles faded into one another."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from srgan_desktop.core.upscaling.tile_blending import BlendedCanvas
from srgan_desktop.core.upscaling.tiling import Rect


def test_one_tile_is_as_it_was() -> None:
    values = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    canvas = BlendedCanvas((4, 5, 3), 4)
    assert (canvas.add(Rect(0, 0, 5, 4), values) == values).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(20, 60), st.integers(1, 8), st.integers(0, 255))
def test_equal_tiles_blend_to_the_same(cut: int, fade: int, value: int) -> None:
    canvas = BlendedCanvas((10, 80, 1), 2 * fade)
    left, right = Rect(0, 0, cut + fade, 10), Rect(cut - fade, 0, 80 - cut + fade, 10)
    for rect in (left, right):
        values = np.full((10, rect.width, 1), value, np.uint8)
        assert (canvas.add(rect, values) == value).all()


def test_different_tiles_fade_evenly() -> None:
    canvas = BlendedCanvas((1, 100, 1), 20)
    canvas.add(Rect(0, 0, 60, 1), np.zeros((1, 60, 1), np.uint8))
    right = canvas.add(Rect(40, 0, 60, 1), np.full((1, 60, 1), 200, np.uint8))[0, :, 0]
    assert (right[20:] == 200).all()
    steps = np.diff(right[:20].astype(int))
    assert set(steps) == {10}
    assert right[0] == 5


def test_sixteen_bits_stay() -> None:
    values = np.full((3, 3, 1), 65535, np.uint16)
    result = BlendedCanvas((3, 3, 1), 2).add(Rect(0, 0, 3, 3), values)
    assert result.dtype == np.uint16
    assert (result == 65535).all()
