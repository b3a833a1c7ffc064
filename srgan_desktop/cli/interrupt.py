"""Ctrl+C while libraries are still being read."""

from __future__ import annotations

import contextlib
import signal
from types import FrameType, TracebackType
from typing import Self


class Interrupt:
    """Remembers that Ctrl+C was pressed, which raises KeyboardInterrupt as ever.

    A compiled library that is interrupted while it is imported raises an ImportError in its
    place (NumPy does: "Importing the numpy C-extensions failed").
    """

    def __init__(self) -> None:
        self.pressed = False

    def __enter__(self) -> Self:
        # only the main thread may; elsewhere nobody is interrupted
        with contextlib.suppress(ValueError):
            if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
                signal.signal(signal.SIGINT, self._press)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(ValueError):
            if signal.getsignal(signal.SIGINT) == self._press:
                signal.signal(signal.SIGINT, signal.default_int_handler)

    def explains(self, error: Exception) -> bool:
        """Whether ``error`` is what a library made of it."""
        return self.pressed and isinstance(error, ImportError)

    def _press(self, number: int, frame: FrameType | None) -> None:
        self.pressed = True
        signal.default_int_handler(number, frame)
