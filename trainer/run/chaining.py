"""The run that follows another by itself: a second stage that begins with the first one's model."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.config.reading import from_mapping, to_mapping
from trainer.config.run_config import RunConfig


@dataclass(frozen=True)
class ChainedStage:
    """What is trained next; photos and device are those of the run before.

    Attributes:
        folder: where, seen from the folder of the run before, so that both can be moved together.
        preset: name or path of the preset.
        config: the whole config, on the network of the run before.
        steps, budget_s: where it ends; at least one is set.
    """

    folder: str
    preset: str
    config: RunConfig
    steps: int | None
    budget_s: float | None

    def to_json(self) -> dict[str, Any]:
        return {
            "folder": self.folder,
            "preset": self.preset,
            "config": to_mapping(self.config),
            "steps": self.steps,
            "budget_s": self.budget_s,
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> ChainedStage:
        """
        Raises:
            KeyError, TypeError, UsageError: it is not what ``to_json`` writes.
        """
        return cls(
            folder=values["folder"],
            preset=values["preset"],
            config=from_mapping(RunConfig, values["config"]),
            steps=values["steps"],
            budget_s=values["budget_s"],
        )


def seen_from(first: Path, second: Path) -> str:
    """The path of ``second`` as it is written down in ``first``."""
    try:
        return os.path.relpath(second.absolute(), first.absolute())
    except ValueError:  # on another drive
        return str(second.absolute())
