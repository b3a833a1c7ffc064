"""The second stage of a run: the network. One thread for each device."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.errors import (
    DeviceMemoryError,
    NoSpaceError,
    QueueError,
    SrganDesktopError,
)
from srgan_desktop.core.base.events import FileAdapted, FileStarted, FileTile, drain
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.jobs import batching, disk_space, encode_ahead
from srgan_desktop.core.jobs.engines import Device, Models, model_key
from srgan_desktop.core.jobs.file_steps import Enlarged, enlarge, explain_failure
from srgan_desktop.core.jobs.item import ItemChanged
from srgan_desktop.core.jobs.options import BatchOptions, ModelFacts
from srgan_desktop.core.jobs.staging import Stages
from srgan_desktop.core.jobs.state import State, Stopped, WorkItem
from srgan_desktop.core.upscaling.upscale import PassStarted, TileDone, UpscaleEvent
from srgan_desktop.core.upscaling.upscale_animation import FrameTileDone


class _WithdrawnError(Exception):
    """The item in work was cancelled or removed."""


class NetworkStage:
    """Takes pictures that are ready and enlarges them, one by one or small ones together.

    Args:
        hand_on: takes each result.
        progressed: hears of source pixels that were computed.
        stages: where results are that have no name yet.
        group: whether small pictures of one size share a run of the network; None: not on a
            processor, where that is no faster.
        cpu_tile: tiles on a processor have at most this side in source pixels.
    """

    def __init__(
        self,
        state: State,
        models: Models,
        device: Device,
        hand_on: Callable[[WorkItem], None],
        progressed: Callable[[float], None],
        stages: Stages,
        *,
        group: bool | None = None,
        cpu_tile: int | None = None,
    ) -> None:
        self._state = state
        self._models = models
        self._device = device
        self._hand_on = hand_on
        self._progressed = progressed
        self._stages = stages
        self._group = group
        self._cpu_tile = cpu_tile

    def run(self) -> None:
        """Until no more pictures come. Raises Stopped."""
        while (taken := self._state.take_ready()) is not None:
            if isinstance(taken, BatchOptions):
                self._open(taken)
            else:
                self._work(taken)

    def _open(self, options: BatchOptions) -> None:
        try:
            engine = self._device.open(options)
        except SrganDesktopError as error:
            self._models.publish(options, error)
        else:
            self._models.publish(options, ModelFacts(engine.card.name, engine.scale))

    def _work(self, job: WorkItem) -> None:
        try:
            engine = self._device.open(job.options)
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
            self._state.put_back(job)
            self._state.dismiss(job)
            raise
        except Exception as error:  # a fault of ours in one must not stop the rest
            if isinstance(error, DeviceMemoryError | MemoryError):
                # half-used memory would fail the next picture too
                self._device.forget(engine)
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
        row = self._state.persist(lambda: queue.started(job.item, (info.width, info.height), size))
        if row is None:
            return False
        self._state.emit(FileStarted(job.source.path, info.width, info.height, *size, job.item.id))
        self._state.emit(ItemChanged(row))
        return True

    def _tiles(self, job: WorkItem, engine: Engine) -> bool:
        """False: it was withdrawn meanwhile."""
        assert job.picture is not None
        began = time.monotonic()
        held = 0.0

        def emit(event: FileTile | FileAdapted) -> None:
            nonlocal held
            if isinstance(event, FileTile):
                self._progressed(job.advance(event.done / event.total))
            self._state.emit(event)
            paused = time.monotonic()
            self._state.check_counted()
            held += time.monotonic() - paused
            if self._state.queue.withdrawn(job.item.id):
                raise _WithdrawnError

        def encode(event: UpscaleEvent | FrameTileDone, picture: RasterImage) -> None:
            """While further tiles are computed, where what is there is final."""
            if isinstance(event, PassStarted) and not engine.needs_blending:
                job.ahead = encode_ahead.begin(job.plan, picture, event, self._stages, job.item.id)
            elif isinstance(event, TileDone) and job.ahead is not None:
                job.ahead.finished(event.rect)

        try:
            before = self._device.open_before(job.options)
            limit = self._tile_limit(engine)
            work = enlarge(job.plan, job.picture, engine, job.item.id, limit, before, encode)
            enlarged = drain(work, emit)
        except _WithdrawnError:
            return False
        except BaseException:
            job.stop_ahead()
            raise
        job.seconds += time.monotonic() - began - held
        self._pass_on(job, enlarged)
        return True

    def _tile_limit(self, engine: Engine) -> int | None:
        return self._cpu_tile if engine.device == "cpu" else None

    def _pass_on(self, job: WorkItem, enlarged: Enlarged) -> None:
        job.picture = None
        job.result = enlarged
        self._hand_on(job)

    def _wait_for_space(self, job: WorkItem, error: NoSpaceError) -> None:
        """The result itself has no room in memory or in the cache's folder."""
        folder = places.cache_folder()
        state = self._state
        if not state.patient or not disk_space.could_ever_fit(folder, job.bytes):
            raise error
        job.fraction = 0.0
        state.change(lambda: state.queue.waits_again(job.item.id))
        state.wait_for_space(str(error), lambda: disk_space.has_space(folder, job.bytes))

    # together

    def _companions(self, job: WorkItem, engine: Engine) -> list[WorkItem]:
        grouping = engine.device != "cpu" if self._group is None else self._group
        picture = job.picture
        if (
            not grouping
            or picture is None
            or job.options.before is not None
            or job.plan.frames > 1
            or job.options.chosen_strengths.are_set
        ):
            return []
        limits = (job.options.tile, self._tile_limit(engine), engine.tile_side())
        tile = min(filter(None, limits))
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
                and other.options.before is None
                and model_key(other.options) == model_key(job.options)
                and (other.options.tile, other.options.tta) == (job.options.tile, job.options.tta)
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
                pictures, first.plan.size, engine, tta=first.options.tta
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
            self._progressed(job.advance(1.0))
            self._state.emit(tile)
            enlarged = dataclasses.replace(picture, pixels=pixels)
            self._pass_on(job, Enlarged(job.plan, enlarged, picture.warnings))
        return True

    # ends

    def _fail(self, job: WorkItem, error: Exception) -> None:
        self._state.fail(explain_failure(job.source, error, job.item.id), job.seconds)
        self._state.dismiss(job)
