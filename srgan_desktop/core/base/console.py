"""Progress for people at a terminal, and for logs."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TextIO

from srgan_desktop.core.base.translation import tr

PLAIN_LINE_SECONDS = 5.0
_BAR_WIDTH = 24


class Console:
    """Lines, and one progress line below them that is redrawn in place on a terminal.

    Where the output is no terminal, progress becomes a plain line every few seconds. Either stream
    may be missing, as in a program without a console.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out if out is not None else sys.stdout
        self._live = self._out is not None and self._out.isatty()
        self._marks = _marks(self._out)
        self._drawn = False
        self._last_plain = -PLAIN_LINE_SECONDS

    def line(self, text: str = "") -> None:
        """Print a line that stays."""
        self._erase()
        self._print(text + "\n")

    def progress(self, fraction: float, text: str) -> None:
        """Show how far the work is, 0 to 1, and what it is."""
        if self._live:
            columns = shutil.get_terminal_size().columns
            full = round(min(max(fraction, 0.0), 1.0) * _BAR_WIDTH)
            done, rest = self._marks
            bar = done * full + rest * (_BAR_WIDTH - full)
            self._print("\r\033[2K" + f"{bar} {fraction:4.0%}  {text}"[: columns - 1])
            self._drawn = True
        elif time.monotonic() - self._last_plain >= PLAIN_LINE_SECONDS:
            self._last_plain = time.monotonic()
            self._print(f"{fraction:4.0%}  {text}\n")

    def close(self) -> None:
        """Remove the progress line."""
        self._erase()

    def _erase(self) -> None:
        if self._drawn:
            self._print("\r\033[2K")
            self._drawn = False

    def _print(self, text: str) -> None:
        if self._out is None:
            return
        try:
            self._out.write(text)
        except UnicodeEncodeError:
            encoding = self._out.encoding or "ascii"
            self._out.write(text.encode(encoding, "replace").decode(encoding))
        self._out.flush()


def _marks(out: TextIO | None) -> tuple[str, str]:
    """What a bar is drawn with, as the terminal's letters allow."""
    try:
        "█░".encode(getattr(out, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return "#", "."
    return "█", "░"


def seconds_text(seconds: float) -> str:
    """ "12 s", "3 min 20 s", "5 h 12 min", "2 d 4 h"; a dash where it is unknown."""
    if not 0 <= seconds < 1e10:
        return "-"
    if seconds < 9.95:
        return tr("{s} s", s=f"{seconds:.1f}")
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return tr("{s} s", s=rest)
    if minutes < 60:
        return tr("{m} min {s} s", m=minutes, s=rest)
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return tr("{h} h {m} min", h=hours, m=minutes)
    days, hours = divmod(hours, 24)
    return tr("{d} d {h} h", d=days, h=hours)


def bytes_text(size: float) -> str:
    """ "532 KB", "1.3 MB", "24.0 GB", powers of 1000 as disks are sold."""
    for unit, digits in (("B", 0), ("KB", 0), ("MB", 1), ("GB", 1)):
        if round(size, digits) < 1000:
            return f"{size:.{digits}f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
