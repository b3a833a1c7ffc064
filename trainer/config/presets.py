"""The shipped presets, and configs from TOML files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.paths import is_file
from srgan_desktop.core.base.translation import tr
from trainer.config.reading import DEFAULT_ARCHITECTURE, from_mapping, nearest, with_overrides
from trainer.config.run_config import RunConfig

# what a network is asked to do, whatever its architecture
_TASK_KEYS = ("scale", "colours")


def preset_folder() -> Path:
    return Path(__file__).parent.parent / "presets"


def preset_names() -> list[str]:
    """The shipped presets, in alphabetical order."""
    return sorted(path.stem for path in preset_folder().glob("*.toml"))


def load_preset(name: str, overrides: Iterable[str] = ()) -> RunConfig:
    """A shipped preset by name, or any TOML file by path.

    An override of ``generator.architecture`` replaces the preset's network by that one's default
    of the same scale and colours.

    Raises:
        UsageError: no such preset or file, not TOML, or a setting in it is wrong.
    """
    overrides = list(overrides)
    path = preset_folder() / f"{name}.toml" if name in preset_names() else Path(name)
    if not is_file(path):
        raise UsageError(
            tr("no preset or file called {name}", name=name)
            + nearest(name, preset_names())
            + tr("; there are: {names}", names=", ".join(preset_names()))
        )
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise UsageError(
            tr("{path}: cannot be read as a TOML file: {error}", path=path, error=error)
        ) from error
    wanted = with_overrides(values, overrides)
    generator, before = wanted.get("generator"), values.get("generator", {})
    if isinstance(generator, dict) and _architecture(generator) != _architecture(before):
        # the preset's settings belong to another network: only the overrides count, and the task
        task = {key: before[key] for key in _TASK_KEYS if key in before}
        wanted["generator"] = with_overrides({"generator": task}, _of_generator(overrides))[
            "generator"
        ]
    return from_mapping(RunConfig, wanted)


def _architecture(generator: Any) -> Any:
    is_section = isinstance(generator, Mapping)
    return generator.get("architecture", DEFAULT_ARCHITECTURE) if is_section else None


def _of_generator(overrides: Iterable[str]) -> list[str]:
    return [item for item in overrides if item.partition("=")[0].strip().startswith("generator.")]
