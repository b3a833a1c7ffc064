"""How far the work is and how long it will take, judged by the newest tiles most."""

from __future__ import annotations

from collections.abc import Callable

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.estimate_text import rough_time

NEW_SHARE = 0.25
WORTH_SAYING_S = 1.0


class Progress:
    """Counts tiles against a clock (in seconds)."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last = clock()
        self._per_tile: float | None = None
        self.done = 0
        self.total = 0

    def advance(self, done: int, total: int, *, kept: bool = False) -> None:
        """``done`` of ``total`` tiles are finished; one that was ``kept`` took no time."""
        now = self._clock()
        took, self._last = now - self._last, now
        if done > 0 and not kept:
            known = self._per_tile
            self._per_tile = took if known is None else known + NEW_SHARE * (took - known)
        self.done, self.total = done, total

    @property
    def fraction(self) -> float:
        """0 to 1; below 0 while it is not known how much there is to do."""
        return self.done / self.total if self.total else -1.0

    @property
    def seconds_left(self) -> float | None:
        """None until it can be guessed."""
        if self._per_tile is None:
            return None
        return self._per_tile * (self.total - self.done)

    def text(self) -> str:
        """ "Tile 12 of 48, about 20 s left"."""
        if not self.total:
            return tr("Getting ready…")
        text = tr("Tile {done} of {total}", done=self.done, total=self.total)
        left = self.seconds_left
        if left is not None and left >= WORTH_SAYING_S:
            return tr(", ").join([text, tr("about {time} left", time=rough_time(left))])
        return text
