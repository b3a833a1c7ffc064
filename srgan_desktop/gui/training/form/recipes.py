"""The trainer's presets as the page offers them; loads torch, so it is done beside the window."""

from __future__ import annotations

from collections.abc import Generator

from srgan_desktop.gui.training.form.plan import Recipe

# what a newcomer should look at first; the others follow by name
FIRST = ("srresnet-quick", "srresnet-x4", "srresnet-x2", "srgan-x4", "srgan-quick")
LAST = ("cycle-x4", "tiny")


def read_recipes() -> Generator[None, None, list[Recipe]]:
    """All presets, those for newcomers first."""
    yield
    from trainer.config.run_config import preset_names

    names = sorted(preset_names(), key=_place)
    return [_recipe(name) for name in names]


def _place(name: str) -> tuple[int, str]:
    if name in FIRST:
        return FIRST.index(name), name
    return len(FIRST) + (LAST.index(name) + 1 if name in LAST else 0), name


def _recipe(name: str) -> Recipe:
    from trainer.config.run_config import load_preset, to_mapping

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
