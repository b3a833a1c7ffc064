"""Mouse, keys and patience, for programs that look at their own window on a virtual screen."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

PATIENCE_S = 300


def do(*arguments: str) -> str:
    """Have xdotool do it, while the window lives on; what it says."""
    work = subprocess.Popen(["xdotool", *arguments], stdout=subprocess.PIPE, text=True)
    wait_until(lambda: work.poll() is not None)
    return work.communicate()[0].strip()


def place_in(widget: object, across: float, down: float) -> tuple[int, int]:
    """A place in a widget, in the screen's pixels."""
    from PySide6.QtCore import QPoint

    at = widget.mapToGlobal(QPoint(0, 0))  # type: ignore[attr-defined]
    width, height = widget.width(), widget.height()  # type: ignore[attr-defined]
    return round(at.x() + width * across), round(at.y() + height * down)


def wait(duration_ms: int) -> None:
    """Let the window live for a while."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(duration_ms, loop.quit)
    loop.exec()


def wait_until(is_so: Callable[[], object]) -> None:
    """Let the window live until something is so."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > deadline:
            raise SystemExit("the window did not get there")
        wait(10)
