"""Pixels as they are shown: 8-bit sRGB, with transparency where there is any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from srgan_desktop.core.images.canvas import new_canvas
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.images.io.colour import fits, is_srgb, reduced, srgb8

if TYPE_CHECKING:
    # this module is loaded before torch is
    from srgan_desktop.core.upscaling.tiling import Rect

Array = NDArray[Any]
Shown = NDArray[np.uint8]


def shows_as_it_is(pixels: Array, alpha: Array | None, icc: bytes | None) -> bool:
    """Whether the pixels themselves can be shown, without a copy."""
    if pixels.dtype != np.uint8 or pixels.shape[2] != 3 or alpha is not None:
        return False
    return not icc or not fits(icc, 3) or is_srgb(icc)


def convert(pixels: Array, alpha: Array | None, icc: bytes | None) -> Shown:
    """(H, W, 1|3) of any depth and profile to (H, W, 3|4) uint8 sRGB, straight alpha."""
    colours = srgb8(pixels, icc)
    if alpha is None:
        return colours
    return np.concatenate([colours, reduced(alpha)[..., None]], axis=2)


def of_picture(picture: RasterImage) -> Shown:
    """A whole picture; its own pixels where they can be shown as they are."""
    icc = picture.metadata.icc
    if shows_as_it_is(picture.pixels, picture.alpha, icc):
        return picture.pixels
    return convert(picture.pixels, picture.alpha, icc)


class ShownCanvas:
    """What is shown of a canvas that fills tile by tile."""

    def __init__(self, pixels: Array, alpha: Array | None, icc: bytes | None) -> None:
        self._source = (pixels, alpha, icc)
        self._same = shows_as_it_is(pixels, alpha, icc)
        if self._same:
            self.pixels: Shown = pixels
        else:
            shape = (*pixels.shape[:2], 3 if alpha is None else 4)
            self.pixels = new_canvas(shape, np.dtype(np.uint8))

    def take(self, rect: Rect) -> None:
        """This part of the canvas is final."""
        if self._same:
            return
        pixels, alpha, icc = self._source
        where = np.s_[rect.y : rect.bottom, rect.x : rect.right]
        self.pixels[where] = convert(pixels[where], None if alpha is None else alpha[where], icc)


class Replacing:
    """An old result that a new one of the same size replaces piece by piece.

    Looks like an array (H, W, 3|4) to those who read slices of it; may be read from one thread
    while another lands pieces.
    """

    dtype = np.dtype(np.uint8)
    ndim = 3

    def __init__(self, old: Shown, new: Shown) -> None:
        if old.shape != new.shape:
            raise ValueError(f"{new.shape} cannot replace {old.shape}")
        self.shape = new.shape
        self._old = old
        self._new = new
        self._finished_tile: tuple[tuple[int, int, int, int], ...] = ()

    def add_tile(self, rect: tuple[int, int, int, int]) -> None:
        """From now on ``rect`` (x, y, width, height) is the new one's."""
        self._finished_tile += (rect,)

    def settle(self) -> None:
        """All of it is the new one's; the old one is let go of."""
        self._old, self._finished_tile = self._new, ()

    def __getitem__(self, where: tuple[slice, slice]) -> Shown:
        rows = range(*where[0].indices(self.shape[0]))
        columns = range(*where[1].indices(self.shape[1]))
        published = self._finished_tile
        out = np.array(self._old[where])
        for x, y, width, height in published:
            top, bottom = _places(rows, y, y + height)
            left, right = _places(columns, x, x + width)
            if top < bottom and left < right:
                part = _slice(rows[top:bottom]), _slice(columns[left:right])
                out[top:bottom, left:right] = self._new[part]
        return out


def _places(steps: range, start: int, stop: int) -> tuple[int, int]:
    """Which of the steps lie in ``start .. stop``."""
    count = len(steps)
    first = -(-(start - steps.start) // steps.step)
    last = -(-(stop - steps.start) // steps.step)
    return min(max(0, first), count), min(max(0, last), count)


def _slice(steps: range) -> slice:
    return slice(steps.start, steps.stop, steps.step)
