"""A folder that is looked at again and again; what has been put there whole is taken.

By looking, not by the system's notices: that works on network shares too, and after the folder
was away for a while.
"""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.io import is_image_name
from srgan_desktop.core.jobs.result_names import without_results
from srgan_desktop.core.jobs.sources import Source, natural_key

# a file that has not changed for so long is whole: copying over a network writes in bursts
SETTLE_S = 2.0


@dataclass(frozen=True)
class Found:
    """A picture file that is whole. ``bytes`` and ``mtime_ns`` as they were when it was seen."""

    source: Source
    bytes: int
    mtime_ns: int

    @property
    def mark(self) -> tuple[Path, int, int]:
        """For ``Queue.add`` to remember."""
        return self.source.path, self.bytes, self.mtime_ns


@dataclass
class _Growing:
    facts: tuple[int, int]
    since: float
    settled: bool = False


class Watcher:
    """Finds what is new in a folder and below.

    Args:
        folder: to look at.
        seen: what was taken before, as ``Queue.seen`` tells; such a file counts as new again when
            its size or time has changed.
        leave_out: the folder for results; what lies in it is none of the pictures to take. Where
            it is ``folder`` itself, or None for beside the sources, ``template`` tells them.
        template: of the results' names; None where none of them lies among the pictures.

    Attributes:
        reachable: whether the last look found the folder.
        growing: how many files were still changing at the last look.
        empty: files that have stopped changing with nothing in them; they are never taken so.

    Raises:
        UsageError: no such folder.
    """

    def __init__(
        self,
        folder: Path,
        seen: Mapping[Path, tuple[int, int]],
        *,
        leave_out: Path | None = None,
        template: str | None = None,
        settle_s: float = SETTLE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not folder.is_dir():
            raise UsageError(tr("{path}: there is no such folder", path=folder))
        self._folder = folder.absolute()
        self._leave_out = None if leave_out is None else leave_out.absolute().resolve()
        self._template = template
        self._seen = dict(seen)
        self._candidates: dict[Path, _Growing] = {}
        self._settle_s = settle_s
        self._clock = clock
        self.reachable = True

    @property
    def growing(self) -> int:
        return sum(not known.settled for known in self._candidates.values())

    @property
    def empty(self) -> list[Path]:
        return [path for path, known in self._candidates.items() if known.settled]

    def look(self) -> list[Found]:
        """What is new and whole since the last look, in natural order.

        A file is whole when two looks at least ``settle_s`` apart find it unchanged.
        """
        try:
            there = self._listed()
        except OSError:
            # away: a disk unplugged, a share not connected. What was learned so far stays
            self.reachable = False
            self._candidates.clear()
            return []
        self.reachable = True
        now = self._clock()
        whole = []
        for source, facts in there:
            if self._seen.get(source.path) == facts:
                self._candidates.pop(source.path, None)
            elif self._is_whole(source.path, facts, now):
                del self._candidates[source.path]
                self._seen[source.path] = facts
                whole.append(Found(source, *facts))
        present = {source.path for source, _ in there}
        for gone in self._candidates.keys() - present:
            del self._candidates[gone]
        return whole

    def put_back(self, found: Iterable[Found]) -> None:
        """They could not be taken: the next look finds those that are there unchanged again."""
        for each in found:
            self._seen.pop(each.source.path, None)
            self._candidates[each.source.path] = _Growing((each.bytes, each.mtime_ns), -math.inf)

    def _is_whole(self, path: Path, facts: tuple[int, int], now: float) -> bool:
        known = self._candidates.get(path)
        if known is None or known.facts != facts:
            self._candidates[path] = _Growing(facts, now)
            return False
        known.settled = now - known.since >= self._settle_s
        return known.settled and facts[0] > 0

    def _listed(self) -> list[tuple[Source, tuple[int, int]]]:
        """All pictures there, with size and time. OSError where the folder is not there."""
        found = []
        for place, folders, names in os.walk(self._folder, onerror=self._not_the_top):
            here = Path(place)
            folders[:] = [name for name in folders if self._is_inside(here / name)]
            for name in names:
                path = here / name
                if not name.startswith(".") and is_image_name(path):
                    source = Source(path, here.relative_to(self._folder), named=False)
                    with contextlib.suppress(OSError):  # gone in this very moment
                        status = path.stat()
                        found.append((source, (status.st_size, status.st_mtime_ns)))
        found.sort(key=lambda entry: natural_key(entry[0].path))
        if self._template is None:
            return found
        sources = [source for source, _ in found]
        kept, _ = without_results(sources, self._template, self._leave_out)
        wanted = set(kept)
        return [entry for entry in found if entry[0] in wanted]

    def _not_the_top(self, error: OSError) -> None:
        """A folder below that goes or refuses is passed over; the watched one is not."""
        if error.filename is None or Path(os.fsdecode(error.filename)) == self._folder:
            raise error

    def _is_inside(self, folder: Path) -> bool:
        return not folder.name.startswith(".") and (
            self._leave_out is None or folder.resolve() != self._leave_out
        )
