"""From a run's folder to a model that can be used; loads torch, so it is done beside the window."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.weights.headers import SUFFIXES
from srgan_desktop.gui.training.runs.stored import Training
from trainer.run.run_folder import RunFolder

if TYPE_CHECKING:
    from srgan_desktop.core.weights.catalogue import CatalogueEntry

SMOOTH = "-smooth"


@dataclass(frozen=True)
class ModelRequest:
    """What the model shall be called, and where it goes: into the catalogue, or to ``target``."""

    name: str
    title: str
    description: str
    target: Path | None = None


def keep_model(training: Training, request: ModelRequest) -> Generator[None, None, str]:
    """Write the best model; of a pair both, so that their detail can be chosen.

    Returns the model's name in the catalogue, or the file that was written.

    Raises:
        SrganDesktopError: there is no model yet, the name is taken, or it cannot be written.
    """
    yield
    stages = [stage for stage in training.stages if stage.has_model]
    if not stages:
        raise UsageError(tr("There is no model yet: it comes with the first look at the samples."))
    says = {"name": request.name, "title": request.title, "description": request.description}
    if request.target is not None:
        _export(stages[-1], request.target, says)
        return str(request.target)
    _check_free(request.name, len(stages))
    if len(stages) == 1:
        return _add(stages[0], request.name, says).name
    return (yield from _add_pair(stages, says))


def _add_pair(stages: list[RunFolder], says: Mapping[str, str]) -> Generator[None, None, str]:
    """Both, or neither."""
    partner = says["name"] + SMOOTH
    smooth_says = {**says, "name": partner, "title": tr("{name}, smooth", name=says["title"])}
    smooth = _add(stages[0], partner, smooth_says)
    try:
        yield
        return _add(stages[-1], says["name"], {**says, "partner": partner}).name
    except BaseException:  # also where nobody waits for it any more
        with contextlib.suppress(OSError):
            smooth.path.unlink(missing_ok=True)
        raise


def free_name(name: str) -> str:
    """A name that no model has yet, made from this one."""
    plain = "".join(" " if sign in '/\\:*?"<>|' else sign for sign in name).strip(". ") or "model"
    number, wanted = 1, plain
    while _is_taken(wanted) or _is_taken(wanted + SMOOTH):
        number += 1
        wanted = f"{plain} {number}"
    return wanted


def _is_taken(name: str) -> bool:
    """Whether the catalogue would refuse it: a model with another ending has its name too."""
    return any((places.models() / f"{name}{suffix}").exists() for suffix in SUFFIXES)


def _check_free(name: str, models: int) -> None:
    for wanted in (name, name + SMOOTH)[:models]:
        if _is_taken(wanted):
            raise UsageError(tr("There is a model called {name} already.", name=wanted))


def _export(run: RunFolder, target: Path, says: Mapping[str, str]) -> None:
    from trainer.run.export import Which, export_model
    from trainer.run.inputs import read_run

    which: Which = "best"
    if not run.kept_model.exists():
        # without photos to validate on there is no best, but perhaps there are averaged weights
        which = "ema" if read_run(run)[0].ema_decay else "last"
    export_model(run, target, which, overwrite=True, says=says)


def _add(run: RunFolder, name: str, says: Mapping[str, str]) -> CatalogueEntry:
    from srgan_desktop.core.weights.catalogue import add_model

    cache = places.cache_folder() / "exports"
    cache.mkdir(parents=True, exist_ok=True)
    made = cache / f"{run.path.parent.name}-{run.path.name}.safetensors"
    try:
        _export(run, made, says)
        return add_model(made, name)
    finally:
        made.unlink(missing_ok=True)
