"""Where pictures, levels and tiles lie in a frame: rectangles, no pixels."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QRegion

from srgan_desktop.gui.viewer.pyramid import TILE, Box

SHARP = 1e-6


@dataclass(frozen=True)
class Placement:
    """Where after-pixels land in the frame: at ``origin + pixel * zoom``, in device pixels."""

    origin: tuple[int, int]
    zoom: float

    def device_rect(self, rect: QRect) -> QRect:
        """The device pixels whose centres lie on ``rect`` (after-pixels)."""
        left = edge(self.origin[0] + rect.x() * self.zoom)
        top = edge(self.origin[1] + rect.y() * self.zoom)
        right = edge(self.origin[0] + (rect.x() + rect.width()) * self.zoom)
        bottom = edge(self.origin[1] + (rect.y() + rect.height()) * self.zoom)
        return QRect(left, top, right - left, bottom - top)

    def device_region(self, region: QRegion) -> QRegion:
        """As ``device_rect``, for a region."""
        result = QRegion()
        for rect in rects_of(region):
            result += self.device_rect(rect)
        return result

    def pixels_around(self, rect: QRect) -> QRect:
        """The after-pixels that device pixels touch, and a few more."""
        x0 = math.floor((rect.x() - self.origin[0]) / self.zoom) - 1
        y0 = math.floor((rect.y() - self.origin[1]) / self.zoom) - 1
        width = math.ceil(rect.width() / self.zoom) + 3
        return QRect(x0, y0, width, math.ceil(rect.height() / self.zoom) + 3)


@dataclass(frozen=True)
class Grid:
    """One level as it lies in the frame: device = origin + level pixel * (scale_x, scale_y)."""

    level: int
    size: tuple[int, int]
    origin: tuple[int, int]
    scale_x: float
    scale_y: float
    frame: QRect

    def target(self, x0: float, y0: float, x1: float, y1: float) -> QRectF:
        """Where level pixels are painted."""
        return QRectF(
            self.origin[0] + x0 * self.scale_x,
            self.origin[1] + y0 * self.scale_y,
            (x1 - x0) * self.scale_x,
            (y1 - y0) * self.scale_y,
        )

    def cell(self, column: int, row: int) -> QRect:
        """The device pixels that belong to a tile: no gaps between tiles and no overlaps."""
        target = self.target(column * TILE, row * TILE, (column + 1) * TILE, (row + 1) * TILE)
        left, top = edge(target.left()), edge(target.top())
        size = (edge(target.right()) - left, edge(target.bottom()) - top)
        return QRect(left, top, *size).intersected(self.frame)

    def tiles(self, clip: QRect) -> tuple[range, range]:
        """Columns and rows of the tiles that ``clip`` (device pixels) touches."""
        if clip.isEmpty():
            return range(0), range(0)
        return (
            _tile_range(clip.x(), clip.width(), self.origin[0], self.scale_x, self.size[0]),
            _tile_range(clip.y(), clip.height(), self.origin[1], self.scale_y, self.size[1]),
        )

    def box(self, column: int, row: int) -> Box:
        """A tile's level pixels with a rim of one, which smoothing reaches for."""
        box = Box(column * TILE - 1, row * TILE - 1, (column + 1) * TILE + 1, (row + 1) * TILE + 1)
        return box.clipped(self.size)


def rects_of(region: QRegion) -> Iterable[QRect]:
    """The rectangles a region is made of."""
    # iterable, though the type information does not say so
    return cast(Iterable[QRect], region)


def edge(position: float) -> int:
    """The first device pixel whose centre is not left of (above) ``position``."""
    return math.ceil(position - 0.5)


def grown(inner: range, whole: range) -> range:
    """``inner`` and one more on either side, as far as ``whole`` goes."""
    if not inner:
        return inner
    return range(max(whole.start, inner.start - 1), min(whole.stop, inner.stop + 1))


def is_smooth(grid: Grid, crisp: bool) -> bool:
    """Whether pixels are blended: not where each is shown as it is, nor where squares are due."""
    scale = grid.scale_x
    exact = abs(grid.scale_x - 1) < SHARP and abs(grid.scale_y - 1) < SHARP
    return not (exact or scale >= 2 - SHARP or (crisp and scale >= 1))


def _tile_range(start: int, length: int, origin: int, scale: float, size: int) -> range:
    first = math.floor((start - origin) / scale)
    last = math.ceil((start + length - origin) / scale)
    last_tile = -(-min(max(last, 0), size) // TILE)
    return range(max(0, first) // TILE, last_tile)
