"""Trainings on the disk: a folder each, with its plan and a run's folder per stage.

    runs/flowers/training.json      the plan, and when it was made
    runs/flowers/1-pixel/           a run as the trainer leaves it

A run that was started on the command line in this folder is a training too, of one stage.
"""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import RunFolderError, UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.training.form.plan import Plan, StagePlan
from trainer.run.run_folder import RunFolder

PLAN_FILE = "training.json"
NAME_LIMIT = 60


@dataclass(frozen=True)
class Training:
    """One entry of the history."""

    folder: Path
    plan: Plan
    created: float

    @property
    def stages(self) -> tuple[RunFolder, ...]:
        """The runs, whether or not their folders are there yet."""
        return tuple(RunFolder(self.folder / stage.folder) for stage in self.plan.stages)


def runs_folder() -> Path:
    """Where trainings are kept: beside the person's models."""
    return places.models().parent / "runs"


def create(plan: Plan) -> Training:
    """A new folder for a training; its name is numbered where another has it.

    Raises:
        RunFolderError: it cannot be written.
    """
    root = runs_folder()
    plan = dataclasses.replace(plan, name=unique_name(plan.name))
    try:
        root.mkdir(parents=True, exist_ok=True)
        folder = _new_folder(root, plan.name)
    except OSError as error:
        raise RunFolderError(root, atomic.explain(error)) from error
    training = Training(folder, plan, time.time())
    try:
        save(training)
    except RunFolderError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return training


def unique_name(name: str, besides: Path | None = None) -> str:
    """``name``, or that with a number where another training than ``besides`` has it."""
    others = [training for training in list_trainings() if training.folder != besides]
    taken = {training.plan.name.casefold() for training in others}
    number, unique = 1, name
    while unique.casefold() in taken:
        number += 1
        unique = f"{name} {number}"
    return unique


def save(training: Training) -> None:
    """Write the plan, whole or not at all.

    Raises:
        RunFolderError: it cannot be written.
    """
    values = {"created": training.created, "plan": _to_json(training.plan)}
    path = training.folder / PLAN_FILE
    try:
        with atomic.replace_file(path) as new:
            new.file.write(json.dumps(values, indent=2, ensure_ascii=False).encode())
    except OSError as error:
        raise RunFolderError(path, atomic.explain(error)) from error


def _new_folder(root: Path, name: str) -> Path:
    plain = re.sub(r"[^\w\- ]+", "", name).strip().replace(" ", "-")[:NAME_LIMIT] or "training"
    number = 1
    while True:
        folder = root / (plain if number == 1 else f"{plain}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
        else:
            return folder


def list_trainings() -> list[Training]:
    """The newest first; what cannot be read is left out."""
    root = runs_folder()
    try:
        folders = [path for path in root.iterdir() if path.is_dir()]
    except OSError:
        return []
    found = [training for path in folders if (training := read(path)) is not None]
    return sorted(found, key=lambda training: training.created, reverse=True)


def read(folder: Path) -> Training | None:
    """A training by its folder; None where there is none."""
    try:
        values = json.loads((folder / PLAN_FILE).read_text(encoding="utf-8"))
        return Training(folder, _from_json(values["plan"]), float(values["created"]))
    except (OSError, ValueError, KeyError, TypeError):
        return _run_of_the_command_line(folder)


def _run_of_the_command_line(folder: Path) -> Training | None:
    try:
        found = RunFolder(folder).summary()
    except RunFolderError:
        return None
    stage = StagePlan(".", found.preset, found.stage, (), found.steps, found.budget_s)
    plan = Plan(folder.name, found.data, (stage,), title=found.title)
    return Training(folder, plan, found.began)


def delete(training: Training) -> None:
    """Remove a training with all it holds.

    Raises:
        RunFolderError: something of it cannot be deleted.
    """
    try:
        shutil.rmtree(training.folder)
    except FileNotFoundError:
        return
    except OSError as error:
        reason = error.strerror or str(error)
        raise RunFolderError(
            training.folder, tr("cannot be deleted: {reason}", reason=reason)
        ) from error


def rename(training: Training, name: str) -> Training:
    """The same training under another name, numbered where another has it; its folder stays.

    Raises:
        UsageError: the name is empty.
        RunFolderError: it cannot be written.
    """
    if not name.strip():
        raise UsageError(tr("a training needs a name"))
    wanted = unique_name(name.strip(), besides=training.folder)
    plan = dataclasses.replace(training.plan, name=wanted)
    changed = dataclasses.replace(training, plan=plan)
    save(changed)
    return changed


def _to_json(plan: Plan) -> dict[str, Any]:
    values = dataclasses.asdict(plan)
    values["data"] = str(plan.data)
    for name in ("validation", "pairs", "real"):
        folder = getattr(plan, name)
        values[name] = None if folder is None else str(folder)
    return values


def _from_json(values: dict[str, Any]) -> Plan:
    stages = tuple(
        StagePlan(**(stage | {"overrides": tuple(stage["overrides"])}))
        for stage in values["stages"]
    )
    if not stages:
        raise ValueError("no stages")
    # a plan of an earlier version knows of fewer folders
    validation, pairs, real = (
        Path(values[name]) if values.get(name) else None for name in ("validation", "pairs", "real")
    )
    return Plan(
        name=str(values["name"]),
        data=Path(values["data"]),
        stages=stages,
        validation=validation,
        device=str(values["device"]),
        title=str(values["title"]),
        pairs=pairs,
        real=real,
        teacher=str(values.get("teacher", "")),
    )
