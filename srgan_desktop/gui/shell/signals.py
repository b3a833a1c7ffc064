"""Ctrl+C in a terminal and the end of a session close the window in an orderly way."""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Callable
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier, Slot

WATCHED = (signal.SIGINT, signal.SIGTERM)


class SignalWatch(QObject):
    """Calls ``act`` in the window's thread once a signal has come.

    Python's handlers only run when Python code does, which an idle event loop does not; the
    wake-up socket makes it. To be made by the main thread.
    """

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self._act = act
        self.heard: int | None = None
        self._reading, self._writing = socket.socketpair()
        for end in (self._reading, self._writing):
            end.setblocking(False)
        self._previous = {number: signal.signal(number, self._note) for number in WATCHED}
        signal.set_wakeup_fd(self._writing.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._reading.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._wake)

    def stop(self) -> None:
        """Signals do again what they did before."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(-1)
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        self._reading.close()
        self._writing.close()

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.heard = number

    @Slot()
    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._reading.recv(64)
        if self.heard is not None:
            self._act()
