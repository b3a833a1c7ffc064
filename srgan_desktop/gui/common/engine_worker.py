"""What happens on the device's thread. Nothing of torch is loaded before the first call.

Each function is a generator for a ``Lane``; the room keeps the network between pictures.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srgan_desktop.core.base.errors import DeviceMemoryError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.requests import (
    Cost,
    EngineReady,
    EngineRequest,
    ModelChoice,
    Notice,
    OpenedImage,
    Order,
    Result,
    ResultStarted,
    SpeedMeasured,
    TileFinished,
    UpscaleRequest,
)
from srgan_desktop.gui.common.shown_pixels import ShownCanvas

if TYPE_CHECKING:
    from srgan_desktop.core.engine.engine import Engine
    from srgan_desktop.core.images.image import RasterImage
    from srgan_desktop.core.upscaling.tiling import Rect
    from srgan_desktop.core.upscaling.upscale import TileDone
    from srgan_desktop.core.weights.catalogue import CatalogueEntry
    from srgan_desktop.core.weights.model_file import ModelCard

# small enough to stop soon and to follow the eye; on a GPU larger ones are as quick
CPU_TILE = 320
GPU_TILE = 640
# small enough to see something soon
FIRST_TILE = 160


class EngineWorker:
    """Holds the network used last. Only the device's thread may enter."""

    def __init__(self) -> None:
        self._engine: Engine | None = None
        self._request: EngineRequest | None = None
        self._stamp: int | None = None

    def models(self) -> Generator[None, None, list[ModelChoice]]:
        """The catalogue; loads torch."""
        yield
        from srgan_desktop.core.weights.catalogue import list_models

        return [model_choice(entry) for entry in list_models()]

    def devices(self) -> Generator[None, None, list[tuple[str, str]]]:
        """(name, title) of what there is to compute on."""
        yield
        from srgan_desktop.core.backends.device import available_devices

        return [(device.name, device.title) for device in available_devices()]

    def prepare(self, request: EngineRequest) -> Generator[Any, None, None]:
        """Load the network before it is needed, and see how fast it is."""
        yield
        engine, ready = self._open(request)
        yield ready
        from srgan_desktop.core.jobs.estimate import measure_speed

        yield SpeedMeasured(request, measure_speed(engine) * _context_factor(engine))

    def enlarge(
        self, source: OpenedImage, request: UpscaleRequest, order: Order
    ) -> Generator[Any, None, Result]:
        """One picture, tile by tile.

        Raises what ``open_engine`` and ``upscale_image`` raise.
        """
        engine, ready = self._open(request.engine)
        yield ready
        began = time.monotonic()
        work = self._enlarge(engine, source, request, order)
        try:
            picture, shown = yield from work
        except (MemoryError, DeviceMemoryError):
            # half-used memory would fail the next picture too
            self._engine = self._request = None
            raise
        return Result(source, picture, shown, engine.card.name, time.monotonic() - began)

    def enlarge_piece(
        self, request: EngineRequest, piece: RasterImage
    ) -> Generator[Any, None, RasterImage]:
        """A small picture, as many times larger as the network makes it in one pass.

        Raises what ``open_engine`` and ``upscale_image`` raise.
        """
        engine, _ = self._open(request)
        yield
        from srgan_desktop.core.upscaling.size import TargetSize
        from srgan_desktop.core.upscaling.upscale import UpscaleOptions, upscale_image

        options = UpscaleOptions(TargetSize("scale", engine.scale))
        return (yield from upscale_image(piece, engine, options))

    def _open(self, request: EngineRequest) -> tuple[Engine, EngineReady]:
        from srgan_desktop.core.engine.engine import open_engine
        from srgan_desktop.core.engine.selection import Precision

        stamp = _stamp_of(request)
        # a file that has gone is no reason to stop: its network is in memory
        rewritten = stamp is not None and stamp != self._stamp
        if self._engine is None or request != self._request or rewritten:
            self._engine = None  # two at a time may not fit
            precision: Precision = request.precision  # type: ignore[assignment]
            self._engine = open_engine(
                request.model, request.device, precision, detail=request.detail
            )
            self._request, self._stamp = request, stamp
        engine = self._engine
        name = engine.card.name or request.model.stem
        return engine, EngineReady(
            request, engine, name, engine.scale, engine.way, tuple(engine.warnings)
        )

    def _enlarge(
        self, engine: Engine, source: OpenedImage, request: UpscaleRequest, order: Order
    ) -> Generator[Any, None, Any]:
        from srgan_desktop.core.upscaling.upscale import (
            PassStarted,
            TileDone,
            UpscaleOptions,
            UpscaleWarning,
            upscale_image,
        )

        def turn(rect: Rect) -> float:
            return order(rect.x, rect.y, rect.width, rect.height)

        icc = source.picture.metadata.icc
        tile = request.tile or interactive_tile(engine)
        options = UpscaleOptions(request.size, tile, request.tta, turn, min(tile, FIRST_TILE))
        events = upscale_image(source.picture, engine, options)
        shown: ShownCanvas | None = None
        try:
            while True:
                try:
                    event = next(events)
                except StopIteration as stop:
                    assert shown is not None
                    return stop.value, shown.pixels
                if isinstance(event, PassStarted):
                    if event.index == event.count - 1:
                        shown = ShownCanvas(event.pixels, event.alpha, icc)
                        yield ResultStarted(shown.pixels, event.tiles)
                elif isinstance(event, TileDone):
                    yield _finished_tile(event, shown)
                elif isinstance(event, UpscaleWarning):
                    yield Notice(event.message)
        finally:
            events.close()


