"""Progress for people at a terminal, and for logs."""

from __future__ import annotations

import itertools
import math
import shutil
import sys
import time
import unicodedata
from collections.abc import Callable
from typing import TextIO

from srgan_desktop.core.base.printable import printable, printable_path
from srgan_desktop.core.base.translation import tr

PLAIN_LINE_SECONDS = 5.0
BAR_SECONDS = 0.2
_BAR_WIDTH = 24


class Console:
    """Lines, and one progress line below them that is redrawn in place on a terminal.

    Where the output is no terminal, progress becomes a plain line every few seconds. Either stream
    may be missing, as in a program without a console. Letters that a stream does not know are
    written as escapes.

    Args:
        out: for results and progress; standard output where not given.
        log: for warnings and errors; standard error where not given.
        lasting: whether work goes on when the reader of a stream has gone. Else the OSError comes
            through.
        clock: seconds; for tests.
    """

    def __init__(
        self,
        out: TextIO | None = None,
        log: TextIO | None = None,
        *,
        lasting: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._out = out if out is not None else sys.stdout
        self._log = log if log is not None else sys.stderr
        self._lasting = lasting
        self._clock = clock
        self._live = _is_terminal(self._out)
        self._marks = _marks(self._out)
        self._drawn = False
        self._next_s = -math.inf

    def line(self, text: str = "") -> None:
        """Print a line that stays."""
        self._erase()
        self._out = self._print(self._out, printable(text) + "\n")

    def problem(self, text: str) -> None:
        """Print a warning or an error."""
        self._erase()
        self._log = self._print(self._log, printable(text.rstrip("\n")) + "\n")

    def progress(self, fraction: float, text: str) -> None:
        """Show how far the work is, 0 to 1, and what it is; called often, shown now and then."""
        now_s = self._clock()
        if now_s < self._next_s:
            return
        text = printable_path(text)
        self._next_s = now_s + (BAR_SECONDS if self._live else PLAIN_LINE_SECONDS)
        if self._live:
            columns = shutil.get_terminal_size().columns
            full = round(min(max(fraction, 0.0), 1.0) * _BAR_WIDTH)
            done, rest = self._marks
            bar = done * full + rest * (_BAR_WIDTH - full)
            drawn = _cut(f"{bar} {fraction:4.0%}  {text}", columns - 1)
            self._out = self._print(self._out, "\r\033[2K" + drawn)
            self._drawn = True
        else:
            self._out = self._print(self._out, f"{fraction:4.0%}  {text}\n")

    def close(self) -> None:
        """Remove the progress line."""
        self._erase()

    def _erase(self) -> None:
        if self._drawn:
            self._drawn = False
            self._next_s = -math.inf  # what is drawn below the line stands there at once
            self._out = self._print(self._out, "\r\033[2K")

    def _print(self, stream: TextIO | None, text: str) -> TextIO | None:
        """The stream, or None once nobody reads it any more."""
        if stream is None:
            return None
        encoding = getattr(stream, "encoding", None) or "utf-8"
        try:
            stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
            stream.flush()
        except (OSError, ValueError):
            if not self._lasting:
                raise
            return None
        return stream


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def _cut(text: str, columns: int) -> str:
    """As much of the text as a terminal shows in so many columns."""
    ends = itertools.accumulate(map(_columns, text))
    return text[: sum(1 for _ in itertools.takewhile(lambda end: end <= columns, ends))]


def _columns(letter: str) -> int:
    """Two for Chinese letters, none for accents that stand on the letter before."""
    if unicodedata.category(letter) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _marks(out: TextIO | None) -> tuple[str, str]:
    """The characters of the bar, as far as the terminal has them."""
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
