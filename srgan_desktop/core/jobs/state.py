"""What the threads of one run share."""

from __future__ import annotations

import contextlib
import queue as queues
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from srgan_desktop.core.base.errors import NoSpaceError
from srgan_desktop.core.base.events import Event, FileFailed
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.jobs.control import Control
from srgan_desktop.core.jobs.encode_ahead import EncodeAhead
from srgan_desktop.core.jobs.file_steps import Enlarged
from srgan_desktop.core.jobs.item import Item, ItemChanged
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.plan import Plan
from srgan_desktop.core.jobs.queue import Queue
from srgan_desktop.core.jobs.sources import Source

T = TypeVar("T")
# how long a thread sleeps before it looks again whether it is to stop
LOOK_S = 0.1
# events that nobody has taken yet; threads wait when there are more
_EVENTS = 2000


@dataclass(frozen=True)
class Staged:
    """A result that is a file already, without its name."""

    path: Path
    warnings: tuple[str, ...]


@dataclass
class WorkItem:
    """An item on its way through a run; each stage fills in its part.

    Attributes:
        bytes: of source and result in memory.
        result: what was computed.
        ahead: writes the result while it is computed.
        seconds: of work so far, without waiting.
        fraction: of the tiles that are done.
        held: closed when the job is over, however it ends.
    """

    item: Item
    plan: Plan
    bytes: int
    picture: RasterImage | None = None
    result: Enlarged | Staged | None = None
    ahead: EncodeAhead | None = None
    seconds: float = 0.0
    fraction: float = 0.0
    held: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @property
    def options(self) -> BatchOptions:
        return self.plan.options

    @property
    def source(self) -> Source:
        return self.plan.source

    @property
    def pixels(self) -> int:
        return self.plan.info.width * self.plan.info.height * self.plan.frames

    def stop_ahead(self) -> None:
        """The file that ``ahead`` writes is not wanted, or has its name."""
        if self.ahead is not None:
            self.ahead.close()
            self.ahead = None

    def advance(self, fraction: float) -> float:
        """So much of the tiles is done; returns how many source pixels more than before."""
        gained = (fraction - self.fraction) * self.pixels
        self.fraction = fraction
        return gained


class Stopped(Exception):  # noqa: N818 - no error: somebody asked for it
    """Raised within threads of a run that is to end."""


@dataclass
class MemoryBudget:
    """Pictures on their way, bounded in number and in bytes; one alone may be of any size."""

    most: int
    most_bytes: float
    count: int = 0
    bytes: int = 0

    def has(self, size: int) -> bool:
        return self.count == 0 or (self.count < self.most and self.bytes + size <= self.most_bytes)


