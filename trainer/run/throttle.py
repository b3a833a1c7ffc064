"""Limits events to ten of a kind per second."""

from __future__ import annotations

import math
import time

EVENT_SECONDS = 0.1


class Throttle:
    """Says when the next event is due; the first is due at once."""

    def __init__(self, seconds: float = EVENT_SECONDS) -> None:
        self._seconds = seconds
        self._last = -math.inf

    def due(self) -> bool:
        """Whether enough time has passed since this last said yes."""
        now = time.monotonic()
        if now - self._last < self._seconds:
            return False
        self._last = now
        return True
