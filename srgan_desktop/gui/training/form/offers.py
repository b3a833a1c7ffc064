"""What the form offers: recipes, models to begin with, devices, and what a measurement found.

What loads torch is a generator, to be run beside the window.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

from srgan_desktop.core.base.console import seconds_text
from srgan_desktop.core.base.translation import sentences, tr
from srgan_desktop.gui.common.estimate_text import rough_size
from srgan_desktop.gui.training.form.plan import Recipe
from trainer.run.events import Estimate

SECOND_PRESET = "srgan-x4"
# what a newcomer should look at first; the others follow by name
FIRST = ("srresnet-quick", "srresnet-x4", "srresnet-x2", "srgan-x4", "srgan-quick")
LAST = ("cycle-x4", "tiny")
# steps of the usual batch up to which a model is of this kind
_TRIAL, _SMALL, _SOUND = 500, 5_000, 50_000


def recipes() -> Generator[None, None, list[Recipe]]:
    """All presets, those for newcomers first."""
    yield
    from trainer.config.presets import preset_names

    names = sorted(preset_names(), key=_place)
    return [_recipe(name) for name in names]


def _place(name: str) -> tuple[int, str]:
    if name in FIRST:
        return FIRST.index(name), name
    return len(FIRST) + (LAST.index(name) + 1 if name in LAST else 0), name


def _recipe(name: str) -> Recipe:
    from trainer.config.presets import load_preset
    from trainer.config.reading import to_mapping

    config = load_preset(name)
    return Recipe(
        name=name,
        title=config.title,
        description=config.description,
        needs=config.needs,
        stage=config.stage,
        scale=config.generator.scale,
        steps=config.steps,
        budget_s=config.budget_minutes * 60 or None,
        needs_vgg=config.content.needs_vgg,
        settings=to_mapping(config),
    )


def models() -> Generator[None, None, list[tuple[str, Path]]]:
    """(title, file) of the models that a training can begin with."""
    yield
    from srgan_desktop.core.weights.catalogue import list_models

    return [
        (tr(entry.card.title) if entry.card.title else entry.name, entry.path)
        for entry in list_models()
        if entry.card is not None and entry.path.suffix == ".safetensors"
    ]


def teachers() -> Generator[None, None, list[tuple[str, Path]]]:
    """(title, file) of the models that a training can learn from: all, of other programs too."""
    yield
    from srgan_desktop.core.weights.catalogue import list_models

    return [
        (tr(entry.card.title) if entry.card.title else entry.name, entry.path)
        for entry in list_models()
        if entry.card is not None
    ]


def devices() -> Generator[None, None, list[tuple[str, str]]]:
    """(name, title) of what there is to compute on."""
    yield
    from srgan_desktop.core.backends.device import available_devices

    return [(device.name, device.title) for device in available_devices()]


def second_for(first: Recipe, known: Sequence[Recipe]) -> Recipe | None:
    """The adversarial recipe that goes on where ``first`` ends: of its network, if there is one."""

    def fits(recipe: Recipe) -> bool:
        return all(
            recipe.settings.get(part) == first.settings.get(part)
            for part in ("generator", "degradation")
        )

    contests = [recipe for recipe in known if recipe.stage == "adversarial"]
    usual = [recipe for recipe in contests if recipe.name == SECOND_PRESET]
    return next((recipe for recipe in contests if fits(recipe)), usual[0] if usual else None)


def length_hint(second: Recipe | None) -> str:
    """How the time is used, and what the second stage costs besides."""
    if second is None:
        return ""
    text = tr("Half of it for each stage.")
    if second.needs_vgg:
        text = sentences(text, tr("VGG19's weights are downloaded once (550 MB)."))
    return text


def measured_text(found: Estimate) -> str:
    """An estimate in words: steps, time, memory, and what quality to expect of it."""
    parts = [
        tr(
            "{rate} steps a second here: {n} steps in {time}.",
            rate=f"{found.it_per_s:.2f}",
            n=f"{found.run_steps:,}",
            time=seconds_text(found.run_seconds),
        )
    ]
    if found.teacher_seconds:
        time = seconds_text(found.teacher_seconds)
        if found.teacher_first:
            parts.append(tr("For {time} of that the larger model answers first.", time=time))
        else:
            parts.append(tr("The larger model answers for {time}, meanwhile.", time=time))
    if found.memory_bytes:
        parts.append(tr("About {size} of memory.", size=rough_size(found.memory_bytes)))
    return sentences(*parts, _expectation(found.run_steps))


def _expectation(steps: int) -> str:
    if steps < _TRIAL:
        return tr("Enough to see that it works, hardly more: allow it more time.")
    if steps < _SMALL:
        return tr("Enough for a small model that is visibly better than plain enlargement.")
    if steps < _SOUND:
        return tr("Enough for a sound model of a small network.")
    return tr("Enough for a sound model, also of a large network.")
