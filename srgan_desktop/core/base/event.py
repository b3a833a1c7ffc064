"""What all events of long work have in common."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, ClassVar, TypeVar

E = TypeVar("E")
F = TypeVar("F")
R = TypeVar("R")


@dataclass(frozen=True)
class Event:
    """Root of all events; ``event`` is the name in JSON."""

    event: ClassVar[str] = "event"

    def to_json(self) -> str:
        """One line of JSON: paths as strings, a number that is no number as null."""
        return json.dumps({"event": self.event} | _clean(dataclasses.asdict(self)))


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def drain(events: Generator[E, None, R], on_event: Callable[[E], object] | None = None) -> R:
    """Let long work come to its end, each event handed to ``on_event``; returns its result.

    The work is closed in whatever way this ends.
    """
    try:
        while True:
            try:
                event = next(events)
            except StopIteration as stop:
                result: R = stop.value
                return result
            if on_event is not None:
                on_event(event)
    finally:
        events.close()


def relay(
    events: Generator[E, None, R], translate: Callable[[E], F | None]
) -> Generator[F, None, R]:
    """Long work whose events are others: what ``translate`` makes of each, None for nothing.

    The result is that of ``events``, which is closed in whatever way this ends.
    """
    try:
        while True:
            try:
                event = next(events)
            except StopIteration as stop:
                result: R = stop.value
                return result
            told = translate(event)
            if told is not None:
                yield told
    finally:
        events.close()
