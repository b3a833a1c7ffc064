"""Which rows are shown: by what has become of them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from srgan_desktop.core.base.translation import tr


class Filter(StrEnum):
    """One of the buttons above the table."""

    ALL = "all"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    LEFT_OUT = "left out"


STATUSES: dict[Filter, frozenset[str]] = {
    Filter.ALL: frozenset({"waiting", "working", "done", "failed", "skipped", "cancelled"}),
    Filter.WAITING: frozenset({"waiting", "working"}),
    Filter.DONE: frozenset({"done"}),
    Filter.FAILED: frozenset({"failed"}),
    Filter.LEFT_OUT: frozenset({"skipped", "cancelled"}),
}


def count(which: Filter, counts: Mapping[str, int]) -> int:
    """How many rows a filter shows, of the counts by status."""
    return sum(counts.get(status, 0) for status in STATUSES[which])


def filter_text(which: Filter) -> str:
    """For its button."""
    return {
        Filter.ALL: tr("All"),
        Filter.WAITING: tr("Waiting"),
        Filter.DONE: tr("Finished"),
        Filter.FAILED: tr("Failed"),
        Filter.LEFT_OUT: tr("Left out"),
    }[which]


def status_text(status: str) -> str:
    """What has become of a picture, in a word or two."""
    return {
        "waiting": tr("waiting"),
        "working": tr("in work"),
        "done": tr("done"),
        "failed": tr("failed"),
        "skipped": tr("skipped"),
        "cancelled": tr("cancelled"),
    }[status]
