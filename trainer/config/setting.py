"""What the sections of a run's config are made of: settings with help, and their limits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import field
from typing import Any

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr


def setting(default: Any, help_text: str) -> Any:
    """A dataclass field with its explanation beside it, in English: shown through ``tr``."""
    return field(default=default, metadata={"help": help_text})


def between(name: str, value: float, least: float, most: float) -> None:
    """
    Raises:
        UsageError: ``value`` is out of ``least`` .. ``most``; the message has the setting's name.
    """
    # nan is in no range
    if not least <= value <= most:
        raise UsageError(
            tr(
                "{name} is from {least} to {most}, not {value}",
                name=name,
                least=least,
                most=most,
                value=value,
            )
        )


def below_one(name: str, value: float) -> None:
    """
    Raises:
        UsageError: ``value`` is not from 0 to below 1.
    """
    if not 0 <= value < 1:
        raise UsageError(tr("{name} is from 0 to below 1, not {value}", name=name, value=value))


def positive(name: str, value: float) -> None:
    """
    Raises:
        UsageError: ``value`` is not more than 0, or infinite.
    """
    if not 0 < value < math.inf:
        raise UsageError(tr("{name} is more than 0, not {value}", name=name, value=value))


def span(name: str, values: Sequence[float], least: float, most: float) -> None:
    """
    Raises:
        UsageError: ``values`` are not a lower and an upper end within ``least`` .. ``most``.
    """
    if len(values) != 2 or values[0] > values[1]:
        raise UsageError(
            tr(
                "{name} is a lower and an upper end, such as [{least}, {most}], not {value}",
                name=name,
                least=least,
                most=most,
                value=list(values),
            )
        )
    for value in values:
        between(name, value, least, most)
