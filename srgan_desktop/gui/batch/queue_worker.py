"""What happens on the queue's own thread: opening, adding, changing, and looking at all of it.

Everything of ``core.jobs`` that loads torch is loaded here, never on the window's thread.
"""

from __future__ import annotations

import contextlib
import gc
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from srgan_desktop.core.base.errors import SrganDesktopError, UsageError
from srgan_desktop.core.jobs.item import Item, Status
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.gui.batch import finding
from srgan_desktop.gui.batch.finding import Finding, Found
from srgan_desktop.gui.batch.presets import Presets
from srgan_desktop.gui.batch.rows import Snapshot

if TYPE_CHECKING:
    from srgan_desktop.core.jobs.options import BatchOptions
    from srgan_desktop.core.jobs.queue import Queue
    from srgan_desktop.core.jobs.sources import Source


# new objects that are worth keeping from the collector
MANY = 50_000
UNDONE: tuple[Status, ...] = ("waiting", "working")
FOLLOWING: tuple[Status, ...] = ("waiting", "failed", "skipped")


@dataclass(frozen=True, eq=False)
class Opened:
    """The queue is there, and what belongs to it. ``options`` are those chosen last."""

    queue: Queue
    presets: Presets
    options: BatchOptions
    snapshot: Snapshot


@dataclass(frozen=True, eq=False)
class Added:
    """What became of a drop: the items are at the queue's end now."""

    found: Found
    items: list[Item]
    sizes: dict[int, TargetSize]


def queue_is_there() -> bool:
    """Whether a queue of an earlier day lies in the state folder; loads nothing."""
    from srgan_desktop.core.base import app_paths as places

    return any(places.state().glob("queue.sqlite3"))


def open_queue(
    kept: str, model: str, size: TargetSize, detail: float
) -> Generator[None, None, Opened]:
    """Open the window's queue.

    Args:
        kept: the options chosen last, as JSON; where that makes no sense, the usual ones with
            ``model`` and ``size``, and ``detail`` where that model has one.

    Raises QueueBusyError, QueueError.
    """
    yield
    from srgan_desktop.core.jobs.options import BatchOptions
    from srgan_desktop.core.jobs.queue import Queue, default_path

    options = BatchOptions(model=model, detail=_detail_of(model, detail)).with_size(size)
    with contextlib.suppress(UsageError):
        options = BatchOptions.from_json(kept) if kept else options
    queue = Queue(default_path())
    try:
        return Opened(queue, Presets(), options, look(queue, options))
    except BaseException:
        queue.close()
        raise


def _detail_of(model: str, detail: float) -> float | None:
    """``detail``, from 0 to 100; None where it is the model as it is, or cannot be chosen."""
    from srgan_desktop.core.weights.catalogue import find_model
    from srgan_desktop.core.weights.interpolate import FULL_DETAIL, find_partner
    from srgan_desktop.core.weights.third_party.open_model import card_of

    try:
        path = find_model(model)
        find_partner(path, card_of(path))
    except SrganDesktopError:
        return None
    return None if detail == FULL_DETAIL else detail


def look(queue: Queue, options: BatchOptions | None) -> Snapshot:
    """The whole queue; ``options`` are those that the panel shows. Raises QueueError."""
    began = time.monotonic()
    with many_objects():
        return _look(queue, options, began)


def _look(queue: Queue, options: BatchOptions | None, began: float) -> Snapshot:
    items = {item.id: item for item in queue.items()}
    used = {number: queue.options(number) for number in {i.options for i in items.values()}}
    sizes = {n: size for n, o in used.items() if (size := o.size) is not None}
    same = set() if options is None else _ids_of(used, options)
    others = sum(i.status == "waiting" and i.options not in same for i in items.values())
    counts = Counter(item.status for item in items.values())
    others = 0 if options is None else others
    return Snapshot(items, list(items), Counter(counts), sizes, others, began)


