"""Ctrl+C and a request to end: first gently, after the step, then at once."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Any

INTERRUPTED = 130


class StopSignals:
    """While entered, the first signal is remembered and the second interrupts.

    Commands that cannot be resumed call ``immediate`` first: then the first signal interrupts too.
    """

    def __init__(self) -> None:
        self.requested = False
        self._immediate = True
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> StopSignals:
        names = ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP")
        for number in (getattr(signal, name) for name in names if hasattr(signal, name)):
            # a process started by nohup ignores the closing terminal, as intended
            if signal.getsignal(number) is not signal.SIG_IGN or number == signal.SIGINT:
                self._install(number)
        return self

    def _install(self, number: signal.Signals) -> None:
        try:
            self._before[number] = signal.signal(number, self._received)
        except ValueError:
            # only the main thread may; elsewhere the caller has its own way to stop
            return

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def gently(self) -> None:
        """From now on the first signal only sets ``requested``."""
        self._immediate = False

    def explains(self, error: Exception) -> bool:
        """Whether ``error`` is what a library made of the interrupt while it was imported."""
        return self.requested and isinstance(error, ImportError)

    def __call__(self) -> bool:
        """Whether to stop."""
        return self.requested

    def _received(self, number: int, frame: FrameType | None) -> None:
        at_once = self.requested or self._immediate
        self.requested = True
        if at_once:
            raise KeyboardInterrupt
