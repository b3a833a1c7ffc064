"""Before the start: how many, how long, how much disk and memory, and what may go wrong."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from srgan_desktop.core.base.translation import tr, trn
from srgan_desktop.gui.batch.run_worker import DeviceChoice, NetworkFacts, RunWorker
from srgan_desktop.gui.common.error_text import explain
from srgan_desktop.gui.common.estimate_text import rough_size, rough_time
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.worker import Lane, Task

if TYPE_CHECKING:
    from srgan_desktop.core.jobs.options import BatchOptions
    from srgan_desktop.core.jobs.queue import Queue

SETTLE_MS = 400
REPORT_S = 0.25


@dataclass(frozen=True)
class Estimate:
    """Of ``looked_at`` of ``total`` waiting pictures; times in seconds, sizes in bytes."""

    total: int
    looked_at: int = 0
    skipped: int = 0
    refused: int = 0
    problem: str = ""
    seconds: float = 0.0
    memory_bytes: int = 0
    disk_bytes: int = 0
    free_disk_bytes: int | None = None
    free_memory_bytes: int | None = None

    def text(self) -> str:
        """ "812 pictures, about 40 min, 2.1 GB of files, 600 MB of memory"."""
        count = trn("{n} picture", "{n} pictures", self.total)
        if self.looked_at < self.total:
            done = tr("{done} of {total} checked", done=self.looked_at, total=self.total)
            return tr(", ").join([count, done])
        if self.refused + self.skipped >= self.total:
            return count  # nothing is left that would cost anything
        return tr(", ").join(
            [
                count,
                tr("about {time}", time=rough_time(self.seconds)),
                tr("{size} of memory", size=rough_size(self.memory_bytes)),
                tr("about {size} on disk", size=rough_size(self.disk_bytes)),
            ]
        )

    def warning(self) -> str:
        """What may go wrong, the worst first; empty where nothing is foreseen."""
        said = []
        free, worker = self.free_disk_bytes, self.free_memory_bytes
        if free is not None and self.disk_bytes > free:
            need, there = rough_size(self.disk_bytes), rough_size(free)
            said.append(
                tr("The disk may become full: {need} needed, {there} free.", need=need, there=there)
            )
        if worker is not None and self.memory_bytes > worker:
            said.append(
                tr(
                    "The largest picture needs more memory than is free ({size}).",
                    size=rough_size(worker),
                )
            )
        if self.refused:
            n = trn("{n} cannot be processed", "{n} cannot be processed", self.refused)
            said.append(f"{n}: {self.problem}")
        if self.skipped:
            said.append(
                trn(
                    "{n} already exists and will be skipped.",
                    "{n} already exist and will be skipped.",
                    self.skipped,
                )
            )
        return "\n".join(said)


class Estimator(QObject):
    """Asks anew whenever something changed, a little later; the latest question counts."""

    known = Signal(object)
    """An ``Estimate``, also on the way."""
    refused = Signal(str)
    """Nothing can be said, and why."""

    def __init__(self, services: Services, worker: RunWorker) -> None:
        super().__init__()
        self._services = services
        self._worker = worker
        self.lane = Lane("batch estimate", self)
        self._queue: Queue | None = None
        self._options: BatchOptions | None = None
        self._where = DeviceChoice("auto", "auto")
        self._task: Task | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self._ask)

    def want(self, queue: Queue, options: BatchOptions, where: DeviceChoice) -> None:
        """Of all that waits, with the network of ``options``."""
        self._queue, self._options, self._where = queue, options, where
        self._timer.start()

    def forget(self) -> None:
        """Nobody wants to know."""
        self._timer.stop()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def shutdown(self) -> None:
        """Stop."""
        self.forget()
        self.lane.shutdown()

    @Slot()
    def _ask(self) -> None:
        options, where = self._options, self._where
        if options is None:
            return
        if self._task is not None:
            self._task.cancel()
        self._task = self._services.device_lane.submit(
            lambda: self._worker.facts(options, where),
            on_done=self._plan,
            on_failed=self._fail,
        )

    def _plan(self, facts: NetworkFacts | None) -> None:
        queue = self._queue
        if facts is None or queue is None:
            return
        self._task = self.lane.submit(
            lambda: estimate(queue, facts), on_event=self.known.emit, on_failed=self._fail
        )

    def _fail(self, error: BaseException) -> None:
        text = explain(error)
        if text is None:
            self._services.faults.report(error)
        self.refused.emit(text or "")


def estimate(queue: Queue, facts: NetworkFacts) -> Generator[Estimate, None, None]:
    """Better and better; the last one counts. Raises QueueError."""
    from srgan_desktop.core.base.memory import free_memory_bytes

    waiting: dict[int, list[Any]] = {}
    for item in queue.items("waiting"):
        waiting.setdefault(item.options, []).append(item)
    so_far = _Sum(total=sum(map(len, waiting.values())))
    yield so_far.estimate()
    notice = time.monotonic()
    for number, items in waiting.items():
        for event in _plans(queue, number, items, facts):
            so_far.add(event)
            if time.monotonic() - notice >= REPORT_S:
                yield so_far.estimate()
                notice = time.monotonic()
    so_far.free_memory_bytes = free_memory_bytes()
    yield so_far.estimate()


def _plans(
    queue: Queue, number: int, items: list[Any], facts: NetworkFacts
) -> Generator[Any, None, None]:
    from srgan_desktop.core.jobs.estimate import plan_files
    from srgan_desktop.core.jobs.sources import Source

    options = queue.options(number)
    sources = [Source(item.source, item.folder, named=False) for item in items]
    speed = facts.engine
    return plan_files(sources, speed.engine, options, speed.seconds_per_pixel, facts.before)


class _Sum:
    """Adds up what is planned."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._looked_at = self._skipped = self._refused = 0
        self._problem = ""
        self._seconds = 0.0
        self._memory = self._disk = 0
        self._free_disk: int | None = None
        self.free_memory_bytes: int | None = None

    def add(self, event: Any) -> None:
        from srgan_desktop.core.base.events import FileFailed, FileSkipped, Planned, PlannedAll

        match event:
            case Planned():
                self._looked_at += 1
                self._seconds += event.seconds
                self._memory = max(self._memory, event.memory_bytes)
                self._disk += event.disk_bytes
            case FileFailed():
                self._looked_at += 1
                self._refused += 1
                name = event.source.name
                self._problem = self._problem or event.error.replace(str(event.source), name)
            case FileSkipped():
                self._looked_at += 1
                self._skipped += 1
            case PlannedAll():
                self._free_disk = event.free_disk_bytes

    def estimate(self) -> Estimate:
        return Estimate(
            self._total,
            self._looked_at,
            self._skipped,
            self._refused,
            self._problem,
            self._seconds,
            self._memory,
            self._disk,
            self._free_disk,
            self.free_memory_bytes,
        )
