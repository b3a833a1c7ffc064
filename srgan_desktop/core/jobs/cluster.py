"""Computing on the workers of a Dask cluster, on storage that all of them see.

A run as any other: the same reader, writer and queue. Only instead of a network there is
``ClusterStage``, which gives each picture to a worker as a task. Workers read the sources
themselves and write into hidden folders beside the results' places; only this process gives
results their names. So a picture whose worker is lost is simply given to another, and whatever a
lost worker left goes with its folder.
"""

from __future__ import annotations

import contextlib
import importlib
import math
import queue as queues
import secrets
from collections.abc import Generator
from pathlib import Path
from typing import Any, NamedTuple

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import (
    DeviceError,
    FileError,
    ImageWriteError,
    QueueError,
    SrganDesktopError,
    UsageError,
)
from srgan_desktop.core.base.events import BatchFinished, Event, FileFailed, FileStarted, FileTile
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.io import probe
from srgan_desktop.core.jobs import disk_space
from srgan_desktop.core.jobs.cluster_task import TOPIC, Answer, Task, model_facts, work
from srgan_desktop.core.jobs.cluster_task import Where as Where  # noqa: PLC0414 - passed on
from srgan_desktop.core.jobs.control import Control
from srgan_desktop.core.jobs.file_steps import explain_failure
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.queue import Queue
from srgan_desktop.core.jobs.runner import SPACE_CHECK_S, PipelineContext, run_pipeline
from srgan_desktop.core.jobs.state import MemoryBudget, Staged, State, Stopped, WorkItem

