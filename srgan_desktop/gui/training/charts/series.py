"""A curve of any length that is drawn in the same short time: minima and maxima by blocks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

# each level's blocks hold so many of the level below
FACTOR = 4
_FIRST_CAPACITY = 1024
_EMA_BLOCK = 128


class Growing:
    """Numbers that are only ever added at the end, or cut off there."""

    def __init__(self) -> None:
        self._buffer = np.empty(_FIRST_CAPACITY)
        self.size = 0

    @property
    def values(self) -> Numbers:
        """What is there, not a copy."""
        return self._buffer[: self.size]

    def add(self, values: Numbers) -> None:
        """Put more at the end."""
        needed = self.size + len(values)
        if needed > len(self._buffer):
            buffer = np.empty(max(needed, 2 * len(self._buffer)))
            buffer[: self.size] = self.values
            self._buffer = buffer
        self._buffer[self.size : needed] = values
        self.size = needed

    def cut(self, size: int) -> None:
        """Keep the first ``size``."""
        self.size = min(size, self.size)


class Level:
    """Least and largest value of every full block of the level below."""

    def __init__(self) -> None:
        self.least, self.largest = Growing(), Growing()

    def extend(self, least: Numbers, largest: Numbers) -> None:
        """Add the blocks that have become full."""
        done = self.least.size * FACTOR
        full = (len(least) - done) // FACTOR
        if full > 0:
            end = done + full * FACTOR
            self.least.add(least[done:end].reshape(full, FACTOR).min(1))
            self.largest.add(largest[done:end].reshape(full, FACTOR).max(1))


class Series:
    """Points (x, y) with x never falling; y holds numbers only."""

    def __init__(self) -> None:
        self._x, self._y = Growing(), Growing()
        self._levels: list[Level] = []

    def __len__(self) -> int:
        return self._x.size

    @property
    def x(self) -> Numbers:
        """All places, (N,)."""
        return self._x.values

    @property
    def y(self) -> Numbers:
        """All values, (N,)."""
        return self._y.values

    def append(self, x: Numbers, y: Numbers) -> None:
        """More points; those without a number are left out."""
        there = np.isfinite(y)
        self._x.add(x[there])
        self._y.add(y[there])
        self._extend()

    def cut_after(self, x: float) -> None:
        """Forget the points beyond ``x``."""
        size = int(np.searchsorted(self.x, x, "right"))
        self._x.cut(size)
        self._y.cut(size)
        for power, level in enumerate(self._levels, 1):
            level.least.cut(size // FACTOR**power)
            level.largest.cut(size // FACTOR**power)

    def _extend(self) -> None:
        least = largest = self.y
        number = 0
        while len(least) >= FACTOR:
            if number == len(self._levels):
                self._levels.append(Level())
            level = self._levels[number]
            level.extend(least, largest)
            least, largest = level.least.values, level.largest.values
            number += 1

    def view(self, start: float, end: float, columns: int) -> tuple[Numbers, Numbers]:
        """Points to draw from ``start`` to ``end`` on so many pixels: at most some four a pixel.

        No peak is lost: where points share a pixel their least and largest are given. A point on
        either side is included, so that the line goes on to the edge.
        """
        first = max(0, int(np.searchsorted(self.x, start, "left")) - 1)
        last = min(len(self), int(np.searchsorted(self.x, end, "right")) + 1)
        power = 0
        while power < len(self._levels) and (last - first) // FACTOR**power > 2 * columns:
            power += 1
        if power == 0:
            return self.x[first:last], self.y[first:last]
        return self._blocks(power, first, last)

    def _blocks(self, power: int, first: int, last: int) -> tuple[Numbers, Numbers]:
        level, size = self._levels[power - 1], FACTOR**power
        begin = first // size
        end = min(-(-last // size), level.least.size)
        starts = np.arange(begin, end) * size
        x = np.stack([self.x[starts], self.x[starts + size // 2]], 1).ravel()
        y = np.stack([level.least.values[begin:end], level.largest.values[begin:end]], 1).ravel()
        tail = slice(end * size, last)
        if tail.start < last:
            rest = self.y[tail]
            x = np.append(x, [self.x[tail.start], self.x[last - 1]])
            y = np.append(y, [rest.min(), rest.max()] if len(rest) > 1 else [rest[0], rest[0]])
        return x, y

    def value_at(self, x: float) -> float | None:
        """The value of the nearest point; None where there is none."""
        if not len(self):
            return None
        right = min(int(np.searchsorted(self.x, x)), len(self) - 1)
        left = max(0, right - 1)
        nearest = left if abs(self.x[left] - x) < abs(self.x[right] - x) else right
        return float(self.y[nearest])


def exponential_mean(
    values: Numbers, weight: float, before: float = 0.0, count: int = 0
) -> Numbers:
    """Each value mixed with the mean of the ``count`` before it, which counts ``weight`` (0..1).

    ``before`` is that mean. The first values are not given more than their share: after n values
    the weights of all n add up to 1.
    """
    if not len(values) or weight <= 0:
        return values.copy()
    powers = weight ** np.arange(_EMA_BLOCK + 1)
    lags = np.subtract.outer(np.arange(_EMA_BLOCK), np.arange(_EMA_BLOCK))
    weights = np.where(lags >= 0, (1 - weight) * powers[np.maximum(lags, 0)], 0.0)
    blocks = -(-len(values) // _EMA_BLOCK)
    padded = np.zeros(blocks * _EMA_BLOCK)
    padded[: len(values)] = values
    parts = padded.reshape(blocks, _EMA_BLOCK) @ weights.T
    total = before * (1 - weight**count)
    totals = np.empty(blocks)
    for number, last in enumerate(parts[:, -1].tolist()):
        totals[number] = total
        total = last + powers[-1] * total
    whole = (parts + totals[:, None] * powers[1:]).ravel()[: len(values)]
    return np.asarray(whole / (1 - weight ** (count + np.arange(1.0, len(values) + 1))))


class Smoothed:
    """A curve and its smoothed twin, kept in step."""

    def __init__(self, weight: float) -> None:
        self.raw, self.smooth = Series(), Series()
        self._weight = weight

    def append(self, x: Numbers, y: Numbers) -> None:
        """More points."""
        old = len(self.raw)
        self.raw.append(x, y)
        before = float(self.smooth.y[-1]) if old else 0.0
        new = exponential_mean(self.raw.y[old:], self._weight, before, old)
        self.smooth.append(self.raw.x[old:], new)

    def cut_after(self, x: float) -> None:
        """Forget the points beyond ``x``."""
        self.raw.cut_after(x)
        self.smooth.cut_after(x)

    def set_weight(self, weight: float) -> None:
        """Smooth all of it anew."""
        if weight == self._weight:
            return
        self._weight = weight
        self.smooth = Series()
        self.smooth.append(self.raw.x, exponential_mean(self.raw.y, weight))
