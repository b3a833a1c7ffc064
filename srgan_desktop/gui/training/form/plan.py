"""What a person wants to train: frozen, without Qt and without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainer.config.toml_values import toml_value

FOLDERS = ("1-pixel", "2-detail")
_OF_THE_MACHINE = ("batch", "precision", "threads", "seed", "checkpoint_seconds", "validation")


@dataclass(frozen=True)
class Recipe:
    """A preset of the trainer, as the page offers it; texts in English, shown through ``tr``.

    Attributes:
        stage: "pixel", "adversarial" or "cycle".
        scale: how many times it enlarges.
        steps, budget_s: where it ends by itself; the second is None where it counts steps.
        needs_vgg: weights of another network are downloaded once.
        settings: its whole config as nested plain dicts.
    """

    name: str
    title: str
    description: str
    needs: str
    stage: str
    scale: int
    steps: int
    budget_s: float | None
    needs_vgg: bool
    settings: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True)
class StagePlan:
    """One run of the trainer.

    Attributes:
        folder: its folder's name within the training's.
        preset: a preset's name.
        overrides: ``section.key=value``, as ``--set`` takes them.
        steps, budget_s: where it ends; one of them is set.
        init: model file that it begins with; empty: a new network, or the stage before.
    """

    folder: str
    preset: str
    kind: str = "pixel"
    overrides: tuple[str, ...] = ()
    steps: int | None = None
    budget_s: float | None = None
    init: str = ""


@dataclass(frozen=True)
class Plan:
    """A training: one stage, or two of which the second begins with the first's model."""

    name: str
    data: Path
    stages: tuple[StagePlan, ...]
    validation: Path | None = None
    device: str = "auto"
    title: str = ""
    """Of the recipe, in English."""
    pairs: Path | None = None
    """The person's own small versions of the photos."""
    real: Path | None = None
    """Bad photos to learn from, for stage cycle or a teacher."""
    teacher: str = ""
    """File of the larger model to learn from."""

    @property
    def is_pair(self) -> bool:
        """Whether it ends with a smooth and a detailed model of one network."""
        return len(self.stages) == 2


def going_on(
    first: Mapping[str, Any], changed: Mapping[str, Any], second: Mapping[str, Any]
) -> tuple[str, ...]:
    """Overrides with which a recipe trains on where another ends: on its network, with its photos.

    What is compared, and how, is the second recipe's own.

    Args:
        first, second: all settings of the recipes.
        changed: those of the first with the person's changes.
    """
    network = changed.get("generator", {})
    made = [f"generator.{key}={toml_value(value)}" for key, value in network.items()]
    # the photos and what happens to them; the teacher is named by the plan
    wanted = {
        part: changed[part] for part in ("data", "degradation", "adaptive") if part in changed
    }
    if "teacher" in changed:
        wanted["teacher"] = {k: v for k, v in changed["teacher"].items() if k != "model"}
    # what a person needs for want of memory or to get the same again
    own = {key: changed[key] for key in _OF_THE_MACHINE if changed.get(key) != first.get(key)}
    return (*made, *changed_settings(second, wanted | own))


def changed_settings(
    old: Mapping[str, Any], new: Mapping[str, Any], where: str = ""
) -> tuple[str, ...]:
    """What ``new`` says differently, as overrides."""
    found: list[str] = []
    for key, value in new.items():
        if isinstance(value, Mapping):
            found += changed_settings(old.get(key, {}), value, f"{where}{key}.")
        elif old.get(key) != value:
            found.append(f"{where}{key}={toml_value(value)}")
    return tuple(found)
