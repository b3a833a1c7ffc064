"""A queue worked off by the workers of a Dask cluster, on storage that all of them see.

Each picture is a task. Workers write into hidden folders beside the results' places; only this
process gives results their names. So a picture whose worker is lost is simply given to another,
and whatever a lost worker left goes with its folder.
"""

from __future__ import annotations

import contextlib
import importlib
import queue as queues
import secrets
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import (
    ImageWriteError,
    QueueError,
    SrganDesktopError,
    UsageError,
)
from srgan_desktop.core.base.events import (
    BatchFinished,
    BatchProgress,
    Event,
    FileDone,
    FileFailed,
    FileSkipped,
    FileStarted,
    FileTile,
    Paused,
    Resumed,
)
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.io import free_target
from srgan_desktop.core.jobs import disk_space as room
from srgan_desktop.core.jobs.cluster_task import TOPIC, Answer, Task, Where, model_facts, work
from srgan_desktop.core.jobs.control import Control
from srgan_desktop.core.jobs.engines import ModelFacts, model_key
from srgan_desktop.core.jobs.item import Item
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.pace import Pace, Stopwatch
from srgan_desktop.core.jobs.plan import make_folder, plan_source
from srgan_desktop.core.jobs.process import explain_failure
from srgan_desktop.core.jobs.queue import Queue
from srgan_desktop.core.jobs.reader import Guard
from srgan_desktop.core.jobs.sources import Source
from srgan_desktop.core.jobs.staging import Stages, publish
from srgan_desktop.core.jobs.state import WorkItem

CONNECT_S = 10.0
LOOK_S = 0.2
PROGRESS_S = 0.5
SPACE_CHECK_S = 3.0
# a picture that ends so many workers is at fault itself
RETRIES = 3


def run_on_cluster(
    queue: Queue, address: str, control: Control | None = None, where: Where | None = None
) -> Generator[Event, None, BatchFinished]:
    """As ``run_queue``, but the workers of the cluster whose scheduler is at ``address`` compute.

    Sources, the folders for results and model files must have the same paths for all workers; a
    model may also be one of the catalogue, where every worker has it.

    Args:
        where: how each worker computes.

    Raises:
        UsageError: the package ``distributed`` is not installed, or no cluster answers.
        QueueError, NoRoomError: the queue's own file fails.
    """
    client = _connect(address)
    try:
        run = _ClusterRun(queue, client, control or Control(), where or Where())
        return (yield from run.events())
    finally:
        client.close()


def _connect(address: str) -> Any:
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError as error:
        raise UsageError(
            tr("a cluster needs the package distributed: pip install 'srgan-desktop[cluster]'")
        ) from error
    try:
        client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UsageError(
            tr("{address}: no cluster answers there ({reason})", address=address, reason=reason)
        ) from error
    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
    except (OSError, TimeoutError) as error:
        client.close()
        raise UsageError(
            tr(
                "{address}: the cluster has no workers; start some with: dask worker",
                address=address,
            )
        ) from error
    return client


@dataclass
class _Sent:
    """A picture that a worker has or waits for; ``held`` keeps its stage."""

    job: WorkItem
    future: Any
    held: ExitStack


