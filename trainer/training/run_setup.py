"""What a training stage knows about its run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from trainer.config.run_config import RunConfig
from trainer.run.inputs import RunInputs
from trainer.run.run_folder import RunFolder
from trainer.training.distributed import ALONE, Group


def never() -> bool:
    """The answer to "should I stop?" for a run that nobody watches."""
    return False


@dataclass(frozen=True)
class RunSetup:
    """A run: config, inputs, folder, what to ask after every step whether to stop, processes."""

    config: RunConfig
    inputs: RunInputs
    folder: RunFolder
    stop: Callable[[], bool] = never
    group: Group = ALONE

    def is_asked_to_stop(self) -> bool:
        """By signal, or by whoever put a file into the folder, as the window does."""
        return self.stop() or self.folder.stop_request.exists()
