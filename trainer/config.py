"""The whole of a training run as frozen dataclasses, read strictly from TOML.

Each field's ``help`` says what it does and in which unit; the command line and the training page
show it. An unknown key is an error that names the nearest known one.
"""

from __future__ import annotations

import dataclasses
import difflib
import tomllib
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from srgan_desktop.core.errors import UsageError
from srgan_desktop.core.generator import GeneratorConfig

T = TypeVar("T")

Precision = Literal["auto", "fp32", "bf16"]


def setting(default: Any, help_text: str) -> Any:
    """A dataclass field with its explanation beside it."""
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True)
class DataConfig:
    """Which crops the network sees."""

    crop: int = setting(96, "side of the square HR crops, in pixels; a multiple of the scale")
    augment: bool = setting(True, "flip and rotate crops at random (8 ways)")
    memory_gib: float = setting(4.0, "memory for decoded pictures, in GiB; the rest is left out")

    def __post_init__(self) -> None:
        _at_least("data.crop", self.crop, 8)
        _at_least("data.memory_gib", self.memory_gib, 0.01)


@dataclass(frozen=True)
class LossConfig:
    """What the generator is asked to make small."""

    pixel: Literal["l1", "mse", "charbonnier"] = setting("l1", "pixel loss, on 0..1")
    pixel_weight: float = setting(1.0, "factor of the pixel loss")


@dataclass(frozen=True)
class OptimiserConfig:
    """Adam."""

    learning_rate: float = setting(2e-4, "peak learning rate")
    beta1: float = setting(0.9, "decay of the mean of the gradients")
    beta2: float = setting(0.99, "decay of the mean of their squares")
    clip_norm: float = setting(0.0, "longest gradient (2-norm); 0 does not clip")

    def __post_init__(self) -> None:
        _positive("optimiser.learning_rate", self.learning_rate)


@dataclass(frozen=True)
class ScheduleConfig:
    """How the learning rate moves over the run, by the part of it that is done."""

    kind: Literal["cosine", "step", "constant"] = setting("cosine", "shape of the decay")
    warmup_steps: int = setting(0, "steps over which the rate rises from 0")
    final_factor: float = setting(0.0, "cosine: last rate as a part of the peak")
    drops: tuple[float, ...] = setting((), "step: parts of the run (0..1) at which the rate drops")
    drop_factor: float = setting(0.5, "step: what each drop multiplies the rate by")


@dataclass(frozen=True)
class ValidationConfig:
    """How the run is watched."""

    every_steps: int = setting(0, "steps between validations; 0: about every 20th of the run")
    pictures: int = setting(12, "validation pictures at most")
    crop: int = setting(256, "largest side of the HR piece taken from each, in pixels")
    samples: int = setting(4, "sample strips written at each validation")


