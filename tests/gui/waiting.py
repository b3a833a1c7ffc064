"""Waiting for what happens beside a test, the window's event loop running meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEventLoop, QTimer

WaitUntil = Callable[..., None]
LOOK_MS = 5


def wait_until(
    is_so: Callable[[], object], timeout_s: float = 60, *, what: str = "it did not happen"
) -> None:
    """Run the event loop until something is so; fail with ``what`` where it never is.

    ``QTest.qWait`` would hold Python's lock meanwhile, and the threads would starve.
    """
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline, what
        pause(LOOK_MS)


def pause(duration_ms: int) -> None:
    """Let the event loop run for some milliseconds."""
    loop = QEventLoop()
    QTimer.singleShot(duration_ms, loop.quit)
    loop.exec()
