"""The second stage of a run: the network. One thread for each device."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import NamedTuple

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.errors import (
    DeviceMemoryError,
    NoSpaceError,
    QueueError,
    SrganDesktopError,
)
from srgan_desktop.core.base.events import FileStarted, FileTile
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.jobs import batching
from srgan_desktop.core.jobs import disk_space as room
from srgan_desktop.core.jobs.engines import KeptEngine, ModelFacts, Models, OpenEngine, model_key
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.process import Enlarged, enlarge, explain_failure
from srgan_desktop.core.jobs.state import State, Stopped, WorkItem


class Stages(NamedTuple):
    """What a thread that computes hands on to: results, and word of progress in pixels."""

    written: Callable[[WorkItem], None]
    progressed: Callable[[float], None]


class Computer:
    """Takes pictures that are ready and enlarges them, one by one or small ones together."""

    def __init__(
        self,
        state: State,
        models: Models,
        opener: OpenEngine,
        stages: Stages,
        *,
        group: bool | None = None,
    ) -> None:
        self._state = state
        self._models = models
        self._engine = KeptEngine(opener)
        self._stages = stages
        self._group = group

    def run(self) -> None:
        """Until no more pictures come. Raises Stopped."""
        while (taken := self._state.take_ready()) is not None:
            if isinstance(taken, BatchOptions):
                self._open(taken)
            else:
                self._work(taken)

    def _open(self, options: BatchOptions) -> None:
        try:
            engine = self._engine.for_options(options)
        except SrganDesktopError as error:
            self._models.tell(options, error)
        else:
            self._models.tell(options, ModelFacts(engine.card.name, engine.scale))

    def _work(self, job: WorkItem) -> None:
        try:
            engine = self._engine.for_options(job.options)
            group = [job, *self._companions(job, engine)]
        except SrganDesktopError as error:
            self._fail(job, error)
            return
        if len(group) > 1 and self._upscale_batch(group, engine):
            return
        for each in group:
            self._enlarge_guarded(each, engine)

    # one by one

    def _enlarge_guarded(self, job: WorkItem, engine: Engine) -> None:
        try:
            self._enlarge(job, engine)
        except QueueError:
            raise
        except Stopped:
            self._put_back(job)
            raise
        except Exception as error:  # a fault of ours in one must not stop the rest
            if isinstance(error, DeviceMemoryError | MemoryError):
                # half-used memory would fail the next picture too
                self._engine.forget()
            self._fail(job, error)

    def _enlarge(self, job: WorkItem, engine: Engine) -> None:
        while self._start(job):
            try:
                if not self._tiles(job, engine):
                    self._state.dismiss(job)
            except NoSpaceError as error:
                self._wait_for_space(job, error)
            else:
                return
        self._state.dismiss(job)

    def _start(self, job: WorkItem) -> bool:
        """False: it was withdrawn."""
        info, size = job.plan.info, job.plan.size
        queue = self._state.queue
        if not self._state.persist(
            lambda: queue.started(job.item, (info.width, info.height), size)
        ):
            return False
        self._state.tell(FileStarted(job.source.path, info.width, info.height, *size, job.item.id))
        return True

    def _tiles(self, job: WorkItem, engine: Engine) -> bool:
        """False: it was withdrawn meanwhile."""
        assert job.picture is not None
        began = time.monotonic()
        work = enlarge(job.plan, job.picture, engine, job.job_options, job.item.id)
        held = 0.0
        while True:
            try:
                tile = next(work)
            except StopIteration as stop:
                enlarged: Enlarged = stop.value
                break
            if isinstance(tile, FileTile):
                self._count(job, tile)
            self._state.tell(tile)
            paused = time.monotonic()
            self._state.check_counted()
            held += time.monotonic() - paused
            if self._state.queue.withdrawn(job.item.id):
                work.close()
                return False
        job.seconds += time.monotonic() - began - held
        self._hand_on(job, enlarged)
        return True

    def _count(self, job: WorkItem, tile: FileTile) -> None:
        fraction = tile.done / tile.total
        self._stages.progressed((fraction - job.fraction) * job.pixels)
        job.fraction = fraction

    def _hand_on(self, job: WorkItem, enlarged: Enlarged) -> None:
        job.picture = None
        job.enlarged = enlarged
        self._stages.written(job)

    def _wait_for_space(self, job: WorkItem, error: NoSpaceError) -> None:
        """The result itself has no room in memory or in the cache's folder."""
        folder = places.cache_folder()
        if not room.could_ever_fit(folder, job.bytes):
            raise error
        state = self._state
        job.fraction = 0.0
        state.persist(lambda: state.queue.waits_again(job.item.id))
        state.wait_for_space(str(error), lambda: room.has_space(folder, job.bytes))

    # together

    def _companions(self, job: WorkItem, engine: Engine) -> list[WorkItem]:
        grouping = engine.device != "cpu" if self._group is None else self._group
        picture = job.picture
        if not grouping or picture is None or job.plan.frames > 1:
            return []
        tile = min(job.job_options.tile or engine.tile_side(), engine.tile_side())
        if not batching.can_batch(picture, job.plan.size, engine, tile):
            return []

        def alike(other: WorkItem) -> bool:
            return (
                other.picture is not None
                and other.plan.frames == 1
                and other.picture.alpha is None
                and other.picture.pixels.shape == picture.pixels.shape
                and other.picture.pixels.dtype == picture.pixels.dtype
                and other.plan.size == job.plan.size
                and model_key(other.options) == model_key(job.options)
                and (other.job_options.tile, other.job_options.tta)
                == (job.job_options.tile, job.job_options.tta)
            )

        most = batching.how_many(picture.width, picture.height, engine, tile)
        return self._state.take_alike(alike, most - 1)

    def _upscale_batch(self, group: list[WorkItem], engine: Engine) -> bool:
        """False: there was not enough memory, or the device failed; nothing was done."""
        pictures = [job.picture for job in group if job.picture is not None]
        first = group[0]
        began = time.monotonic()
        try:
            results = batching.upscale_batch(
                pictures, first.plan.size, engine, tta=first.job_options.tta
            )
        except SrganDesktopError:
            return False
        share = (time.monotonic() - began) / len(group)
        for job, picture, pixels in zip(group, pictures, results, strict=True):
            if not self._start(job):
                self._state.dismiss(job)
                continue
            job.seconds += share
            tile = FileTile(job.source.path, 1, 1, job.item.id)
            self._count(job, tile)
            self._state.tell(tile)
            enlarged = dataclasses.replace(picture, pixels=pixels)
            self._hand_on(job, Enlarged(job.plan, enlarged, picture.warnings))
        return True

    # ends

    def _put_back(self, job: WorkItem) -> None:
        self._state.queue.waits_again(job.item.id)
        self._state.dismiss(job)

    def _fail(self, job: WorkItem, error: Exception) -> None:
        state = self._state
        failed = explain_failure(job.source, error, job.item.id)
        state.persist(
            lambda: state.queue.failed(job.item.id, failed.error, failed.kind, job.seconds)
        )
        state.dismiss(job)
        state.tell(failed)
