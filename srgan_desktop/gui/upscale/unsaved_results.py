"""Finished results that were never saved, kept while another picture is looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from srgan_desktop.gui.common.requests import PictureJudged, Result, UpscaleRequest

LIMIT_BYTES = 2 * 2**30
SHARE_OF_MEMORY = 4


@dataclass(frozen=True, eq=False)
class Kept:
    """A result, the request that it answers, and what a model that adapts found in its picture."""

    result: Result
    request: UpscaleRequest | None
    judged: PictureJudged | None = None


class UnsavedResults:
    """One result for each picture, in the order of putting."""

    def __init__(self) -> None:
        self._kept: dict[Path, Kept] = {}
        self._limit_bytes: int | None = None

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, path: object) -> bool:
        return path in self._kept

    def put(self, kept: Kept) -> None:
        """Keep it, whether or not there is room: to ask is for whoever opens another picture."""
        self._kept[kept.result.source.path] = kept

    def take(self, path: Path) -> Kept | None:
        """What is kept for a picture; it is kept no longer."""
        return self._kept.pop(path, None)

    def results(self) -> list[Result]:
        """All of them."""
        return [kept.result for kept in self._kept.values()]

    def drop(self, is_safe: Callable[[Result], bool]) -> None:
        """Let go of those that nobody would miss."""
        self._kept = {path: kept for path, kept in self._kept.items() if not is_safe(kept.result)}

    def has_space_for(self, result: Result) -> bool:
        """Whether another one can be kept without crowding the memory."""
        return sum(map(bytes_of, [*self.results(), result])) <= self.limit_bytes

    @property
    def limit_bytes(self) -> int:
        """For all pictures and results together."""
        if self._limit_bytes is None:
            import psutil

            share = psutil.virtual_memory().total // SHARE_OF_MEMORY
            self._limit_bytes = min(LIMIT_BYTES, int(share))
        return self._limit_bytes

    @limit_bytes.setter
    def limit_bytes(self, value: int) -> None:
        self._limit_bytes = value


def bytes_of(result: Result) -> int:
    """What is kept in memory, or in the cache's files, with a result and its source."""
    source = result.source
    arrays = [source.picture.pixels, source.picture.alpha, source.shown]
    arrays += [result.picture.pixels, result.picture.alpha, result.shown]
    # what is shown may be the pixels themselves
    single = {id(array): array.nbytes for array in arrays if array is not None}
    return sum(single.values())
