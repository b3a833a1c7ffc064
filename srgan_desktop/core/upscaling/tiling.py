"""Cutting a pass into tiles whose results together equal a single pass over the picture.

A generator in eval mode looks ``radius`` LR pixels beyond a place and no further; the shrink after
it looks a few pixels more. A tile that carries that much context, cut off only at the true border
of the picture, therefore gives the same pixels as the whole.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Rect:
    """A rectangle in pixels: left, top, width, height."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height


@dataclass(frozen=True)
class Span:
    """One axis of a tile.

    Attributes:
        target: first and one past the last pixel of the result that this tile makes.
        enlarged: the same in the network's output before the shrink: what the shrink reads.
        source: the same in the source: what the network must see.
    """

    target: tuple[int, int]
    enlarged: tuple[int, int]
    source: tuple[int, int]


@dataclass(frozen=True)
class Tile:
    """A piece of one pass."""

    columns: Span
    rows: Span

    @property
    def target(self) -> Rect:
        """Where its result goes."""
        (x, right), (y, bottom) = self.columns.target, self.rows.target
        return Rect(x, y, right - x, bottom - y)

    @property
    def source(self) -> Rect:
        """What it reads, context included."""
        (x, right), (y, bottom) = self.columns.source, self.rows.source
        return Rect(x, y, right - x, bottom - y)


@dataclass(frozen=True)
class Grid:
    """One pass: sizes are (width, height)."""

    source: tuple[int, int]
    target: tuple[int, int]
    scale: int
    radius: int

    def tiles(self, side: int) -> list[Tile]:
        """Tiles of about ``side`` source pixels without context, row by row."""
        return self._tiles(*(max(1, math.ceil(n / max(1, side))) for n in self.source))

    def _tiles(self, across: int, down: int) -> list[Tile]:
        columns = [self._span(0, *cut) for cut in _cuts(self.source[0], across)]
        rows = [self._span(1, *cut) for cut in _cuts(self.source[1], down)]
        return [Tile(column, row) for row in rows for column in columns]

    def cheapest_tiles(self, pixels: int) -> list[Tile]:
        """Tiles of at most about ``pixels`` source pixels, context included, row by row.

        Of all ways to cut columns and rows the one with the fewest pixels to compute: context is
        needed at cuts and not at the picture's border, so a few long tiles may be better than
        square ones.
        """
        width, height = self.source
        best: tuple[int, int, int] | None = None
        for across in range(1, width + 1):
            if best and self._worked(width, across) * height >= best[0]:
                break  # more columns can only cost more
            down = self._fewest_rows(self._widest(width, across), pixels)
            if down is not None:
                worked = self._worked(width, across) * self._worked(height, down)
                best = min(best or (worked, across, down), (worked, across, down))
        # nothing fits: as small as they get
        return self._tiles(*(best[1:] if best else self.source))

    def _fewest_rows(self, widest: int, pixels: int) -> int | None:
        """In how many rows of tiles of this width each fits; None where not even one pixel does."""
        height = self.source[1]
        tallest = pixels // widest
        counts = (1, 2, max(3, math.ceil(height / max(1, tallest - 2 * self.radius))))
        fitting = (n for n in counts if n <= height and self._widest(height, n) <= tallest)
        return next(fitting, None)

    def _widest(self, length: int, count: int) -> int:
        """The longest of so many parts with their context."""
        return math.ceil(length / count) + self.radius * min(count - 1, 2)

    def _worked(self, length: int, count: int) -> int:
        """All parts with their context together."""
        return length + 2 * self.radius * (count - 1)

    def alike(self, tiles: list[Tile]) -> list[Tile]:
        """The same results of sources of one size: those at the border read further inwards."""
        width = max((tile.source.width for tile in tiles), default=0)
        height = max((tile.source.height for tile in tiles), default=0)
        return [
            Tile(
                _with_source_of(tile.columns, width, self.source[0]),
                _with_source_of(tile.rows, height, self.source[1]),
            )
            for tile in tiles
        ]

    def split(self, tile: Tile, least: int = 0) -> list[Tile]:
        """The same part of the result as up to four smaller tiles; as one if it cannot be cut.

        Sides of at most ``least`` source pixels, without context, stay whole.
        """
        columns, rows = (
            [
                self._span_of_target(axis, *half)
                for half in _halves(*span.target, least * self.target[axis] / self.source[axis])
            ]
            for axis, span in enumerate((tile.columns, tile.rows))
        )
        return [Tile(column, row) for row in rows for column in columns]

    def halved(self, tiles: list[Tile], least: int) -> list[Tile]:
        """All of them as ``split`` cuts them: no more than there were if none can be cut."""
        return [part for tile in tiles for part in self.split(tile, least)]

    def widened(self, tile: Tile, margin: int) -> Tile:
        """``tile`` with ``margin`` more pixels of the result on each side, within the picture."""
        spans = []
        for axis, span in ((0, tile.columns), (1, tile.rows)):
            start = max(0, span.target[0] - margin)
            stop = min(self.target[axis], span.target[1] + margin)
            spans.append(self._span_of_target(axis, start, stop))
        return Tile(*spans)

    def _span(self, axis: int, start: int, stop: int) -> Span:
        ratio = self.target[axis] / self.source[axis]
        # rounded the same way for both neighbours of a cut: no gap, no overlap
        return self._span_of_target(axis, round(start * ratio), round(stop * ratio))

    def _span_of_target(self, axis: int, start: int, stop: int) -> Span:
        length = self.source[axis]
        full = length * self.scale
        if full == self.target[axis]:
            first, last = start, stop
        else:
            from srgan_desktop.core.images.resize import resize_weights  # brings torch

            indices, _ = resize_weights(full, self.target[axis])
            used = indices[start:stop]
            first, last = int(used.min()), int(used.max()) + 1
        left = max(0, first // self.scale - self.radius)
        right = min(length, -(-last // self.scale) + self.radius)
        return Span((start, stop), (first, last), (left, right))


def _cuts(length: int, count: int) -> Iterator[tuple[int, int]]:
    """``length`` in nearly equal parts."""
    edges = [round(i * length / count) for i in range(count + 1)]
    return itertools.pairwise(edges)


def _with_source_of(span: Span, size: int, length: int) -> Span:
    left = min(span.source[0], length - size)
    return dataclasses.replace(span, source=(left, left + size))


def _halves(start: int, stop: int, least: float) -> list[tuple[int, int]]:
    if stop - start <= max(1, least):
        return [(start, stop)]
    middle = (start + stop) // 2
    return [(start, middle), (middle, stop)]
