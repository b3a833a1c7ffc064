"""How the trainer's events reach a person or a program: as lines and a bar, or as JSON."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from srgan_desktop.core.base.console import Console
from srgan_desktop.core.base.translation import tr
from trainer.run.events import Event, Failed, Warned


class Reporter:
    """Writes events, lines and problems to where they belong.

    A reader that goes away does not end the work.
    """

    def __init__(
        self,
        as_json: bool,
        out: TextIO | None = None,
        log: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.as_json = as_json
        self._console = Console(out, log, lasting=True, clock=clock)

    def event(self, event: Event) -> None:
        """Any event: a line of JSON; for people only warnings are shown here."""
        if self.as_json:
            self._console.line(event.to_json())
        if isinstance(event, Warned):
            self.problem(tr("warning: {message}", message=event.message))

    def line(self, text: str) -> None:
        """A result, for people."""
        if not self.as_json:
            self._console.line(text)

    def progress(self, fraction: float, text: str) -> None:
        """How far the work is, 0..1, for people."""
        if not self.as_json:
            self._console.progress(fraction, text)

    def problem(self, text: str) -> None:
        """A warning or an error, on stderr in every mode."""
        self._console.problem(text)

    def failed(self, message: str, kind: str) -> None:
        """The error that ends the command."""
        if self.as_json:
            self.event(Failed(message, kind))
        self.problem(tr("error: {message}", message=message))

    def close(self) -> None:
        """Leave no bar behind."""
        self._console.close()