class _ClusterRun:
    def __init__(self, queue: Queue, client: Any, control: Control, where: Where) -> None:
        self._queue = queue
        self._client = client
        self._control = control
        self._where = where
        self._stages = Stages(queue)
        self._guard = Guard(queue)
        self._facts: dict[tuple[str, float | None], ModelFacts | SrganDesktopError] = {}
        self._sent: dict[int, _Sent] = {}
        self._news: queues.Queue[Any] = queues.Queue()
        self._counts = {FileDone: 0, FileFailed: 0, FileSkipped: 0}
        self._cancelled_before = queue.counts()["cancelled"]
        self._watch, self._pace = Stopwatch(), Pace()
        self._told_s = 0.0
        self._run = secrets.token_hex(4)

    def events(self) -> Generator[Event, None, BatchFinished]:
        self._client.subscribe_topic(TOPIC, self._news.put)
        try:
            for event in self._work_off():
                if isinstance(event, FileDone | FileFailed | FileSkipped):
                    self._counts[type(event)] += 1
                yield event
        finally:
            self._end()
        cancelled = self._queue.counts()["cancelled"] - self._cancelled_before
        finished = BatchFinished(
            self._counts[FileDone],
            self._counts[FileFailed],
            self._counts[FileSkipped],
            max(0, cancelled),
            self._watch.seconds(),
        )
        yield finished
        return finished

    def _work_off(self) -> Iterator[Event]:
        while not self._control.stopped:
            if self._control.paused:
                yield from self._pause()
            else:
                yield from self._send()
            if not self._sent and self._queue.next_waiting() is None:
                return
            yield from self._hear()
            self._drop_withdrawn()
            yield from self._progress()

    def _pause(self) -> Iterator[Event]:
        """What the workers have goes on; nothing more is sent."""
        self._watch.hold()
        yield Paused("")
        while self._control.paused and not self._control.stopped:
            yield from self._hear()
            self._control.wait(LOOK_S)
        self._watch.go_on()
        yield Resumed()

    # to the workers

    def _send(self) -> Iterator[Event]:
        """As much as keeps all workers busy, no more: the rest may still be changed."""
        most = 2 * max(1, sum(self._client.nthreads().values()))
        while len(self._sent) < most and not self._control.stopped:
            item = self._queue.next_waiting(set(self._sent))
            if item is None:
                return
            source = Source(item.source, item.folder, named=False)
            try:
                job = self._planned(item, source)
                if any(job.plan.wanted == other.job.plan.wanted for other in self._sent.values()):
                    return  # its result's name depends on what the other gets
                yield from self._send_one(job)
            except QueueError:
                raise
            except Exception as error:  # the rest must still be done
                yield self._failed(item.id, explain_failure(source, error, item.id), None)

    def _planned(self, item: Item, source: Source) -> WorkItem:
        options = self._queue.options(item.options).absolute()
        facts = self._model_facts(options)
        job_options = options.job_options(facts.scale)
        source = Source(source.path.absolute(), source.folder, named=False)
        plan = plan_source(source, facts.name, job_options)
        return WorkItem(item, options, job_options, plan, 0)

    def _model_facts(self, options: BatchOptions) -> ModelFacts:
        key = model_key(options)
        if key not in self._facts:
            try:
                asked = self._client.submit(model_facts, options, self._where, pure=False)
                self._facts[key] = asked.result()
            except SrganDesktopError as error:
                self._facts[key] = error
        facts = self._facts[key]
        if isinstance(facts, SrganDesktopError):
            raise facts
        return facts

    def _send_one(self, job: WorkItem) -> Iterator[Event]:
        plan, item = job.plan, job.item
        self._guard.check(job)
        if free_target(plan.wanted, job.job_options.existing) is None:
            self._queue.skipped(item.id, plan.wanted)
            yield FileSkipped(item.source, plan.wanted, item.id)
            return
        make_folder(plan.wanted.parent)
        size = (plan.info.width, plan.info.height)
        if not self._queue.started(item, size, plan.size):
            return
        held = ExitStack()
        stage = held.enter_context(self._stages.within(plan.wanted.parent))
        task = Task(item.id, plan.source, job.options, self._where, stage)
        attempt = secrets.token_hex(4)
        future = self._client.submit(
            work, task, key=f"srgan-desktop-{self._run}-{item.id}-{attempt}", pure=False,
            retries=RETRIES,
        )  # fmt: skip
        future.add_done_callback(lambda done: self._news.put((item.id, done)))
        self._sent[item.id] = _Sent(job, future, held)
        self._pace.begin(size[0] * size[1])
        yield FileStarted(item.source, *size, *plan.size, item.id)

    # from the workers

    def _hear(self) -> Iterator[Event]:
        """What has come, after waiting a little for the first."""
        wait_s = LOOK_S
        while True:
            try:
                news = self._news.get(timeout=wait_s) if wait_s else self._news.get_nowait()
            except queues.Empty:
                return
            wait_s = 0.0
            number, told = news
            if isinstance(told, dict):
                yield from self._tile(told)
            elif number in self._sent and self._sent[number].future is told:
                yield from self._answered(self._sent.pop(number))

    def _tile(self, told: dict[str, int]) -> Iterator[Event]:
        sent = self._sent.get(told["item"])
        if sent is not None:
            item = sent.job.item
            yield FileTile(item.source, told["done"], told["total"], item.id)

    def _answered(self, sent: _Sent) -> Iterator[Event]:
        job = sent.job
        with sent.held:
            if self._queue.withdrawn(job.item.id):
                return
            try:
                answer: Answer = sent.future.result()
                if answer.disk_full:
                    yield from self._wait_for_space(job, answer.error)
                elif answer.staged is None:
                    failed = FileFailed(job.item.source, answer.error, answer.kind, job.item.id)
                    yield self._failed(job.item.id, failed, answer.seconds)
                else:
                    yield from self._publish(job, answer, answer.staged)
            except QueueError:
                raise
            except SrganDesktopError as error:
                failed = explain_failure(job.source, error, job.item.id)
                yield self._failed(job.item.id, failed, None)
            except Exception as error:  # of the cluster: workers died, or cannot load our code
                message = tr(
                    "{path}: the cluster's workers failed: {reason}",
                    path=job.item.source,
                    reason=f"{type(error).__name__}: {' '.join(str(error).split())[:200]}",
                )
                failed = FileFailed(job.item.source, message, "cluster", job.item.id)
                yield self._failed(job.item.id, failed, None)

    def _publish(self, job: WorkItem, answer: Answer, staged: Path) -> Iterator[Event]:
        item, wanted = job.item, job.plan.wanted
        try:
            target, published = publish(
                self._queue, item.id, staged, wanted, job.job_options.existing
            )
        except OSError as error:
            raise ImageWriteError(wanted, atomic.explain(error)) from error
        if published and target is not None:
            self._queue.finished(item.id, target, answer.seconds)
            self._pace.add(job.pixels, 1, self._watch.seconds())
            yield FileDone(item.source, target, answer.seconds, answer.warnings, item.id)
        elif target is not None:
            self._queue.skipped(item.id, target)
            yield FileSkipped(item.source, target, item.id)

    def _wait_for_space(self, job: WorkItem, reason: str) -> Iterator[Event]:
        """The item waits again, and so does everything else."""
        self._queue.waits_again(job.item.id)
        self._watch.hold()
        yield Paused(reason)
        folder = job.plan.wanted.parent
        size = job.plan.size[0] * job.plan.size[1]
        while not self._control.stopped:
            self._sleep(SPACE_CHECK_S)
            if room.has_space(folder, size):
                break
        self._watch.go_on()
        yield Resumed()

    def _sleep(self, seconds: float) -> None:
        """Less where somebody says to go on or to stop."""
        resumes, until = self._control.resumes, time.monotonic() + seconds
        while time.monotonic() < until and self._control.resumes == resumes:
            if self._control.stopped:
                return
            self._control.wait(LOOK_S)

    def _failed(self, item: int, failed: FileFailed, seconds: float | None) -> FileFailed:
        self._queue.failed(item, failed.error, failed.kind, seconds)
        return failed

    def _drop_withdrawn(self) -> None:
        for number in [n for n in self._sent if self._queue.withdrawn(n)]:
            sent = self._sent.pop(number)
            sent.future.cancel()
            sent.held.close()

    def _progress(self) -> Iterator[Event]:
        now = time.monotonic()
        if now - self._told_s < PROGRESS_S:
            return
        self._told_s = now
        counts = self._queue.counts()
        sent = sum(each.job.pixels for each in self._sent.values())
        left = self._pace.pixels_left(*self._queue.waiting_pixels()) + sent
        yield BatchProgress(
            self._counts[FileDone],
            self._counts[FileFailed],
            self._counts[FileSkipped],
            sum(self._counts.values()) + counts["waiting"] + counts["working"],
            self._pace.seconds_for(left),
            self._pace.items_per_s(),
        )

    def _end(self) -> None:
        with contextlib.suppress(Exception):
            self._client.unsubscribe_topic(TOPIC)
        for number, sent in self._sent.items():
            with contextlib.suppress(Exception):
                sent.future.cancel()
            sent.held.close()
            self._queue.waits_again(number)
        self._sent.clear()
        self._stages.close()
