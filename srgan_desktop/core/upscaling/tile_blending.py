"""Tiles of networks that see the whole picture, faded into one another.

Where a network is not local (instance norm, attention), tiles never agree to the pixel. They are
rendered wider than their place and mixed where they lie over each other, with weights that rise
and fall linearly.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from srgan_desktop.core.images.canvas import new_canvas
from srgan_desktop.core.upscaling.tile_rendering import Planes
from srgan_desktop.core.upscaling.tiling import Grid, Rect, Tile

Array = NDArray[Any]


class Blend:
    """Tiles of one pass, blended over half of their context on each side of every cut.

    Where a network sees far but not all of the picture, the blended part takes half of the context
    instead of lying within it: the outermost pixels see less and count least.
    """

    def __init__(self, grid: Grid, tiles: list[Tile], canvas: Planes, *, is_local: bool) -> None:
        self._grid = grid
        if is_local:
            self._grid = dataclasses.replace(grid, radius=grid.radius - grid.radius // 2)
        narrowest = min(min(tile.target.width, tile.target.height) for tile in tiles)
        self._margin = max(1, min(grid.radius // 2 * grid.scale, narrowest // 2))
        pixels, alpha = canvas
        self._pixels = BlendedCanvas(pixels.shape, 2 * self._margin)
        self._alpha = None
        if alpha is not None:
            self._alpha = BlendedCanvas((*alpha.shape, 1), 2 * self._margin)

    def reach(self, tile: Tile) -> Tile:
        return self._grid.widened(tile, self._margin)

    def add(self, tile: Tile, planes: Planes) -> Planes:
        pixels, alpha = planes
        mixed = self._pixels.add(tile.target, pixels)
        if alpha is None or self._alpha is None:
            return Planes(mixed, None)
        return Planes(mixed, self._alpha.add(tile.target, alpha[..., None])[..., 0])


class BlendedCanvas:
    """The weighted mean of all tiles so far, for one plane or picture.

    Args:
        shape: (H, W, C) of the whole result.
        fade: pixels of the result over which a tile fades in, from each inner edge.
    """

    def __init__(self, shape: tuple[int, int, int], fade: int) -> None:
        self._sum = new_canvas(shape, np.dtype(np.float32))
        self._weight = new_canvas((*shape[:2], 1), np.dtype(np.float32))
        self._fade = fade

    def add(self, rect: Rect, values: Array) -> Array:
        """Mix ``values`` (h, w, C) in at ``rect``; returns what that place holds now."""
        height, width = self._sum.shape[:2]
        rows = _window(rect.y, rect.bottom, height, self._fade)
        columns = _window(rect.x, rect.right, width, self._fade)
        weight = (rows[:, None] * columns[None, :])[..., None]
        where = np.s_[rect.y : rect.bottom, rect.x : rect.right]
        self._sum[where] += values * weight
        self._weight[where] += weight
        mean = self._sum[where] / self._weight[where]
        result: Array = np.rint(mean).astype(values.dtype)
        return result


def _window(start: int, stop: int, length: int, fade: int) -> NDArray[np.float32]:
    """Weights 0..1 along one axis; an edge of the picture itself is not faded."""
    place = np.arange(stop - start) + 0.5
    window = np.ones(stop - start)
    if start > 0:
        window = np.minimum(window, place / fade)
    if stop < length:
        window = np.minimum(window, place[::-1] / fade)
    return window.astype(np.float32)
