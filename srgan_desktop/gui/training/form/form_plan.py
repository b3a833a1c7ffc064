"""From the form to a plan, or to all that is wrong with it, each beside its field."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from srgan_desktop.core.base.console import bytes_text
from srgan_desktop.core.base.errors import ModelFileError, SrganDesktopError, UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.training.form.form_controller import FormController
from srgan_desktop.gui.training.form.length_control import Length
from srgan_desktop.gui.training.form.plan import FOLDERS, Plan, Recipe, StagePlan, going_on
from srgan_desktop.gui.training.runs import stored

# checkpoints of the usual networks with their samples; two are kept and one is being written
LEAST_FREE_BYTES = 300_000_000


def problems_of(form: FormController) -> dict[str, str]:
    """What is wrong, by the field's name; empty where a training can begin."""
    folders = (form.real_folder, form.view.validation.folder, form.pairs_folder)
    form.folders.look(filter(None, folders))
    form.cards.clear()
    return known_problems(form, (*_FIELDS, "room"))


def known_problems(form: FormController, names: Iterable[str]) -> dict[str, str]:
    """Of these fields, with folders and model files as they were when last looked at."""
    finders = _FIELDS | {"room": _space_problem}
    found = {name: finders[name](form) for name in names}
    return {name: text for name, text in found.items() if text}


def plan_of(form: FormController) -> Plan:
    """The form as a plan; ask ``problems_of`` first."""
    chosen, folder = form.chosen, form.view.photos.folder
    if chosen is None or folder is None:
        raise UsageError(tr("Choose a folder of photos."))
    length, second = form.view.length.length(), form.second_recipe
    init = str(form.init_file or "")
    each = length if second is None else length.half()
    stages = [_stage(0, chosen, form.overrides, each, init)]
    if second is not None:
        changes = going_on(chosen.settings, form.values, second.settings)
        stages.append(_stage(1, second, changes, each, ""))
    return Plan(
        name=form.view.name.text().strip(),
        data=folder,
        stages=tuple(stages),
        validation=form.view.validation.folder,
        device=form.view.device.currentData() or "auto",
        title=chosen.title,
        pairs=form.pairs_folder,
        real=form.real_folder,
        teacher=str(form.teacher_path or ""),
    )


def _stage(
    number: int, recipe: Recipe, overrides: tuple[str, ...], length: Length, init: str
) -> StagePlan:
    return StagePlan(
        folder=FOLDERS[number],
        preset=recipe.name,
        kind=recipe.stage,
        overrides=overrides,
        steps=length.steps,
        budget_s=length.budget_s,
        init=init,
    )


def _photos_problem(form: FormController) -> str:
    photos = form.view.photos
    if photos.folder is None:
        return tr("Choose a folder of photos.")
    if photos.problem:
        return photos.problem
    if photos.report is not None and not photos.report.is_usable and not _has_no_pair(form):
        return tr("None of the photos can be used: see why below, or choose another folder.")
    return ""


def _length_problem(form: FormController) -> str:
    try:
        form.view.length.length()
    except UsageError as error:
        return str(error)
    return ""


def _recipe_problem(form: FormController) -> str:
    return "" if form.chosen is not None else tr("No recipe is chosen.")


def _name_problem(form: FormController) -> str:
    return "" if form.view.name.text().strip() else tr("Enter a name.")


def _validation_problem(form: FormController) -> str:
    folder = form.view.validation.folder
    return "" if folder is None else form.folders.problem(folder)


def _real_problem(form: FormController) -> str:
    folder = form.real_folder
    if folder is None and not form.learns_from_bad:
        return ""
    if folder is None:
        return tr("Choose a folder of bad photos.")
    return form.folders.problem(folder)


def _pairs_problem(form: FormController) -> str:
    folder, photos = form.pairs_folder, form.view.photos
    if folder is None:
        if form.values.get("degradation", {}).get("kind") == "pairs" and not form.learns_from_bad:
            return tr("The settings say degradation.kind pairs: choose the folder of these.")
        return ""
    if folder == photos.folder:
        return tr("That is the folder of the photos themselves.")
    problem = form.folders.problem(folder)
    if not problem and _has_no_pair(form):
        return tr("None of the photos can be used with these: see why beside them.")
    return problem


