"""Config dataclasses from nested dicts, strictly, and back; ``--set`` for single settings."""

from __future__ import annotations

import dataclasses
import difflib
import json
import tomllib
import typing
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeVar

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.networks.network import NetworkConfig
from srgan_desktop.core.weights.architectures import architecture_called

T = TypeVar("T")

DEFAULT_ARCHITECTURE = "srresnet"


def to_mapping(config: Any) -> dict[str, Any]:
    """Nested plain dicts of JSON types."""
    values: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(config)))
    return values


def from_mapping(cls: type[T], values: Mapping[str, Any], where: str = "") -> T:
    """A config dataclass from nested dicts.

    Raises:
        UsageError: an unknown key, a value of the wrong type or out of range; names the key.
    """
    if not isinstance(values, Mapping):
        raise UsageError(tr("{name} is a section, not a value", name=where.rstrip(".") or "config"))
    hints = typing.get_type_hints(cls)
    arguments: dict[str, Any] = {}
    for key, value in values.items():
        name = f"{where}{key}"
        if key not in hints:
            raise UsageError(
                tr("{name} is not a known setting", name=name) + nearest(key, hints, where)
            )
        arguments[key] = _convert(hints[key], value, name)
    return cls(**arguments)


def nearest(key: str, known: Iterable[str], where: str = "") -> str:
    """A question whether that one was meant; empty where nothing is like it."""
    close = difflib.get_close_matches(key, list(known), n=1, cutoff=0.5)
    return tr("; did you mean {name}?", name=where + close[0]) if close else ""


def _convert(hint: Any, value: Any, name: str) -> Any:
    if hint is NetworkConfig and isinstance(value, Mapping):
        # each architecture has settings of its own
        hint = architecture_called(value.get("architecture", DEFAULT_ARCHITECTURE)).config
    if dataclasses.is_dataclass(hint) or hint is NetworkConfig:
        return from_mapping(typing.cast(type, hint), value, f"{name}.")
    origin = typing.get_origin(hint)
    if origin is Literal:
        return _one_of(typing.get_args(hint), value, name)
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise UsageError(tr("{name} is a list, not {value}", name=name, value=repr(value)))
        return tuple(_convert(typing.get_args(hint)[0], item, name) for item in value)
    return _plain(hint, value, name)


def _one_of(allowed: tuple[Any, ...], value: Any, name: str) -> Any:
    if value not in allowed:
        message = tr(
            "{name} is one of {choices}, not {value}",
            name=name,
            choices=", ".join(map(str, allowed)),
            value=repr(value),
        )
        raise UsageError(message + nearest(str(value), map(str, allowed)))
    return value


_TYPE_NAMES = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}


def _plain(hint: type, value: Any, name: str) -> Any:
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise UsageError(
            tr(
                "{name} is {kind}, not {value}",
                name=name,
                kind=_TYPE_NAMES[hint],
                value=repr(value),
            )
        )
    return value


def with_overrides(values: Mapping[str, Any], overrides: Iterable[str]) -> dict[str, Any]:
    """``values`` with ``section.key=value`` strings applied; a value is written as in TOML."""
    result = {k: dict(v) if isinstance(v, Mapping) else v for k, v in values.items()}
    for item in overrides:
        path, equals, text = item.partition("=")
        if not equals or not path.strip():
            raise UsageError(tr("--set needs key=value, not {item}", item=repr(item)))
        *sections, key = path.strip().split(".")
        target = result
        for section in sections:
            target = target.setdefault(section, {})
            if not isinstance(target, dict):
                raise UsageError(
                    tr("{section} in {path} is a value, not a section", section=section, path=path)
                )
        target[key] = _toml_value(text.strip())
    return result


def _toml_value(text: str) -> Any:
    try:
        values = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text  # a bare word is a string
    return values["value"] if len(values) == 1 else text
