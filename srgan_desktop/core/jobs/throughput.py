"""How long the rest takes, estimated from the recent throughput."""

from __future__ import annotations

import time
from collections.abc import Callable

# after so much time at work, what was before counts half
HALF_LIFE_S = 20.0
# the first moments say little: caches are cold, the network warms up
LEAST_S = 0.5
# opening, naming and closing a file costs about as much as so many pixels
PIXELS_A_FILE = 4096


class Stopwatch:
    """Counts seconds while it is not held."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._held_since: float | None = None
        self._held_s = 0.0

    def hold(self) -> None:
        if self._held_since is None:
            self._held_since = self._clock()

    def go_on(self) -> None:
        if self._held_since is not None:
            self._held_s += self._clock() - self._held_since
            self._held_since = None

    def seconds(self) -> float:
        now = self._clock() if self._held_since is None else self._held_since
        return now - self._began - self._held_s


class Throughput:
    """Work done for time passed, weighted to the recent past.

    Both fade with the same half-life, so a burst that ends (a folder of small pictures before one
    of large ones) moves the estimate soon, and a single slow file does not.
    """

    def __init__(self) -> None:
        self._pixels = 0.0
        self._items = 0.0
        self._seconds = 0.0
        self._last = 0.0
        self._begun = 0
        self._begun_pixels = 0

    def add(self, pixels: float, items: int, at_s: float) -> None:
        """So much was done by ``at_s`` of a stopwatch since the last call."""
        passed = max(0.0, at_s - self._last)
        fade = 0.5 ** (passed / HALF_LIFE_S)
        self._pixels = self._pixels * fade + pixels
        self._items = self._items * fade + items
        self._seconds = self._seconds * fade + passed
        self._last = at_s

    def begin(self, pixels: int) -> None:
        """An item of so many pixels is begun: it tells what others are like."""
        self._begun += 1
        self._begun_pixels += pixels

    def pixels_left(self, known_pixels: int, known: int, unknown: int) -> float:
        """Work in waiting items: those of known size, and others like these and those begun."""
        count = known + self._begun
        mean = (known_pixels + self._begun_pixels) / count if count else 0.0
        return known_pixels + unknown * mean + (known + unknown) * PIXELS_A_FILE

    def items_per_s(self) -> float | None:
        return self._items / self._seconds if self._known() and self._items else None

    def seconds_for(self, pixels: float) -> float | None:
        """How long so much more takes; None: too early to tell."""
        if not self._known() or self._pixels <= 0:
            return None
        return pixels * self._seconds / self._pixels

    def _known(self) -> bool:
        return self._seconds >= LEAST_S
