"""Saving a run in time, and going on when the disk will not take it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from srgan_desktop.core.base.errors import TrainingError
from srgan_desktop.core.base.translation import tr
from trainer.run.checkpoints import keep_as_good, save_checkpoint
from trainer.run.events import Saved, Warned
from trainer.run.run_folder import RunFolder

# after a failure the next attempt comes sooner than the next checkpoint would
RETRY_SECONDS = 60.0


class Checkpointer:
    """Says when a checkpoint is due and writes it.

    ``failed`` tells whether the last attempt failed; then the checkpoints from before still stand.
    ``saved_step`` is that of the last checkpoint, -1 before the first. Of several processes only
    the first, which ``leads``, writes.
    """

    def __init__(self, folder: RunFolder, every_seconds: float, *, leads: bool = True) -> None:
        self._leads = leads
        self.failed = False
        self.saved_step = -1
        self._folder = folder
        self._every_seconds = every_seconds
        self._due_at = time.monotonic() + every_seconds

    def due(self) -> bool:
        return time.monotonic() >= self._due_at

    def hurry(self) -> None:
        """The next checkpoint is due now."""
        self._due_at = time.monotonic()

    def save(self, state: dict[str, Any]) -> Saved | Warned:
        """Write ``state``, which holds "step"; a full disk gives a warning.

        Where the state calls itself "good" it is the one to go back to from now on.

        Raises:
            RunFolderError: the run's folder is gone.
        """
        try:
            path = self._write(state)
        except TrainingError as error:
            self.failed = True
            self._due_at = time.monotonic() + min(RETRY_SECONDS, self._every_seconds)
            return Warned(
                tr(
                    "{error}; training goes on with the checkpoint from before kept, and the next "
                    "attempt comes soon",
                    error=error,
                )
            )
        self.failed = False
        self.saved_step = state["step"]
        self._due_at = time.monotonic() + self._every_seconds
        return Saved(state["step"], str(path))

    def _write(self, state: dict[str, Any]) -> Path:
        if not self._leads:
            return self._folder.last_checkpoint
        path = save_checkpoint(self._folder, state)
        if state.get("good"):
            keep_as_good(self._folder)
        return path
