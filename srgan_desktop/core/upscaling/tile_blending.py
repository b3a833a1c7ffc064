"""Tiles of networks that see the whole picture, faded into one another.

Where a network is not local (instance norm, attention), tiles never agree to the pixel. They are
rendered wider than their place and mixed where they lie over each other, with weights that rise
and fall linearly.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from srgan_desktop.core.images.canvas import new_canvas
from srgan_desktop.core.upscaling.tiling import Rect

Array = NDArray[Any]


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
