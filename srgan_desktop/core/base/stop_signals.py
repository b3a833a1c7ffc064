"""Ctrl+C and its relatives, remembered: while libraries are read, and to stop gently later."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Any, Self


class StopSignals:
    """While entered, the named signals raise KeyboardInterrupt and are remembered.

    Remembered, because a compiled library that is interrupted while it is imported raises an
    ImportError in its place (NumPy does: "Importing the numpy C-extensions failed").

    Args:
        names: of signals, such as "SIGTERM"; those that this system does not have are left out.
        even_ignored: those that count although they are ignored when entered, as SIGINT is in a
            shell's background and SIGHUP under nohup; other ignored ones stay so.
    """

    def __init__(self, *names: str, even_ignored: tuple[str, ...] = ()) -> None:
        self.requested = False
        self._names = names
        self._even_ignored = even_ignored
        self._immediate = True
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        for name in self._names:
            number: signal.Signals | None = getattr(signal, name, None)
            if number is None:
                continue
            if name in self._even_ignored or signal.getsignal(number) is not signal.SIG_IGN:
                self._install(number)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def gently(self) -> None:
        """From now on the first signal only sets ``requested``; the second raises."""
        self._immediate = False

    def explains(self, error: Exception) -> bool:
        """Whether ``error`` is what a library made of the interrupt while it was imported."""
        return self.requested and isinstance(error, ImportError)

    def __call__(self) -> bool:
        """Whether to stop."""
        return self.requested

    def _install(self, number: signal.Signals) -> None:
        try:
            self._before[number] = signal.signal(number, self._received)
        except ValueError:
            # only the main thread may; elsewhere the caller has its own way to stop
            return

    def _received(self, number: int, frame: FrameType | None) -> None:
        at_once = self.requested or self._immediate
        self.requested = True
        if at_once:
            raise KeyboardInterrupt
