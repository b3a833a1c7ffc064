"""Wishes of whoever watches a run, read while it trains from a file in the run's folder.

``control.json`` holds an object with any of ``pause`` (true or false), ``save`` and ``sample``
(numbers: one more than before asks once more), and ``steps`` and ``budget_s`` (a new end of the
whole run, one of them null). A file ``stop`` asks for the end.
"""

from __future__ import annotations

import contextlib
import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from trainer.run.checkpointer import Checkpointer
from trainer.run.events import EndChanged, Event, Paused, Resumed
from trainer.training.run_setup import RunSetup
from trainer.training.schedule import Pace
from trainer.training.validator import Validator

PAUSE_LOOK_S = 0.2


@dataclass(frozen=True)
class ControlCommands:
    """What the file says; what it does not say, or says wrongly, is not wished for."""

    pause: bool = False
    save: int = 0
    sample: int = 0
    end: tuple[int | None, float | None] | None = None


def read_commands(text: str) -> ControlCommands:
    """Never fails: the file is written by other programs, and perhaps by hand."""
    values: Any = None
    with contextlib.suppress(ValueError):
        values = json.loads(text)
    if not isinstance(values, dict):
        return ControlCommands()
    steps = _number(values.get("steps"))
    budget_s = _number(values.get("budget_s"))
    end = None
    if steps or budget_s:
        end = (int(steps) if steps else None, budget_s)
    return ControlCommands(
        values.get("pause") is True,
        int(_number(values.get("save")) or 0),
        int(_number(values.get("sample")) or 0),
        end,
    )


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None


class Control:
    """Grants the wishes of a run that trains in one process; with several, only that to stop.

    Attributes:
        stop: whether someone asked for the end.
    """

    def __init__(
        self, job: RunSetup, pace: Pace, checkpointer: Checkpointer, validator: Validator
    ) -> None:
        self.stop = False
        self._job, self._pace, self._checkpointer, self._watch = job, pace, checkpointer, validator
        # what was wished for in an earlier life has been done, or is of no use any more
        granted = self._read()
        self._save, self._sample = granted.save, granted.sample

    def look(self, step: int) -> Iterator[Event]:
        """Grant what is new; holds the run while it is to pause.

        Raises:
            RunFolderError: the folder is gone.
        """
        if not self._job.group.leads:
            return
        self._look_for_stop()
        if self._job.group.size > 1:
            return
        requests = self._read()
        if requests.save > self._save:
            self._checkpointer.hurry()
        if requests.sample > self._sample:
            self._watch.hurry()
        self._save, self._sample = requests.save, requests.sample
        if requests.end is not None and requests.end != (self._pace.steps, self._pace.budget_s):
            self._pace.change_end(*requests.end)
            self._watch.plan_anew()
            yield EndChanged(step, *requests.end)
        if requests.pause and not self.stop:
            yield from self._pause(step)

    def _pause(self, step: int) -> Iterator[Event]:
        yield Paused(step)
        self._pace.hold()
        try:
            while self._read().pause and not (self.stop or self._job.stop()):
                time.sleep(PAUSE_LOOK_S)
                self._look_for_stop()
        finally:
            self._pace.go_on()
        yield Resumed(step)

    def _look_for_stop(self) -> None:
        self._job.folder.check_there()
        self.stop = self._job.folder.stop_request.exists()

    def _read(self) -> ControlCommands:
        try:
            return read_commands(self._job.folder.control.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            return ControlCommands()
