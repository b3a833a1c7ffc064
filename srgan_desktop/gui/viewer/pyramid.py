"""A picture at full size and at halves, quarters, eighths ... of it, made as it is asked for.

numpy only. Level ``k`` has one pixel for each square of ``2**k`` source pixels: their average,
with colours weighted by alpha. Levels below ``STORED_FROM`` are computed from the source each
time, which is quick; the coarser ones are kept, block by block, and cost 2 % of the picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

TILE = 256
STORED_FROM = 3
BLOCK = 128
OVERVIEW_SIDE = 1024
OVERVIEW_STRIP = 64


class Box(NamedTuple):
    """Whole pixels ``x0 <= x < x1``, ``y0 <= y < y1`` of some level."""

    x0: int
    y0: int
    x1: int
    y1: int

    def clipped(self, size: tuple[int, int]) -> Box:
        """The part that lies on a picture of ``size`` (width, height)."""
        width, height = size
        return Box(max(0, self.x0), max(0, self.y0), min(width, self.x1), min(height, self.y1))

    def at_source(self, level: int) -> Box:
        """The same area in source pixels."""
        return Box(self.x0 << level, self.y0 << level, self.x1 << level, self.y1 << level)

    def of(self, pixels: Pixels) -> Pixels:
        """A view of this part of an array."""
        return pixels[self.y0 : self.y1, self.x0 : self.x1]


def level_size(size: tuple[int, int], level: int) -> tuple[int, int]:
    """Width and height of a level of a picture of ``size``; partial squares count."""
    step = 1 << level
    return -(-size[0] // step), -(-size[1] // step)


def level_count(size: tuple[int, int]) -> int:
    """How many levels there are: the last fits into one tile."""
    count = 1
    while max(level_size(size, count - 1)) > TILE:
        count += 1
    return count


def premultiply(pixels: Pixels) -> Pixels:
    """(H, W, 3|4) uint8 with colours multiplied by alpha; (H, W, 3) comes back as it is."""
    if pixels.shape[2] == 3:
        return pixels
    colours = pixels[..., :3].astype(np.uint16) * pixels[..., 3:]
    return np.concatenate([((colours + 127) // 255).astype(np.uint8), pixels[..., 3:]], axis=2)


def area_reduce(pixels: Pixels, factor: int) -> Pixels:
    """(H, W, C) uint8 averaged over squares of ``factor`` (2 to 16), halves rounded up.

    Squares cut by the right or bottom edge average what there is.
    """
    height, width, channels = pixels.shape
    rows, columns = -(-height // factor), -(-width // factor)
    # 16 bits hold a sum of 16 x 16 bytes and the half added for rounding
    strips = np.zeros((rows, width, channels), np.uint16)
    for offset in range(min(factor, height)):
        part = pixels[offset::factor]
        strips[: len(part)] += part
    sums = np.zeros((rows, columns, channels), np.uint16)
    for offset in range(min(factor, width)):
        part = strips[:, offset::factor]
        sums[:, : part.shape[1]] += part
    tall = np.minimum(factor, height - factor * np.arange(rows)).astype(np.uint16)
    wide = np.minimum(factor, width - factor * np.arange(columns)).astype(np.uint16)
    counts = (tall[:, None] * wide[None, :])[..., None]
    means: Pixels = ((sums + counts // 2) // counts).astype(np.uint8)
    return means


class Pyramid:
    """The levels of one array; parts may be rewritten at any time and told with ``touch``.

    One thread reads (``prepare``, ``read``, ``overview``); another may call ``touch``.
    """

    def __init__(self, pixels: Pixels, *, empty: bool = False) -> None:
        """``pixels``: (H, W, 3|4) uint8, RGB or RGBA with straight alpha; kept, not copied.

        ``empty``: all zeros so far; parts that nobody has told of with ``touch`` are not read.
        """
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (3, 4):
            raise ValueError(f"want (H, W, 3|4) uint8, got {pixels.shape} {pixels.dtype}")
        if 0 in pixels.shape:
            raise ValueError(f"a picture without pixels: {pixels.shape}")
        self.pixels = pixels
        self.size = (int(pixels.shape[1]), int(pixels.shape[0]))
        self.levels = level_count(self.size)
        self.version = 0
        self._never_built = 0 if empty else -1
        self._cells = np.zeros((-(-self.size[1] // TILE), -(-self.size[0] // TILE)), np.int64)
        self._stored: dict[int, Pixels] = {}
        self._built: dict[int, npt.NDArray[np.int64]] = {}

    @property
    def has_alpha(self) -> bool:
        """Whether there is a fourth channel."""
        return bool(self.pixels.shape[2] == 4)

    def touch(self, box: Box) -> None:
        """Source pixels in ``box`` have been written; what was made from them is out of date."""
        box = box.clipped(self.size)
        version = self.version + 1
        # cells first: a reader in between then takes its work for older than it is, never newer
        self._cells[_steps(box.y0, box.y1, TILE), _steps(box.x0, box.x1, TILE)] = version
        self.version = version

    def version_of(self, level: int, box: Box) -> int:
        """The version at which the source under a level's ``box`` was last written."""
        box = box.at_source(level).clipped(self.size)
        return int(
            self._cells[_steps(box.y0, box.y1, TILE), _steps(box.x0, box.x1, TILE)].max(initial=0)
        )

    def prepare(self, level: int, box: Box) -> Iterator[None]:
        """Make what ``read`` needs, yielding after each 1,024 x 1,024 source pixels at most."""
        if level < STORED_FROM:
            return
        box = box.clipped(level_size(self.size, level))
        for row in range(box.y0 // BLOCK, -(-box.y1 // BLOCK)):
            for column in range(box.x0 // BLOCK, -(-box.x1 // BLOCK)):
                yield from self._prepare_block(level, column, row)

    def read(self, level: int, box: Box) -> Pixels:
        """A copy of ``box`` (clipped to the level): (h, w, 3|4) uint8, alpha premultiplied."""
        for _ in self.prepare(level, box):
            pass
        box = box.clipped(level_size(self.size, level))
        if level >= STORED_FROM:
            return box.of(self._stored[level]).copy()
        source = premultiply(box.at_source(level).clipped(self.size).of(self.pixels))
        return area_reduce(source, 1 << level) if level else np.array(source, order="C")

    @property
    def overview_level(self) -> int:
        """The level whose size ``overview`` has."""
        level = 0
        while max(level_size(self.size, level)) > OVERVIEW_SIDE:
            level += 1
        return level

    def overview(self) -> Iterator[Pixels]:
        """The whole picture, small and rough (every n-th pixel): something to show at once.

        It comes in strips from top to bottom, (h, w, 3|4) uint8, alpha premultiplied.
        """
        step = 1 << self.overview_level
        # from the middle of each square, so that it does not seem to shift when it sharpens
        start_x = min(step // 2, (self.size[0] - 1) % step)
        start_y = min(step // 2, (self.size[1] - 1) % step)
        rows = range(start_y, self.size[1], step)
        columns = range(start_x, self.size[0], step)
        for first in range(0, len(rows), OVERVIEW_STRIP):
            strip = rows[first : first + OVERVIEW_STRIP]
            left, right = self._touched(strip, columns)
            part = np.zeros((len(strip), len(columns), self.pixels.shape[2]), np.uint8)
            if left < right:
                across = slice(columns[left], columns[right - 1] + 1, step)
                part[:, left:right] = self.pixels[strip.start : strip[-1] + 1 : step, across]
            yield premultiply(part)

    def _touched(self, rows: range, columns: range) -> tuple[int, int]:
        """From which to which of the columns there may be anything but zeros in these rows."""
        if self._never_built < 0:
            return 0, len(columns)
        written = self._cells[_steps(rows[0], rows[-1] + 1, TILE)].max(axis=0)
        places = np.flatnonzero(np.take(written, np.array(columns) // TILE))
        return (int(places[0]), int(places[-1]) + 1) if len(places) else (0, 0)

    def _prepare_block(self, level: int, column: int, row: int) -> Iterator[None]:
        stored = self._level(level)
        box = Box(column * BLOCK, row * BLOCK, (column + 1) * BLOCK, (row + 1) * BLOCK)
        box = box.clipped(level_size(self.size, level))
        version = self.version
        if self._built[level][row, column] >= self.version_of(level, box):
            return
        if level > STORED_FROM:
            below = box.at_source(1).clipped(level_size(self.size, level - 1))
            yield from self.prepare(level - 1, below)
            block = area_reduce(below.of(self._stored[level - 1]), 2)
        else:
            source = box.at_source(level).clipped(self.size).of(self.pixels)
            block = area_reduce(premultiply(source), 1 << level)
        box.of(stored)[:] = block
        self._built[level][row, column] = version
        yield

    def _level(self, level: int) -> Pixels:
        if level not in self._stored:
            width, height = level_size(self.size, level)
            blocks = (-(-height // BLOCK), -(-width // BLOCK))
            self._built[level] = np.full(blocks, self._never_built, np.int64)
            self._stored[level] = np.zeros((height, width, self.pixels.shape[2]), np.uint8)
        return self._stored[level]


def _steps(start: int, stop: int, step: int) -> slice:
    """The grid cells of ``step`` that ``start .. stop`` touches."""
    return slice(start // step, -(-stop // step))