@dataclass
class State:
    """For all threads; ``changed`` guards what has no lock of its own.

    Attributes:
        patient: a full disk is waited for; else it fails what meets it.
    """

    queue: Queue
    control: Control
    memory: MemoryBudget
    space_check_s: float
    patient: bool = True
    changed: threading.Condition = field(default_factory=threading.Condition)
    ready: deque[WorkItem | BatchOptions] = field(default_factory=deque)
    in_flight: dict[int, WorkItem] = field(default_factory=dict)
    wanted: set[Path] = field(default_factory=set)
    reading_done: bool = False
    holding: int = 0
    closing: bool = False
    reason: str = ""
    fault: BaseException | None = None
    events: queues.Queue[Event | None] = field(default_factory=lambda: queues.Queue(_EVENTS))

    # stopping and holding

    @property
    def stopping(self) -> bool:
        return self.closing or self.control.stopped or self.fault is not None

    @property
    def on_hold(self) -> bool:
        return self.control.paused or bool(self.reason)

    def check(self) -> None:
        """Wait while the run is paused. Raises Stopped."""
        while not self.stopping:
            if not self.on_hold:
                return
            self.control.wait(LOOK_S)
        raise Stopped

    def check_counted(self) -> None:
        """As ``check``, for the threads that compute: the run is paused when all of them wait."""
        if self.stopping or not self.on_hold:
            return self.check()
        with self.counted_as_holding():
            return self.check()

    @contextlib.contextmanager
    def counted_as_holding(self) -> Iterator[None]:
        """For a thread that computes and does nothing meanwhile."""
        with self.changed:
            self.holding += 1
        try:
            yield
        finally:
            with self.changed:
                self.holding -= 1

    def wait_for_space(self, reason: str, there: Callable[[], bool]) -> None:
        """Hold the whole run for a while, then until ``there``. Raises Stopped."""
        while True:
            self.reason = reason
            resumes = self.control.resumes
            until = time.monotonic() + self.space_check_s
            while time.monotonic() < until and self.control.resumes == resumes:
                if self.stopping:
                    raise Stopped
                self.control.wait(min(LOOK_S, self.space_check_s))
            if there():
                self.reason = ""
                return

    def persist(self, change: Callable[[], T]) -> T:
        """Write into the queue; a full disk holds the run until there is room. Raises Stopped."""
        if not self.patient:
            return change()
        result: list[T] = []
        problem = ""

        def attempt() -> bool:
            nonlocal problem
            try:
                result.append(change())
            except NoSpaceError as error:
                problem = str(error)
                return False
            return True

        if not attempt():
            self.wait_for_space(problem, attempt)
        return result[0]

    # events

    def change(self, change: Callable[[], Item | None], event: Event | None = None) -> bool:
        """Change a row of the queue and tell of it, with ``event`` before; false: no such row.

        Raises Stopped.
        """
        row = self.persist(change)
        if event is not None:
            self.emit(event)
        if row is not None:
            self.emit(ItemChanged(row))
        return row is not None

    def fail(self, failed: FileFailed, seconds: float | None = None) -> None:
        """Note that an item failed, and tell of it. Raises Stopped."""
        number = failed.item
        assert number is not None
        self.change(lambda: self.queue.failed(number, failed.error, failed.kind, seconds), failed)

    def put_back(self, job: WorkItem) -> None:
        """It was not finished: it waits again."""
        row = self.queue.waits_again(job.item.id)
        if row is not None:
            self.emit(ItemChanged(row))

    def emit(self, event: Event | None) -> None:
        """Hand an event to whoever drains the run; waits where many are left, drops when closed.

        None wakes it up.
        """
        while not self.closing:
            try:
                self.events.put(event, timeout=LOOK_S)
            except queues.Full:
                continue
            return

    # jobs

    def wait_for_turn(self) -> None:
        """Wait while as many pictures are on their way as there may be. Raises Stopped."""
        while True:
            with self.changed:
                if self.memory.count < self.memory.most:
                    return
                self.changed.wait(LOOK_S)
            self.check()

    def admit(self, job: WorkItem) -> None:
        """Wait until there is room and no result of the same name on its way. Raises Stopped."""
        while True:
            with self.changed:
                if self.memory.has(job.bytes) and job.plan.wanted not in self.wanted:
                    self.memory.count += 1
                    self.memory.bytes += job.bytes
                    self.in_flight[job.item.id] = job
                    self.wanted.add(job.plan.wanted)
                    return
                self.changed.wait(LOOK_S)
            self.check()

    def dismiss(self, job: WorkItem) -> None:
        """The job is over, however it ended."""
        with self.changed:
            if self.in_flight.pop(job.item.id, None) is None:
                return
            self.memory.count -= 1
            self.memory.bytes -= job.bytes
            self.wanted.discard(job.plan.wanted)
            job.picture = job.result = None
            self.changed.notify_all()
        job.stop_ahead()
        job.held.close()

    def put_ready(self, job: WorkItem | BatchOptions) -> None:
        with self.changed:
            self.ready.append(job)
            self.changed.notify_all()

    def take_ready(self) -> WorkItem | BatchOptions | None:
        """The next job, or a model to open; None: there will be no more. Raises Stopped."""
        while True:
            self.check_counted()
            with self.changed:
                if self.ready:
                    return self.ready.popleft()
                if self.reading_done:
                    return None
                self.changed.wait(LOOK_S)

    def take_ready_now(self) -> WorkItem | BatchOptions | None:
        """As ``take_ready`` without waiting; None: nothing is ready now."""
        with self.changed:
            return self.ready.popleft() if self.ready else None

    @property
    def nothing_comes(self) -> bool:
        """Whether there is nothing ready and nothing will be."""
        with self.changed:
            return self.reading_done and not self.ready

    def take_alike(self, is_alike: Callable[[WorkItem], bool], most: int) -> list[WorkItem]:
        """Further jobs from the head of those ready, as long as they are alike."""
        found: list[WorkItem] = []
        with self.changed:
            while self.ready and len(found) < most:
                job = self.ready[0]
                if not isinstance(job, WorkItem) or not is_alike(job):
                    break
                self.ready.popleft()
                found.append(job)
        return found

    def is_idle(self) -> bool:
        with self.changed:
            return not self.in_flight
