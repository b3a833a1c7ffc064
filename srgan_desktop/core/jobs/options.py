"""How the items of a queue are enlarged and written, in a form that a file can keep."""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from srgan_desktop.core.base.atomic import Existing
from srgan_desktop.core.base.defaults import DEFAULT_NAME, PLAIN_MODEL
from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.crop import Crop
from srgan_desktop.core.images.io import (
    DEFAULT_MAX_PIXELS,
    FORMATS,
    missing_encoder,
    writable_formats,
)
from srgan_desktop.core.jobs.result_names import Naming, check_template
from srgan_desktop.core.networks.strengths import ChosenStrengths
from srgan_desktop.core.upscaling.size import Rule, TargetSize, Unit

_CAME_LATER: dict[str, Any] = {"unit": "px", "dpi": None, "crop": None, "before": None}


@dataclass(frozen=True)
class ModelFacts:
    """What must be known of a model before its network is there: its name and its factor."""

    name: str
    scale: int


@dataclass(frozen=True)
class BatchOptions:
    """How a file is enlarged and written: what belongs to an item beside its source.

    Where it is computed (device, precision, threads) belongs to the run, not to the item.

    Attributes:
        model: a catalogue name, or the path of a model file.
        detail: 0..100 between the model and its smooth partner, or None.
        rule, value, unit, dpi: as ``TargetSize``; a value of None is the model's own factor.
        out: folder for the results with the inputs' tree below it; None: beside each source.
        file: the one result's own path, for a single source; overrides ``out`` and ``template``.
        template, format, quality, existing, strip_metadata: as ``Naming`` and ``WriteOptions``.
        tile, tta: as ``UpscaleOptions``.
        max_pixels: sources with more are refused; None: no limit.
        frames: of animations and documents with pages, all or the first alone.
        noise, blur, compression: 0..100 of each, set for a model that adapts to the picture; None:
            as it finds them.
        before: a model of factor 1, as ``model``, that the picture goes through first.
        crop: the part of the source that is enlarged, as ``Crop.parse`` reads it; None: all of it.

    Raises:
        UsageError: a value that cannot be.
    """

    model: str = PLAIN_MODEL
    detail: float | None = None
    rule: Rule = "scale"
    value: float | None = None
    out: Path | None = None
    file: Path | None = None
    template: str = DEFAULT_NAME
    format: str = "same"
    quality: int | None = None
    existing: Existing = "rename"
    strip_metadata: bool = False
    tile: int | None = None
    tta: bool = False
    max_pixels: int | None = DEFAULT_MAX_PIXELS
    frames: Literal["all", "first"] = "all"
    noise: float | None = None
    blur: float | None = None
    compression: float | None = None
    unit: Unit = "px"
    dpi: float | None = None
    crop: str | None = None
    before: str | None = None

    def __post_init__(self) -> None:
        check_template(self.template)
        _ = self.chosen_strengths  # which checks them
        if self.rule not in get_args(Rule):
            raise UsageError(tr("{value} is not a rule for the size", value=repr(self.rule)))
        _ = self.part
        if self.unit not in get_args(Unit):
            raise UsageError(tr("{value} is not a unit of length", value=repr(self.unit)))
        # which checks them; any factor will do where the model's own is taken
        self._sized(1 if self.value is None else self.value)
        if self.value is None and self.rule != "scale":
            raise UsageError(tr("--{rule} needs a number", rule=self.rule))
        if self.frames not in ("all", "first"):
            raise UsageError(tr("frames are all or first, not {value}", value=repr(self.frames)))
        # GIF is no format for stills, which only the source can tell
        if self.format not in ("same", "gif", *writable_formats()):
            raise UsageError(_not_written_here(self.format))
        if self.existing not in get_args(Existing):
            raise UsageError(
                tr("{value} is not a way to treat existing files", value=repr(self.existing))
            )
        if self.quality is not None and not 1 <= self.quality <= 100:
            raise UsageError(
                tr("quality must be from 1 to 100, not {quality}", quality=self.quality)
            )
        if self.detail is not None and not 0 <= self.detail <= 100:
            raise UsageError(tr("detail is from 0 to 100, not {detail:g}", detail=self.detail))

    @property
    def chosen_strengths(self) -> ChosenStrengths:
        """What is set for a model that adapts."""
        return ChosenStrengths(self.noise, self.blur, self.compression)

    @property
    def part(self) -> Crop | None:
        """What is enlarged of the source; None: all of it."""
        return None if self.crop is None else Crop.parse(self.crop)

    @property
    def naming(self) -> Naming:
        """Where the results go and what they are called."""
        return Naming(self.out, self.file, self.template)

    @property
    def size(self) -> TargetSize | None:
        """The rule for the size; None: the model's own factor."""
        return None if self.value is None else self._sized(self.value)

    def target_size(self, own_scale: int) -> TargetSize:
        """The rule for the size; ``own_scale`` is the model's factor."""
        return self._sized(own_scale if self.value is None else self.value)

    def _sized(self, value: float) -> TargetSize:
        return TargetSize(self.rule, value, self.unit, self.dpi)

    def with_size(self, size: TargetSize) -> BatchOptions:
        """The same for another size."""
        value = float(size.value)
        return replace(self, rule=size.rule, value=value, unit=size.unit, dpi=size.dpi)

    def with_model_renamed(self, old: str, new: str) -> BatchOptions:
        """The same after the catalogue's model ``old`` got the name ``new``."""
        return replace(
            self,
            model=new if self.model == old else self.model,
            before=new if self.before == old else self.before,
        )

    def absolute(self) -> BatchOptions:
        """The same wherever the program is started next time: no path depends on where that is."""
        return replace(
            self,
            model=_absolute_model(self.model),
            before=None if self.before is None else _absolute_model(self.before),
            out=None if self.out is None else self.out.absolute(),
            file=None if self.file is None else self.file.absolute(),
        )

    def to_json(self) -> str:
        """One line; equal for equal options."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        for name, kinds in _kinds().items():
            if values[name] is not None and Path in kinds:
                values[name] = str(values[name])
            elif values[name] is not None and float in kinds:
                values[name] = float(values[name])  # so that 2 and 2.0 are written alike
        # what came later is left out where it says nothing: queues of before have it not
        later = {name for name, usual in _CAME_LATER.items() if values[name] == usual}
        return json.dumps({k: v for k, v in values.items() if k not in later}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> BatchOptions:
        """Strict: an unknown or wrong value is named. What is missing has its default.

        Raises:
            UsageError: not what ``to_json`` gives.
        """
        try:
            values = json.loads(text)
        except ValueError as error:
            raise UsageError(tr("the options cannot be read: {reason}", reason=error)) from error
        if not isinstance(values, Mapping):
            raise UsageError(tr("the options cannot be read: {reason}", reason=repr(values)))
        return cls(**{name: _value_of(name, value) for name, value in values.items()})


def _absolute_model(model: str) -> str:
    # a catalogue's name has neither folder nor ending; a file's path has at least one
    if Path(model).suffix or Path(model).name != model:
        with contextlib.suppress(OSError):
            return str(Path(model).absolute()) if Path(model).is_file() else model
    return model


def _not_written_here(form: str) -> str:
    entry = FORMATS.get(form)
    if entry is not None and entry.writable:
        return missing_encoder(form)
    return tr("{format} cannot be written here", format=repr(form))


@functools.cache
def _kinds() -> dict[str, frozenset[type]]:
    """What each field may hold, by its annotation."""
    return {name: _kinds_of(hint) for name, hint in get_type_hints(BatchOptions).items()}


def _kinds_of(hint: Any) -> frozenset[type]:
    if get_origin(hint) is Literal:
        return frozenset(map(type, get_args(hint)))
    if get_args(hint):
        return frozenset[type]().union(*map(_kinds_of, get_args(hint)))
    return frozenset({int, float} if hint is float else {hint})


def _value_of(name: str, value: Any) -> Any:
    """A field's value out of JSON. Raises UsageError, which names what is wrong."""
    kinds = _kinds().get(name)
    if kinds is None:
        raise UsageError(tr("unknown option {name}", name=repr(name)))
    # a bool is an int to Python, but not here
    if type(value) in kinds:
        return value
    if Path in kinds and isinstance(value, str):
        return Path(value)
    raise UsageError(tr("the option {name} cannot be {value}", name=repr(name), value=repr(value)))
