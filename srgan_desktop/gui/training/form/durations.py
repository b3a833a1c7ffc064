"""How long a training shall take: the choices and what a person types."""

from __future__ import annotations

import argparse

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr

# seconds; what is offered beside the recipe's own and what is typed
OFFERED = (600.0, 1800.0, 3600.0, 3 * 3600.0, 8 * 3600.0)
LEAST_S = 10.0


def read_time(text: str) -> float:
    """ "1h30m" as seconds.

    Raises:
        UsageError: it is no time, or too short to be of use.
    """
    from trainer.commands.options import seconds

    try:
        value = seconds(text)
    except argparse.ArgumentTypeError as error:
        raise UsageError(str(error)) from error
    if value < LEAST_S:
        raise UsageError(tr("ten seconds are the least"))
    return value


def read_steps(text: str) -> int:
    """ "20 000" as a number.

    Raises:
        UsageError: it is no whole number from 1.
    """
    plain = "".join(text.split()).replace(",", "").replace("_", "")
    if not plain.isascii() or not plain.isdigit() or not 0 < int(plain) <= 10**9:
        raise UsageError(tr("{text} is no whole number from 1", text=repr(text)))
    return int(plain)


def time_name(seconds: float) -> str:
    """ "10 minutes", "1 hour", "Overnight (8 hours)"."""
    if seconds == 8 * 3600:
        return tr("Overnight (8 hours)")
    if seconds >= 3600 and seconds % 3600 == 0:
        hours = int(seconds // 3600)
        return tr("1 hour") if hours == 1 else tr("{n} hours", n=hours)
    return tr("{n} minutes", n=f"{seconds / 60:g}")
