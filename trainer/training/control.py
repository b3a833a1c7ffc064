"""Doing what whoever watches a run asks of it while it trains, see ``trainer.run.control_file``."""

from __future__ import annotations

import time
from collections.abc import Iterator

from srgan_desktop.core.base.errors import RunFolderError
from srgan_desktop.core.base.translation import tr
from trainer.run.checkpointer import Checkpointer
from trainer.run.control_file import read_commands
from trainer.run.events import EndChanged, Event, Paused, Resumed, Warned
from trainer.training.run_setup import RunSetup
from trainer.training.schedule import RunClock
from trainer.training.validator import Validator

PAUSE_LOOK_S = 0.2


class Control:
    """Carries out commands to a run of one process; with several, only that to stop.

    Attributes:
        stop: whether someone asked for the end.
    """

    def __init__(
        self, job: RunSetup, clock: RunClock, checkpointer: Checkpointer, validator: Validator
    ) -> None:
        self.stop = False
        self._job, self._clock, self._checkpointer, self._validator = (
            job,
            clock,
            checkpointer,
            validator,
        )
        # what was asked for in an earlier life has been done, or is of no use any more
        granted = read_commands(job.folder)
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
        requests = read_commands(self._job.folder)
        if requests.save > self._save:
            self._checkpointer.hurry()
        if requests.sample > self._sample:
            self._validator.hurry()
        self._save, self._sample = requests.save, requests.sample
        if requests.end is not None and requests.end != (self._clock.steps, self._clock.budget_s):
            self._clock.change_end(*requests.end)
            self._validator.reschedule()
            yield EndChanged(step, *requests.end)
            try:
                self._job.folder.change_end(*requests.end)
            except RunFolderError as error:
                yield Warned(tr("{error}; resumed, it would end where it was to end", error=error))
        if requests.pause and not self.stop:
            yield from self._pause(step)

    def _pause(self, step: int) -> Iterator[Event]:
        yield Paused(step)
        self._clock.hold()
        try:
            while read_commands(self._job.folder).pause and not (self.stop or self._job.stop()):
                time.sleep(PAUSE_LOOK_S)
                self._look_for_stop()
        finally:
            self._clock.go_on()
        yield Resumed(step)

    def _look_for_stop(self) -> None:
        self._job.folder.check_there()
        self.stop = self._job.folder.stop_request.exists()
