"""What a training stage is told of its run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from trainer.config.run_config import RunConfig
from trainer.run.run_folder import RunFolder, RunInputs
from trainer.training.distributed import ALONE, Group


def never() -> bool:
    """The answer to "shall I stop?" of a run that nobody watches."""
    return False


@dataclass(frozen=True)
class RunSetup:
    """A run: how, on what, where to, whom to ask whether to stop (after every step), with whom."""

    config: RunConfig
    inputs: RunInputs
    folder: RunFolder
    stop: Callable[[], bool] = never
    group: Group = ALONE
