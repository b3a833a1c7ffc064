"""Working a queue off: decode ahead, compute, encode behind, all at once, as events.

Threads hand pictures on in this order: one reads (``reader``), one for each device computes
(``computer``), some write (``writer``). What is on its way is bounded in number and in bytes.
The thread that drains the generator only passes on what they emit.
"""

from __future__ import annotations

import os
import queue as queues
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from srgan_desktop.core.backends.device import has_accelerator
from srgan_desktop.core.base.errors import SrganDesktopError
from srgan_desktop.core.base.events import (
    BatchFinished,
    BatchProgress,
    Event,
    FileDone,
    FileFailed,
    FileSkipped,
    FileStarted,
    Paused,
    Resumed,
)
from srgan_desktop.core.base.memory import free_memory_bytes
from srgan_desktop.core.jobs.control import Control as Control  # noqa: PLC0414 - passed on
from srgan_desktop.core.jobs.engines import Device, Models
from srgan_desktop.core.jobs.engines import devices as all_devices
from srgan_desktop.core.jobs.network_stage import NetworkStage
from srgan_desktop.core.jobs.queue import Queue
from srgan_desktop.core.jobs.reader import Reader
from srgan_desktop.core.jobs.staging import Stages
from srgan_desktop.core.jobs.state import LOOK_S, MemoryBudget, State, Stopped, WorkItem
from srgan_desktop.core.jobs.throughput import PIXELS_A_FILE, Stopwatch, Throughput
from srgan_desktop.core.jobs.writer import Writer

PROGRESS_S = 0.5
SPACE_CHECK_S = 3.0
# on a processor the network takes nearly all time; on a GPU several pictures share one run
IN_FLIGHT = 8
IN_FLIGHT_ON_GPU = 96
LEAST_BYTES = 256 * 2**20
MOST_BYTES = 2 * 2**30


