"""The first stage of a run: what is next, what becomes of it, and its pixels."""

from __future__ import annotations

import math
import time

from srgan_desktop.core.base.errors import ImageWriteError, QueueError
from srgan_desktop.core.base.events import FileSkipped
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.canvas import IN_MEMORY_BYTES
from srgan_desktop.core.images.io import free_target
from srgan_desktop.core.jobs.engines import ModelFacts, Models
from srgan_desktop.core.jobs.item import Item
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.plan import Plan, file_id, plan_source
from srgan_desktop.core.jobs.process import explain_failure, read_source
from srgan_desktop.core.jobs.queue import Queue
from srgan_desktop.core.jobs.sources import Source
from srgan_desktop.core.jobs.state import LOOK_S, State, Stopped, WorkItem


class Reader:
    """Takes items off the queue in their order and decodes ahead of the network."""

    def __init__(self, state: State, models: Models) -> None:
        self._state = state
        self._models = models
        self._guard = Guard(state.queue)

    def run(self) -> None:
        """Until nothing waits and nothing is on its way. Raises Stopped."""
        state = self._state
        while True:
            state.check()
            with state.changed:
                passed_over = set(state.in_flight)
            item = state.queue.next_waiting(passed_over)
            if item is not None:
                self._read(item)
            elif state.is_idle():
                return
            else:
                with state.changed:
                    state.changed.wait(LOOK_S)

    def _read(self, item: Item) -> None:
        source = Source(item.source, item.folder, named=False)
        job = None
        began = time.monotonic()
        try:
            job = self._planned(item, source)
            if job is None:
                return
            waited = time.monotonic()
            self._state.admit(job)
            waited = time.monotonic() - waited
            if self._is_settled(job):
                return
            job.picture = read_source(job.plan, job.job_options)
            job.seconds = time.monotonic() - began - waited
            self._state.put_ready(job)
        except (Stopped, QueueError):
            raise
        except Exception as error:  # a fault of ours in one must not stop the rest
            self._fail(item, source, error, job)

    def _planned(self, item: Item, source: Source) -> WorkItem | None:
        options = self._state.queue.options(item.options)
        facts = self._facts(options)
        job_options = options.job_options(facts.scale)
        plan = plan_source(source, facts.name, job_options)
        return WorkItem(item, options, job_options, plan, _bytes_in_memory(plan))

    def _is_settled(self, job: WorkItem) -> bool:
        """Whether nothing is to be computed. Only now are all earlier results in their places."""
        state = self._state
        wanted = job.plan.wanted
        self._guard.check(job)
        if free_target(wanted, job.job_options.existing) is not None:
            return False
        state.persist(lambda: state.queue.skipped(job.item.id, wanted))
        state.dismiss(job)
        state.tell(FileSkipped(job.source.path, wanted, job.item.id))
        return True

    def _facts(self, options: BatchOptions) -> ModelFacts:
        """Of the options' model; a thread that computes opens it. Raises what opening it raises."""
        facts = self._models.facts(options)
        if facts is None:
            self._state.put_ready(options)
        while facts is None:
            self._state.check()
            self._models.wait(LOOK_S)
            facts = self._models.facts(options)
        if isinstance(facts, Exception):
            raise facts
        return facts

    def _fail(self, item: Item, source: Source, error: Exception, job: WorkItem | None) -> None:
        state = self._state
        failed = explain_failure(source, error, item.id)
        state.persist(lambda: state.queue.failed(item.id, failed.error, failed.kind))
        if job is not None:
            state.dismiss(job)
        state.tell(failed)


class Guard:
    """Keeps a run from losing sources and results under "overwrite" and "skip"."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._last = 0
        self._sources: set[tuple[int, int]] = set()

    def check(self, job: WorkItem) -> None:
        """Raises PictureWriteError: the result would take the place of a source or a result."""
        existing, wanted = job.job_options.existing, job.plan.wanted
        if existing == "rename":
            return
        if existing == "overwrite" and file_id(wanted) in self._all_sources():
            raise ImageWriteError(
                wanted, tr("is itself one of the sources; choose another name or folder")
            )
        if self._queue.owner_of(wanted, job.item) is not None:
            raise ImageWriteError(
                wanted,
                tr(
                    "{source} would get the same name as another result; choose another --name, "
                    "or --existing rename",
                    source=job.source.path,
                ),
            )

    def _all_sources(self) -> set[tuple[int, int]]:
        for number, path in self._queue.sources_after(self._last):
            self._last = number
            key = file_id(path)
            if key is not None:
                self._sources.add(key)
        return self._sources


def _bytes_in_memory(plan: Plan) -> int:
    """Of source and result; large results lie in a file, but the system keeps pages of it."""
    info = plan.info
    sample = info.depth // 8 * (info.channels + info.has_alpha)
    result = sample * math.prod(plan.size) * plan.frames
    # an encoder may hold the result once more
    return sample * info.width * info.height + min(2 * result, result + IN_MEMORY_BYTES)
