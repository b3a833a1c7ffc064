"""Which rows of a picture are final while the rest of it is still computed."""

from __future__ import annotations

import threading

import numpy as np


class AbandonedError(Exception):
    """The picture will never be complete."""


class FinishedRows:
    """Rows from the top that are final. One thread adds rectangles, others wait for rows."""

    def __init__(self, width: int, height: int) -> None:
        self._width = width
        self._covered = np.zeros(height, np.int64)
        self._count = 0
        self._abandoned = False
        self._changed = threading.Condition()

    @property
    def count(self) -> int:
        """So many, from the top without a gap."""
        return self._count

    def add(self, rows: tuple[int, int], width: int) -> None:
        """``width`` more columns of rows from and to (without) are final; none twice."""
        with self._changed:
            self._covered[slice(*rows)] += width
            unfinished = self._covered[self._count :] < self._width
            self._count += int(unfinished.argmax()) if unfinished.any() else len(unfinished)
            self._changed.notify_all()

    def abandon(self) -> None:
        """Whoever waits, or will, gets an ``AbandonedError``."""
        with self._changed:
            self._abandoned = True
            self._changed.notify_all()

    def wait(self, stop: int) -> None:
        """Until the rows above ``stop`` are final. Raises AbandonedError."""
        wanted = min(stop, len(self._covered))
        with self._changed:
            self._changed.wait_for(lambda: self._abandoned or self._count >= wanted)
            if self._count < wanted:
                raise AbandonedError