def run_queue(
    queue: Queue,
    devices: Sequence[Device] | None = None,
    control: Control | None = None,
    *,
    group: bool | None = None,
    writers: int | None = None,
    in_flight: int | None = None,
    cpu_tile: int | None = None,
    patient: bool = True,
    space_check_s: float = SPACE_CHECK_S,
) -> Generator[Event, None, BatchFinished]:
    """Work off what waits in ``queue``, also what is added meanwhile, until nothing waits.

    One item that fails is told and the rest goes on. A full disk pauses the run until there is
    room; its item waits again. Closing the generator, and ``control.stop``, end it after the tile
    in work: what is computed is written, the rest waits again, nothing is half-written.

    Args:
        devices: that share the work, a thread each. None: every accelerator, or the processor.
        control: pauses, resumes and stops from other threads.
        group: whether small pictures of one size go through the network together; None: where it
            is faster.
        writers: threads that encode; None: one, several where there is an accelerator.
        in_flight: so many pictures are on their way at most; with 1, each is finished before the
            next is touched. None: as many as keep the devices busy.
        cpu_tile: tiles on a processor have at most this side in source pixels, so that whoever
            else waits for it gets it soon.
        patient: whether a full disk is waited for; else it fails the file that meets it.
        space_check_s: how often a full disk is looked at again.

    Yields:
        FileStarted, FileTile, FileDone, FileFailed and FileSkipped with the item's id, those of
        different items mixed; after each that changes a row of the queue, ItemChanged with the
        row; BatchProgress a few times a second; Paused and Resumed; the last is BatchFinished.

    Raises:
        QueueError: the queue's own file fails.
        UsageError, DeviceError: no device.
    """
    listed = list(devices) if devices is not None else all_devices()
    fast = has_accelerator()
    budget = MemoryBudget(
        in_flight or (IN_FLIGHT_ON_GPU if fast or group else IN_FLIGHT), _bytes_allowed()
    )
    state = State(queue, control or Control(), budget, space_check_s, patient)

    def computers(line: PipelineContext) -> list[Worker]:
        return [
            NetworkStage(
                state,
                line.models,
                device,
                line.hand_on,
                line.progressed,
                line.stages,
                group=group,
                cpu_tile=cpu_tile,
            )
            for device in listed
        ]

    count = writers or (max(1, min(8, (os.cpu_count() or 2) // 2)) if fast else 1)
    return (yield from run_pipeline(state, computers, count))


class Worker(Protocol):
    """What one thread of a run does."""

    def run(self) -> None:
        """Until nothing more comes. Raises Stopped."""
        ...


@dataclass(frozen=True)
class PipelineContext:
    """What those that compute are given: models to tell of, folders, and what comes after them."""

    models: Models
    stages: Stages
    hand_on: Callable[[WorkItem], None]
    progressed: Callable[[float], None]


def run_pipeline(
    state: State,
    computers: Callable[[PipelineContext], Sequence[Worker]],
    writers: int = 1,
    *,
    decode: bool = True,
) -> Generator[Event, None, BatchFinished]:
    """A run through a reader, ``computers`` and writers; see ``run_queue``.

    Args:
        decode: whether those that compute want pixels; else they read the sources themselves.
    """
    return (yield from _Run(state, computers, writers, decode=decode).events())


class _Run:
    def __init__(
        self,
        state: State,
        computers: Callable[[PipelineContext], Sequence[Worker]],
        writers: int,
        *,
        decode: bool,
    ) -> None:
        self._state = state
        self._stages = Stages(state.queue)
        self._results: queues.Queue[WorkItem | None] = queues.Queue()
        self._watch = Stopwatch()
        self._throughput = Throughput()
        self._throughput_lock = threading.Lock()
        self._counts = {FileDone: 0, FileFailed: 0, FileSkipped: 0}
        self._cancelled_before = state.queue.counts()["cancelled"]
        self._reported_s = 0.0
        self._paused = False
        self._over: set[threading.Thread] = set()
        models = Models()
        line = PipelineContext(models, self._stages, self._results.put, self._progressed)
        reader = Reader(state, models, decode=decode)
        self._reader = self._thread(reader.run, "batch-reader")
        self._computers = [
            self._thread(computer.run, f"batch-computer-{index}")
            for index, computer in enumerate(computers(line))
        ]
        self._writers = [
            self._thread(
                Writer(state, self._stages, self._results.get).run, f"batch-writer-{index}"
            )
            for index in range(writers)
        ]

    def _thread(self, run: Callable[[], None], name: str) -> threading.Thread:
        def body() -> None:
            try:
                run()
            except Stopped:
                pass
            except BaseException as error:
                self._state.fault = self._state.fault or error
            finally:
                self._over.add(threading.current_thread())
                self._state.emit(None)  # so that its end is seen without delay

        return threading.Thread(target=body, name=name, daemon=True)

    def events(self) -> Generator[Event, None, BatchFinished]:
        threads = [self._reader, *self._computers, *self._writers]
        for thread in threads:
            thread.start()
        try:
            yield from self._drain()
        finally:
            self._end()
        # told by writers that went on while the others had ended
        yield from self._left()
        if self._state.fault is not None:
            raise self._state.fault
        finished = self._finished()
        yield finished
        return finished

    def _drain(self) -> Iterator[Event]:
        """Events until all stages have come to their end, one after the other."""
        ended = 0
        while ended < 3:
            yield from self._left(LOOK_S)
            yield from self._pauses()
            yield from self._progress()
            stage = ([self._reader], self._computers, self._writers)[ended]
            if not self._over.issuperset(stage):
                continue
            if ended == 0:
                with self._state.changed:
                    self._state.reading_done = True
                    self._state.changed.notify_all()
            elif ended == 1:
                for _ in self._writers:
                    self._results.put(None)
            ended += 1
        yield from self._left()

    def _left(self, wait_s: float = 0.0) -> Iterator[Event]:
        """Events that were emitted, after waiting for the first."""
        events = self._state.events
        while True:
            try:
                event = events.get(timeout=wait_s) if wait_s else events.get_nowait()
            except queues.Empty:
                return
            wait_s = 0.0
            if event is None:
                continue
            if self._paused:  # emitted after the pause has ended, so its end comes first
                yield from self._pauses()
            self._count(event)
            yield event

    def _end(self) -> None:
        """Let all threads come to their end; called in whatever way the run ends."""
        state = self._state
        state.closing = True
        with state.changed:
            state.reading_done = True
            state.changed.notify_all()
        for thread in (self._reader, *self._computers):
            thread.join()
        for _ in self._writers:
            self._results.put(None)
        for thread in self._writers:
            thread.join()
        try:
            for job in list(state.in_flight.values()):
                state.queue.waits_again(job.item.id)
                state.dismiss(job)
            self._stages.close()
        except SrganDesktopError as error:
            state.fault = state.fault or error

    def _count(self, event: Event) -> None:
        if isinstance(event, FileStarted):
            with self._throughput_lock:
                self._throughput.begin(event.width * event.height)
        if isinstance(event, FileDone | FileFailed | FileSkipped):
            self._counts[type(event)] += 1
            if isinstance(event, FileDone):
                with self._throughput_lock:
                    self._throughput.add(PIXELS_A_FILE, 1, self._watch.seconds())

    def _progressed(self, pixels: float) -> None:
        with self._throughput_lock:
            self._throughput.add(pixels, 0, self._watch.seconds())

    def _pauses(self) -> Iterator[Event]:
        state = self._state
        # a full disk is told at once; a pause when the tiles in work are done
        alive = len(set(self._computers) - self._over)
        now = bool(state.reason) or (state.control.paused and state.holding >= alive)
        if now == self._paused or state.stopping:
            return
        self._paused = now
        if now:
            self._watch.hold()
            yield Paused(state.reason)
        else:
            self._watch.go_on()
            yield Resumed()

    def _progress(self) -> Iterator[Event]:
        now = time.monotonic()
        if now - self._reported_s < PROGRESS_S or self._paused:
            return
        self._reported_s = now
        counts = self._state.queue.counts()
        ended = sum(self._counts.values())
        with self._state.changed:
            started = [job for job in self._state.in_flight.values() if job.fraction > 0]
            begun = sum((1 - job.fraction) * job.pixels + PIXELS_A_FILE for job in started)
        waiting = self._state.queue.waiting_pixels()
        with self._throughput_lock:
            left = self._throughput.pixels_left(*waiting) + begun
            eta, throughput = self._throughput.seconds_for(left), self._throughput.items_per_s()
        yield BatchProgress(
            self._counts[FileDone],
            self._counts[FileFailed],
            self._counts[FileSkipped],
            ended + counts["waiting"] + counts["working"],
            eta,
            throughput,
        )

    def _finished(self) -> BatchFinished:
        cancelled = self._state.queue.counts()["cancelled"] - self._cancelled_before
        return BatchFinished(
            self._counts[FileDone],
            self._counts[FileFailed],
            self._counts[FileSkipped],
            max(0, cancelled),
            self._watch.seconds(),
        )


def _bytes_allowed() -> int:
    """For pictures on their way: a fifth of what is free, within reason."""
    free = free_memory_bytes()
    return LEAST_BYTES if free is None else int(min(max(free / 5, LEAST_BYTES), MOST_BYTES))
