"""The first stage of a run: what is next, what becomes of it, and its pixels."""

from __future__ import annotations

import math
import time
from pathlib import Path

from srgan_desktop.core.base.errors import ImageWriteError, QueueError
from srgan_desktop.core.base.events import FileSkipped
from srgan_desktop.core.images.canvas import IN_MEMORY_BYTES
from srgan_desktop.core.images.io import free_target
from srgan_desktop.core.jobs import disk_space
from srgan_desktop.core.jobs.engines import Models
from srgan_desktop.core.jobs.file_steps import explain_failure, read_source
from srgan_desktop.core.jobs.item import Item
from srgan_desktop.core.jobs.options import BatchOptions, ModelFacts
from srgan_desktop.core.jobs.plan import Plan, TargetGuard, make_folder, plan_source
from srgan_desktop.core.jobs.sources import Source
from srgan_desktop.core.jobs.state import LOOK_S, State, Stopped, WorkItem


class Reader:
    """Takes items off the queue in their order and decodes ahead of the network.

    Args:
        decode: whether those that compute want pixels; else they read the sources themselves.
    """

    def __init__(self, state: State, models: Models, *, decode: bool = True) -> None:
        self._state = state
        self._models = models
        self._decode = decode
        self._last_source = 0
        self._guard = TargetGuard(self._new_sources)
        self._began = time.time()

    def run(self) -> None:
        """Until nothing waits and nothing is on its way. Raises Stopped."""
        state = self._state
        while True:
            state.check()
            state.wait_for_turn()
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
            waited = time.monotonic()
            self._state.admit(job)
            waited = time.monotonic() - waited
            if self._is_settled(job):
                return
            if self._decode:
                job.picture = read_source(job.plan)
            else:
                make_folder(job.plan.wanted.parent)
            job.seconds = time.monotonic() - began - waited
            self._state.put_ready(job)
        except (Stopped, QueueError):
            raise
        except Exception as error:  # a fault of ours in one must not stop the rest
            if job is not None and self._is_patient_with(error):
                self._wait_for_space(job, error)
                return
            self._state.fail(explain_failure(source, error, item.id))
            if job is not None:
                self._state.dismiss(job)

    def _is_patient_with(self, error: Exception) -> bool:
        """Whether only the result's folder had no room; what failed otherwise stays so."""
        return (
            self._state.patient
            and isinstance(error, ImageWriteError)
            and disk_space.is_full_disk(error)
        )

    def _wait_for_space(self, job: WorkItem, error: Exception) -> None:
        """Its row waits as before, so it is taken again in its turn. Raises Stopped."""
        folder = job.plan.wanted.parent
        self._state.dismiss(job)
        # for a folder; room for the result itself is the writer's business
        self._state.wait_for_space(str(error), lambda: disk_space.has_space(folder, 0))

    def _planned(self, item: Item, source: Source) -> WorkItem:
        options = self._state.queue.options(item.options)
        plan = plan_source(source, self._facts(options), options)
        return WorkItem(item, plan, _bytes_in_memory(plan) if self._decode else 0)

    def _is_settled(self, job: WorkItem) -> bool:
        """Whether nothing is to be computed. Only now are all earlier results in their places."""
        state, number = self._state, job.item.id
        wanted, existing = job.plan.wanted, job.options.existing
        owner = state.queue.owner_of(wanted, job.item, existing, self._since(job.item))
        self._guard.check(job.plan, owner)
        if free_target(wanted, existing) is not None:
            return False
        skipped = FileSkipped(job.source.path, wanted, number)
        state.change(lambda: state.queue.skipped(number, wanted), skipped)
        state.dismiss(job)
        return True

    def _since(self, item: Item) -> float:
        """From when on another's result is none of another day, which may be written over.

        What was done while the item waited for its first turn is none, be it in a run before.
        """
        return self._began if item.attempts else min(self._began, item.added)

    def _new_sources(self) -> list[Path]:
        found = self._state.queue.sources_after(self._last_source)
        if found:
            self._last_source = found[-1][0]
        return [path for _, path in found]

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


def _bytes_in_memory(plan: Plan) -> int:
    """Of source and result; large results lie in a file, but the system keeps pages of it."""
    info = plan.info
    sample = info.depth // 8 * (info.channels + info.has_alpha)
    result = sample * math.prod(plan.size) * plan.frames
    # an encoder may hold the result once more
    return sample * info.width * info.height + min(2 * result, result + IN_MEMORY_BYTES)