@dataclass(frozen=True)
class RunConfig:
    """A training run."""

    title: str = setting("", "one line for people")
    description: str = setting("", "what it is for and what it needs")
    stage: Literal["pixel"] = setting("pixel", "pixel: generator alone, after a pixel loss")
    steps: int = setting(100_000, "optimiser steps where no budget is given")
    batch: int = setting(16, "crops a step")
    ema_decay: float = setting(0.999, "decay of the averaged weights; 0 keeps none")
    seed: int = setting(1, "seed of weights and crops")
    precision: Precision = setting("auto", "auto measures; bf16 trains in bfloat16 autocast")
    threads: int = setting(0, "CPU threads; 0 takes torch's choice")
    checkpoint_seconds: float = setting(300.0, "seconds between checkpoints")
    compile: bool = setting(False, "compile the network (torch.compile); slow to start")
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)
    data: DataConfig = field(default_factory=DataConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    validation: ValidationConfig = field(default_factory=ValidationConfig)

    def __post_init__(self) -> None:
        _at_least("steps", self.steps, 1)
        _at_least("batch", self.batch, 1)
        if not 0 <= self.ema_decay < 1:
            raise UsageError(f"ema_decay is from 0 to below 1, not {self.ema_decay}")
        if self.data.crop % self.generator.scale:
            raise UsageError(
                f"data.crop {self.data.crop} is no multiple of generator.scale "
                f"{self.generator.scale}: choose {_multiple(self.data.crop, self.generator.scale)}"
            )


def _multiple(value: int, of: int) -> int:
    return max(of, value // of * of)


def _at_least(name: str, value: float, least: float) -> None:
    if not value >= least:
        raise UsageError(f"{name} is at least {least}, not {value}")


def _positive(name: str, value: float) -> None:
    if not value > 0:
        raise UsageError(f"{name} is more than 0, not {value}")


def to_mapping(config: Any) -> dict[str, Any]:
    """Nested plain dicts of JSON types."""
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in dataclasses.asdict(config).items()
    }


def from_mapping(cls: type[T], values: Mapping[str, Any], where: str = "") -> T:
    """A config dataclass from nested dicts.

    Raises:
        UsageError: an unknown key, a value of the wrong type or out of range; names the key.
    """
    hints = typing.get_type_hints(cls)
    arguments: dict[str, Any] = {}
    for key, value in values.items():
        name = f"{where}{key}"
        if key not in hints:
            raise UsageError(f"{name} is no known setting{_nearest(key, hints)}")
        arguments[key] = _convert(hints[key], value, name)
    return cls(**arguments)


def _nearest(key: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(key, list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else ""


def _convert(hint: Any, value: Any, name: str) -> Any:
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, Mapping):
            raise UsageError(f"{name} is a section, not a value")
        return from_mapping(typing.cast(type, hint), value, f"{name}.")
    origin = typing.get_origin(hint)
    if origin is Literal:
        return _one_of(typing.get_args(hint), value, name)
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise UsageError(f"{name} is a list, not {value!r}")
        return tuple(_convert(typing.get_args(hint)[0], item, name) for item in value)
    if origin in (types.UnionType, typing.Union):
        raise TypeError(f"{name}: optional settings are spelled with a default, not a union")
    return _plain(hint, value, name)


def _one_of(allowed: tuple[Any, ...], value: Any, name: str) -> Any:
    if value not in allowed:
        raise UsageError(
            f"{name} is one of {', '.join(map(str, allowed))}, not {value!r}"
            + _nearest(str(value), map(str, allowed))
        )
    return value


def _plain(hint: type, value: Any, name: str) -> Any:
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise UsageError(f"{name} is of type {hint.__name__}, not {value!r}")
    return value


def with_overrides(values: Mapping[str, Any], overrides: Iterable[str]) -> dict[str, Any]:
    """``values`` with ``section.key=value`` strings applied; a value is written as in TOML."""
    result = {k: dict(v) if isinstance(v, Mapping) else v for k, v in values.items()}
    for item in overrides:
        path, equals, text = item.partition("=")
        if not equals or not path.strip():
            raise UsageError(f"--set wants key=value, not {item!r}")
        *sections, key = path.strip().split(".")
        target = result
        for section in sections:
            target = target.setdefault(section, {})
            if not isinstance(target, dict):
                raise UsageError(f"{section} in {path} is a value, not a section")
        target[key] = _toml_value(text.strip())
    return result


def _toml_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text  # a bare word is a string


def preset_folder() -> Path:
    return Path(__file__).parent / "presets"


def preset_names() -> list[str]:
    """The shipped presets, in alphabetical order."""
    return sorted(path.stem for path in preset_folder().glob("*.toml"))


def load_preset(name: str, overrides: Iterable[str] = ()) -> RunConfig:
    """A shipped preset by name, or any TOML file by path.

    Raises:
        UsageError: no such preset or file, not TOML, or a setting in it is wrong.
    """
    path = preset_folder() / f"{name}.toml"
    if not path.is_file():
        path = Path(name)
    if not path.is_file():
        raise UsageError(
            f"no preset or file called {name}{_nearest(name, preset_names())}; "
            f"there are: {', '.join(preset_names())}"
        )
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise UsageError(f"{path}: cannot be read as a TOML file: {error}") from error
    return from_mapping(RunConfig, with_overrides(values, overrides))