def _has_no_pair(form: FormController) -> bool:
    """Whether it is for want of small versions that nothing can be used."""
    report = form.view.photos.report
    return form.pairs_folder is not None and report is not None and report.pairs == 0


def _init_problem(form: FormController) -> str:
    chosen, path = form.chosen, form.init_file
    if chosen is None or path is None:
        return ""
    from srgan_desktop.core.weights.architectures import differences
    from srgan_desktop.core.weights.model_file import read_card
    from trainer.config.reading import from_mapping
    from trainer.config.run_config import RunConfig
    from trainer.training.warm_start import can_begin

    try:
        theirs = _card(form, "init", path, read_card).config
        ours = from_mapping(RunConfig, form.values).generator
    except ModelFileError as error:
        return error.problem
    except SrganDesktopError:
        return ""  # told beside the settings
    if can_begin(theirs, ours):
        return ""
    text = differences(theirs, ours)
    return tr("Its network is another than the recipe's: {differences}.", differences=text)


def _teacher_problem(form: FormController) -> str:
    path = form.teacher_path
    if form.chosen is None or path is None:
        return ""
    if form.pairs_folder is not None:
        return tr("With small versions of your own there is nothing to ask a larger model about.")
    from srgan_desktop.core.weights.third_party.open_model import card_of

    try:
        scale = _card(form, "teacher", path, card_of).config.scale
    except ModelFileError as error:
        return error.problem
    return _cannot_teach(form, form.chosen, path, scale)


def _card(form: FormController, field: str, path: Path, read: Callable[[Path], Any]) -> Any:
    """What a model file says of itself, read once.

    Raises:
        ModelFileError: it cannot be read.
    """
    known = form.cards
    if (field, path) not in known:
        try:
            known[field, path] = read(path)
        except ModelFileError as error:
            known[field, path] = error
    if isinstance(known[field, path], ModelFileError):
        raise known[field, path]
    return known[field, path]


def _cannot_teach(form: FormController, chosen: Recipe, path: Path, scale: int) -> str:
    """Why a model that enlarges ``scale`` times is no teacher for the form's recipe."""
    network = form.values.get("generator", {})
    ours = int(network.get("scale", chosen.scale))
    if scale != ours:
        return tr(
            "It enlarges {theirs} times, the recipe {ours} times: choose another model or recipe.",
            theirs=scale,
            ours=ours,
        )
    # the mean over flips and rotations knows more than the model itself
    knows_more = form.values.get("teacher", {}).get("ensemble", False)
    if path == form.init_file and not knows_more:
        return tr("That is the model to begin with: it can teach itself nothing.")
    return ""


def _settings_problem(form: FormController) -> str:
    if form.chosen is None:
        return ""
    from trainer.config.reading import from_mapping
    from trainer.config.run_config import RunConfig

    try:
        from_mapping(RunConfig, form.values)
    except UsageError as error:
        return str(error)
    return ""


def _space_problem(_: FormController) -> str:
    folder = stored.runs_folder()
    standing = next((path for path in (folder, *folder.parents) if path.is_dir()), Path("/"))
    try:
        free = shutil.disk_usage(standing).free
    except OSError:
        return ""
    if free >= LEAST_FREE_BYTES:
        return ""
    return tr(
        "Only {size} are free on the disk of {folder}: make room first.",
        size=bytes_text(free),
        folder=standing,
    )


_FIELDS: dict[str, Callable[[FormController], str]] = {
    "photos": _photos_problem,
    "recipe": _recipe_problem,
    "real": _real_problem,
    "length": _length_problem,
    "name": _name_problem,
    "init": _init_problem,
    "teacher": _teacher_problem,
    "settings": _settings_problem,
    "validation": _validation_problem,
    "pairs": _pairs_problem,
}