def interactive_tile(engine: Engine) -> int:
    """Side of a tile in source pixels, for work that is watched."""
    wanted = CPU_TILE if engine.device == "cpu" else GPU_TILE
    return min(wanted, engine.tile_side())


def _finished_tile(event: TileDone, shown: ShownCanvas | None) -> TileFinished:
    if shown is None:
        return TileFinished(None, event.done, event.total)
    rect = event.rect
    shown.take(rect)
    return TileFinished((rect.x, rect.y, rect.width, rect.height), event.done, event.total)


def model_choice(entry: CatalogueEntry) -> ModelChoice:
    """A line of the catalogue as the pages know it."""
    card = entry.card
    if card is None:
        return ModelChoice(entry.name, entry.name, "", entry.path, 0, entry.problem)
    partner = _partner(entry.path, card)
    return ModelChoice(
        entry.name,
        card.title or entry.name,
        card.description,
        entry.path,
        card.scale,
        entry.problem,
        partner is not None,
        f"{card.weights_sha256 or _stamp(entry.path)} {_stamp(partner)}",
    )


def _partner(path: Path, card: ModelCard) -> Path | None:
    """Its smooth partner's file, where that is there."""
    from srgan_desktop.core.base.errors import UsageError
    from srgan_desktop.core.weights.interpolate import find_partner

    try:
        return find_partner(path, card)
    except UsageError:
        return None


def _stamp(path: Path | None) -> str:
    """Another one whenever the file is another."""
    try:
        return "" if path is None else f"{path.name} {path.stat().st_mtime_ns}"
    except OSError:
        return ""


def _stamp_of(request: EngineRequest) -> int | None:
    """When the model file was written last; None where it is not there (any more)."""
    try:
        return request.model.stat().st_mtime_ns
    except OSError:
        return None


def _context_factor(engine: Engine) -> float:
    """How much more is computed than is kept, for the context of the tiles."""
    tile = interactive_tile(engine)
    return ((tile + 2 * engine.overlap) / tile) ** 2


def cost(
    engine: Engine, path: Path, request: UpscaleRequest, seconds_per_pixel: float | None
) -> Generator[None, None, Cost]:
    """What an enlargement would take. For the files' thread: it only reads facts off the engine."""
    yield
    from srgan_desktop.core.base.events import FileFailed, Planned
    from srgan_desktop.core.jobs.estimate import plan_files
    from srgan_desktop.core.jobs.plan import JobOptions
    from srgan_desktop.core.jobs.sources import Source

    options = JobOptions(
        request.size, tile=request.tile or interactive_tile(engine), tta=request.tta
    )
    for event in plan_files([Source(path)], engine, options, seconds_per_pixel or 0.0):
        if isinstance(event, Planned):
            size = (event.out_width, event.out_height)
            seconds = None if seconds_per_pixel is None else event.seconds
            return Cost(size, seconds, event.memory_bytes, event.disk_bytes)
        if isinstance(event, FileFailed):
            return Cost((0, 0), None, 0, 0, event.error)
    return Cost((0, 0), None, 0, 0, tr("the cost cannot be told"))
