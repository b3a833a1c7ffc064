"""How events reach a person or a program.

As JSON every event is a line on stdout. On a terminal a bar moves; piped, a line every few seconds.
A reader that goes away does not end the work.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from typing import TextIO

from srgan_desktop.core.base.translation import tr
from trainer.run.events import Event, Failed, Warned

LINE_SECONDS = 5.0
BAR_SECONDS = 0.2
_BAR_WIDTH = 24


class Reporter:
    """Writes events, lines and problems to where they belong."""

    def __init__(
        self,
        as_json: bool,
        out: TextIO | None = None,
        log: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        # a windowed program may have neither stream
        self._out = sys.stdout if out is None else out
        self._log = sys.stderr if log is None else log
        self.as_json = as_json
        self._clock = clock
        self._is_terminal = not as_json and _is_terminal(self._out)
        self._next_progress = -1.0
        self._bar_shown = False

    def event(self, event: Event) -> None:
        """Any event: a line of JSON; for people only warnings are shown here."""
        if self.as_json:
            self._write(self._out, event.to_json() + "\n")
        if isinstance(event, Warned):
            self.problem(tr("warning: {message}", message=event.message))

    def line(self, text: str) -> None:
        """A result, for people."""
        if not self.as_json:
            self._clear_bar()
            self._write(self._out, text + "\n")

    def progress(self, part: float, text: str) -> None:
        """How far the work is, 0..1, for people; called often, shown now and then."""
        now = self._clock()
        if self.as_json or now < self._next_progress:
            return
        self._next_progress = now + (BAR_SECONDS if self._is_terminal else LINE_SECONDS)
        part = min(max(part, 0.0), 1.0)
        if self._is_terminal:
            self._bar_shown = True
            self._write(self._out, "\r" + _bar(part, text) + "\x1b[K")
        else:
            self._write(self._out, f"{part:4.0%}  {text}\n")

    def problem(self, text: str) -> None:
        """A warning or an error, on stderr in every mode."""
        self._clear_bar()
        self._write(self._log, text.rstrip("\n") + "\n")

    def failed(self, message: str, kind: str) -> None:
        """The error that ends the command."""
        if self.as_json:
            self.event(Failed(message, kind))
        self.problem(tr("error: {message}", message=message))

    def close(self) -> None:
        """Leave the terminal's cursor at the start of a line."""
        if self._bar_shown:
            self._bar_shown = False
            self._write(self._out, "\n")

    def _clear_bar(self) -> None:
        if self._bar_shown:
            self._bar_shown = False
            self._write(self._out, "\r\x1b[K")

    def _write(self, stream: TextIO | None, text: str) -> None:
        if stream is None:
            return
        encoding = getattr(stream, "encoding", None) or "utf-8"
        # a name that the terminal's encoding does not know is no reason to fail
        text = text.encode(encoding, "backslashreplace").decode(encoding)
        try:
            stream.write(text)
            stream.flush()
        except (OSError, ValueError):
            if stream is self._out:
                self._out = None
            else:
                self._log = None


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def _bar(part: float, text: str) -> str:
    width = max(20, shutil.get_terminal_size().columns - 1)
    full = round(part * _BAR_WIDTH)
    return f"[{'#' * full}{'.' * (_BAR_WIDTH - full)}] {part:4.0%}  {text}"[:width]
