"""Estimates as people say them: "about 6 s", "310 MB", and no figure that nobody can know."""

from __future__ import annotations

from srgan_desktop.core.base.console import bytes_text
from srgan_desktop.core.base.translation import tr

MINUTE_S = 60
HOUR_S = 60 * MINUTE_S
DAY_S = 24 * HOUR_S
SMALL_S = 20


def rough_time(seconds: float) -> str:
    """ "6 s", "25 s", "4 min", "2 h", "3 d": one unit, never less than a second."""
    if seconds < SMALL_S:
        return tr("{s} s", s=max(1, round(seconds)))
    if seconds < MINUTE_S - 2.5:
        return tr("{s} s", s=5 * round(seconds / 5))
    if seconds < HOUR_S - MINUTE_S / 2:
        return tr("{m} min", m=max(1, round(seconds / MINUTE_S)))
    if seconds < 2 * DAY_S:
        return tr("{h} h", h=round(seconds / HOUR_S))
    return tr("{d} d", d=round(seconds / DAY_S))


def rough_size(size_bytes: float) -> str:
    """Two digits that mean something: "310 MB", "1.3 GB", "5.6 MB"."""
    unit = 1
    while size_bytes / unit >= 100:
        unit *= 10
    text = bytes_text(round(size_bytes / unit) * unit)
    number, _, name = text.partition(" ")
    return f"{number.removesuffix('.0')} {name}"