class _CollectorPause:
    """The collector of the whole process, put off while anybody makes many objects."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._makers = 0
        self._was_on = False

    def begin(self) -> None:
        with self._guard:
            if self._makers == 0:
                self._was_on = gc.isenabled()
                gc.disable()
            self._makers += 1

    def end(self) -> None:
        with self._guard:
            self._makers -= 1
            if self._makers == 0:
                # never a collection here: Qt's objects may be destroyed in their own thread only
                if gc.get_count()[0] > MANY:
                    gc.freeze()
                if self._was_on:
                    gc.enable()


_collector = _CollectorPause()


@contextlib.contextmanager
def many_objects() -> Iterator[None]:
    """Rows by the ten thousand are made within.

    Python would look through all of them for cycles every now and then, the window standing still
    for half a second each time. There are none in them.
    """
    _collector.begin()
    try:
        yield
    finally:
        _collector.end()


def _ids_of(used: dict[int, BatchOptions], options: BatchOptions) -> set[int]:
    wanted = options.absolute()
    return {number for number, known in used.items() if known == wanted}


def change(
    queue: Queue, options: BatchOptions | None, work: Callable[[Queue], object]
) -> Generator[None, None, Snapshot]:
    """Change something, then look. Raises QueueError, NoSpaceError."""
    yield
    work(queue)
    return look(queue, options)


def add(
    queue: Queue, options: BatchOptions, paths: Sequence[Path]
) -> Generator[Finding, None, Added]:
    """Find the pictures among ``paths`` and below them, and append them.

    Raises QueueError, NoSpaceError.
    """
    waits = {item.source for status in UNDONE for item in queue.items(status)}
    absolute = [path.absolute() for path in paths]
    with many_objects():
        found = yield from finding.find(absolute, options.out, options.template, waits)
        items = _append(queue, options, found.sources)
    sizes = {}
    if items and options.size is not None:
        sizes[items[0].options] = options.size
    return Added(found, items, sizes)


def _append(queue: Queue, options: BatchOptions, sources: Sequence[Source]) -> list[Item]:
    """What the queue would tell of them, without reading all of it again."""
    ids = queue.add(sources, options)
    first = queue.get(ids[0]) if ids else None
    if first is None:
        return []
    return [
        first._replace(
            id=number,
            position=first.position + index,
            source=source.path,
            folder=source.folder,
        )
        for index, (number, source) in enumerate(zip(ids, sources, strict=True))
    ]


def follow(
    queue: Queue, before: BatchOptions, after: BatchOptions
) -> Generator[None, None, Snapshot]:
    """What waits with the panel's former options waits with the present ones from now on.

    So does what failed or was skipped with them, should it be tried again.

    Raises QueueError, NoSpaceError.
    """
    yield
    undone = [item for status in FOLLOWING for item in queue.items(status)]
    used = {number: queue.options(number) for number in {item.options for item in undone}}
    same = _ids_of(used, before)
    queue.set_options((item.id for item in undone if item.options in same), after)
    return look(queue, after)


def rename_model(
    queue: Queue, presets: Presets, options: BatchOptions, names: tuple[str, str]
) -> Generator[None, None, Snapshot]:
    """What asks for the model of the first name asks for it by the second from now on.

    Args:
        options: the panel's, where that is done already.

    Raises QueueError, NoSpaceError, ImageWriteError.
    """
    yield
    queue.rename_model(*names)
    presets.rename_model(*names)
    return look(queue, options)


def same_for_all(queue: Queue, options: BatchOptions) -> Generator[None, None, Snapshot]:
    """All that waits is done with these. Raises QueueError, NoSpaceError."""
    yield
    queue.set_options((item.id for item in queue.items("waiting")), options)
    return look(queue, options)


def export(queue: Queue, path: Path) -> Generator[None, None, Path]:
    """Write the report. Raises UsageError, ImageWriteError, QueueError."""
    yield
    from srgan_desktop.core.jobs.report import write_report

    write_report(queue, path)
    return path


def keep_preset(
    presets: Presets, name: str, options: BatchOptions | None
) -> Generator[None, None, str]:
    """None forgets it. Raises ImageWriteError."""
    yield
    if options is None:
        presets.remove(name)
        return ""
    presets.put(name, options)
    return name