CONNECT_S = 10.0
LOOK_S = 0.2
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
        QueueError, NoSpaceError: the queue's own file fails.
    """
    client = _connect(address)
    try:
        state = State(queue, control or Control(), MemoryBudget(1, math.inf), SPACE_CHECK_S)

        def computers(line: PipelineContext) -> list[ClusterStage]:
            return [ClusterStage(state, line, client, where or Where())]

        return (yield from run_pipeline(state, computers, decode=False))
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


class _Sent(NamedTuple):
    """A picture that a worker has or waits for."""

    job: WorkItem
    future: Any
    stage: Path


class ClusterStage:
    """Stands where a ``Computer`` does, for all workers of a cluster together."""

    def __init__(self, state: State, line: PipelineContext, client: Any, where: Where) -> None:
        self._state = state
        self._line = line
        self._client = client
        self._where = where
        self._sent: dict[int, _Sent] = {}
        self._news: queues.Queue[Any] = queues.Queue()
        self._run = secrets.token_hex(4)

    def run(self) -> None:
        """Until no more pictures come. Raises Stopped."""
        self._client.subscribe_topic(TOPIC, self._news.put)
        try:
            while self._sent or not self._state.nothing_comes:
                self._turn()
        finally:
            self._end()

    def _turn(self) -> None:
        state = self._state
        if state.stopping:
            raise Stopped
        # as much as keeps all workers busy, no more: the rest may still be changed
        state.memory.most = 2 * max(1, sum(self._client.nthreads().values()))
        if state.on_hold:
            with state.counted_as_holding():  # what the workers have goes on
                self._hear()
        else:
            self._send_ready()
            self._hear()
        self._drop_withdrawn()

    # to the workers

    def _send_ready(self) -> None:
        while (taken := self._state.take_ready_now()) is not None:
            if isinstance(taken, BatchOptions):
                self._open(taken)
                continue
            try:
                self._send(taken)
            except QueueError:
                raise
            except OSError as error:
                self._refused(taken, error)

    def _refused(self, job: WorkItem, error: OSError) -> None:
        """There can be no folder for its unfinished result."""
        refused = ImageWriteError(job.plan.wanted, atomic.explain(error))
        if disk_space.is_full_disk(error):
            self._wait_for_space(job, str(refused))
        else:
            self._fail(job, explain_failure(job.source, refused, job.item.id))

    def _open(self, options: BatchOptions) -> None:
        options = options.absolute()
        try:
            facts = self._client.submit(model_facts, options, self._where, pure=False).result()
        except SrganDesktopError as error:
            self._line.models.publish(options, error)
        except Exception as error:  # of the cluster
            failed = DeviceError(tr("the cluster's workers failed: {reason}", reason=_short(error)))
            self._line.models.publish(options, failed)
        else:
            self._line.models.publish(options, facts)

    def _send(self, job: WorkItem) -> None:
        state, plan, item = self._state, job.plan, job.item
        size = (plan.info.width, plan.info.height)
        started = FileStarted(item.source, *size, *plan.size, item.id)
        stage = job.held.enter_context(self._line.stages.within(plan.wanted.parent))
        if not state.change(lambda: state.queue.started(item, size, plan.size), started):
            state.dismiss(job)
            return
        task = Task(item.id, plan.source.absolute(), job.options.absolute(), self._where, stage)
        key = f"srgan-desktop-{self._run}-{item.id}-{secrets.token_hex(4)}"
        future = self._client.submit(work, task, key=key, pure=False, retries=RETRIES)
        future.add_done_callback(lambda done: self._news.put((item.id, done)))
        self._sent[item.id] = _Sent(job, future, stage)

    # from the workers

    def _hear(self) -> None:
        """What has come, after waiting a little for the first."""
        wait_s = LOOK_S
        while True:
            try:
                news = self._news.get(timeout=wait_s) if wait_s else self._news.get_nowait()
            except queues.Empty:
                return
            wait_s = 0.0
            number, update = news
            if isinstance(update, dict):
                self._tile(update)
            elif number in self._sent and self._sent[number].future is update:
                self._answered(self._sent.pop(number))

    def _tile(self, update: dict[str, int]) -> None:
        sent = self._sent.get(update["item"])
        if sent is not None:
            item = sent.job.item
            self._line.progressed(sent.job.advance(update["done"] / update["total"]))
            self._state.emit(FileTile(item.source, update["done"], update["total"], item.id))

    def _answered(self, sent: _Sent) -> None:
        job, item = sent.job, sent.job.item
        if self._state.queue.withdrawn(item.id):
            self._state.dismiss(job)
            return
        try:
            answer: Answer = sent.future.result()
        except Exception as error:  # of the cluster: workers died, or cannot load our code
            message = tr(
                "{path}: the cluster's workers failed: {reason}",
                path=item.source,
                reason=_short(error),
            )
            self._fail(job, FileFailed(item.source, message, "cluster", item.id))
            return
        job.seconds += answer.seconds
        if answer.disk_full:
            self._wait_for_space(job, answer.error)
        elif answer.staged is None:
            self._fail(job, FileFailed(item.source, answer.error, answer.kind, item.id))
        elif not is_result(answer.staged, sent.stage, job.plan.size):
            message = tr("{path}: a worker gave a file that is not the result", path=item.source)
            self._fail(job, FileFailed(item.source, message, "cluster", item.id))
        else:
            self._line.progressed(job.advance(1.0))
            job.result = Staged(answer.staged, answer.warnings)
            self._line.hand_on(job)

    def _wait_for_space(self, job: WorkItem, reason: str) -> None:
        """The item waits again, and so does everything else. Raises Stopped."""
        state, folder = self._state, job.plan.wanted.parent
        size = job.plan.size[0] * job.plan.size[1]
        state.change(lambda: state.queue.waits_again(job.item.id))
        state.wait_for_space(reason, lambda: disk_space.has_space(folder, size))
        state.dismiss(job)

    def _fail(self, job: WorkItem, failed: FileFailed) -> None:
        self._state.fail(failed, job.seconds)
        self._state.dismiss(job)

    def _drop_withdrawn(self) -> None:
        for number in [n for n in self._sent if self._state.queue.withdrawn(n)]:
            sent = self._sent.pop(number)
            sent.future.cancel()
            self._state.dismiss(sent.job)

    def _end(self) -> None:
        """What the workers have is called off; the run lets it wait again."""
        with contextlib.suppress(Exception):
            self._client.unsubscribe_topic(TOPIC)
        for sent in self._sent.values():
            with contextlib.suppress(Exception):
                sent.future.cancel()
        self._sent.clear()


def is_result(staged: Path, stage: Path, size: tuple[int, int]) -> bool:
    """Whether a worker's file lies where it was asked for, and is a picture of that size."""
    if staged.parent != stage or staged.is_symlink() or not staged.is_file():
        return False
    try:
        info = probe(staged)
    except FileError:
        return False
    return sorted((info.width, info.height)) == sorted(size)


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
