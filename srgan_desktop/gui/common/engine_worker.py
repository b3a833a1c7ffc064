"""What happens on the device's thread. Nothing of torch is loaded before the first call.

Each function is a generator for a ``Lane``; the worker keeps the network between pictures.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srgan_desktop.core.base.errors import DeviceMemoryError
from srgan_desktop.core.base.events import relay
from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common import known_models
from srgan_desktop.gui.common.requests import (
    Cost,
    EngineReady,
    EngineRequest,
    ModelChoice,
    Notice,
    OpenedImage,
    Order,
    PictureJudged,
    Result,
    ResultStarted,
    SpeedMeasured,
    TileFinished,
    UpscaleRequest,
)
from srgan_desktop.gui.common.shown_pixels import ShownCanvas

if TYPE_CHECKING:
    from srgan_desktop.core.engine.cache import EngineCache
    from srgan_desktop.core.engine.engine import Engine
    from srgan_desktop.core.images.image import RasterImage
    from srgan_desktop.core.networks.strengths import Strengths
    from srgan_desktop.core.upscaling.tiling import Rect
    from srgan_desktop.core.upscaling.unfinished import Unfinished
    from srgan_desktop.core.upscaling.upscale import TileDone
    from srgan_desktop.core.weights.catalogue import CatalogueEntry
    from srgan_desktop.core.weights.model_file import ModelCard

# small enough to stop soon and to follow the eye; on a GPU larger ones are as quick
CPU_TILE = 320
GPU_TILE = 640
# small enough to see something soon: of 12 megapixels on two cores 1.1 s after the drop, with 160
# 1.6 s. The quarter it comes from costs some more context, about a fifth of a tile in all.
FIRST_TILE = 140


class EngineWorker:
    """Work with the networks of ``engines``. Only the device's thread may enter."""

    def __init__(self, engines: EngineCache) -> None:
        self._engines = engines

    def models(self) -> Generator[None, None, list[ModelChoice]]:
        """The catalogue; loads torch where it is another than the last time."""
        yield
        state = known_models.state()
        choices = known_models.known_choices(state)
        if choices is None:
            from srgan_desktop.core.weights.catalogue import list_models

            choices = [model_choice(entry) for entry in list_models()]
            # a fault may go by, as of a disk that was away, without the file being another
            if not any(choice.problem for choice in choices):
                known_models.remember(state, choices)
        return choices

    def devices(self) -> Generator[None, None, list[tuple[str, str]]]:
        """(name, title) of what there is to compute on."""
        yield
        from srgan_desktop.core.backends.device import available_devices

        return [(device.name, device.title) for device in available_devices()]

    def prepare(self, *requests: EngineRequest) -> Generator[Any, None, None]:
        """Load the networks before they are needed, and see how fast they are."""
        yield
        from srgan_desktop.core.jobs.estimate import measure_speed

        for request in requests:
            engine, ready = self._open(request)
            yield ready
            yield SpeedMeasured(request, measure_speed(engine) * _context_factor(engine))

    def keep(self, request: EngineRequest) -> Generator[None, None, None]:
        """Let the network be there sooner when the program starts again."""
        yield
        self._engines.keep(request)

    def enlarge(
        self,
        source: OpenedImage,
        request: UpscaleRequest,
        order: Order,
        unfinished: Unfinished | None = None,
    ) -> Generator[Any, None, Result]:
        """One picture, tile by tile; goes on with what is ``unfinished`` of it.

        Raises what ``open_engine`` and ``upscale_image`` raise.
        """
        engine, ready = self._open(request.engine, _strengths_for(source, request))
        yield ready
        if request.before is not None:
            yield self._open(request.before)[1]
        began = time.monotonic()
        work = self._both(engine, source, request, order, unfinished)
        try:
            picture, shown = yield from work
        except (MemoryError, DeviceMemoryError):
            # half-used memory would fail the next picture too
            self._engines.forget(engine)
            raise
        took = time.monotonic() - began
        return Result(source, picture, shown, engine.card.name, took, request.size.dpi)

    def _both(
        self,
        engine: Engine,
        source: OpenedImage,
        request: UpscaleRequest,
        order: Order,
        unfinished: Unfinished | None,
    ) -> Generator[Any, None, Any]:
        """The network, after the one that is to work before it."""
        picture = source.picture
        if request.before is not None:
            picture = yield from self._restored(picture, request)
        return (yield from self._enlarge(engine, picture, request, order, unfinished))

    def _restored(
        self, picture: RasterImage, request: UpscaleRequest
    ) -> Generator[Any, None, RasterImage]:
        from srgan_desktop.core.jobs.engines import check_before
        from srgan_desktop.core.upscaling.size import TargetSize
        from srgan_desktop.core.upscaling.upscale import TileDone, UpscaleOptions, upscale_image

        assert request.before is not None
        before = self._engines.get(request.before)
        check_before(before)
        began = time.monotonic()
        tile = request.tile or interactive_tile(before)
        options = UpscaleOptions(TargetSize("scale", 1), tile, request.tta)

        def as_window_event(event: Any) -> Any:
            return _finished_tile(event, None) if isinstance(event, TileDone) else None

        work = upscale_image(picture, before, options)
        restored = yield from relay(work, as_window_event)
        took = (time.monotonic() - began) / (8 if request.tta else 1)
        yield SpeedMeasured(request.before, took / (picture.width * picture.height))
        return restored

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

    def _open(
        self, request: EngineRequest, adapt_to: Callable[[Engine], Strengths] | None = None
    ) -> tuple[Engine, EngineReady]:
        engine = self._engines.get(request, adapt_to)
        name = engine.card.name or request.model.stem
        return engine, EngineReady(
            request, engine, name, engine.scale, engine.way, tuple(engine.warnings)
        )

    def _enlarge(
        self,
        engine: Engine,
        source: RasterImage,
        request: UpscaleRequest,
        order: Order,
        unfinished: Unfinished | None,
    ) -> Generator[Any, None, Any]:
        from srgan_desktop.core.upscaling.upscale import (
            Adapted,
            PassStarted,
            TileDone,
            UpscaleEvent,
            UpscaleOptions,
            UpscaleWarning,
            upscale_image,
        )

        def turn(rect: Rect) -> float:
            return order(rect.x, rect.y, rect.width, rect.height)

        icc = source.metadata.icc
        tile = request.tile or interactive_tile(engine)
        first = min(tile, FIRST_TILE)
        options = UpscaleOptions(
            request.size, tile, request.tta, turn, first, request.chosen_strengths, unfinished
        )
        shown: ShownCanvas | None = None

        def as_window_event(event: UpscaleEvent) -> Any:
            nonlocal shown
            match event:
                case PassStarted():
                    if event.index == event.count - 1:
                        shown = ShownCanvas(event.pixels, event.alpha, icc)
                        return ResultStarted(shown.pixels, event.tiles)
                case TileDone():
                    return _finished_tile(event, shown)
                case Adapted():
                    return PictureJudged(event.found, event.used)
                case UpscaleWarning():
                    return Notice(event.message)
            return None

        picture = yield from relay(upscale_image(source, engine, options), as_window_event)
        assert shown is not None
        return picture, shown.pixels


def _strengths_for(source: OpenedImage, request: UpscaleRequest) -> Callable[[Engine], Strengths]:
    """What a model that adapts is to adapt to; of a picture that another works on first, about."""

    def strengths(engine: Engine) -> Strengths:
        from srgan_desktop.core.upscaling.adapting import find_strengths

        return request.chosen_strengths.applied(find_strengths(engine, source.picture.pixels))

    return strengths


def interactive_tile(engine: Engine) -> int:
    """Side of a tile in source pixels, for work that is watched."""
    wanted = CPU_TILE if engine.device == "cpu" else GPU_TILE
    return min(wanted, engine.tile_side())


def _finished_tile(event: TileDone, shown: ShownCanvas | None) -> TileFinished:
    if shown is None:
        return TileFinished(None, event.done, event.total, event.kept)
    rect = event.rect
    shown.take(rect)
    place = (rect.x, rect.y, rect.width, rect.height)
    return TileFinished(place, event.done, event.total, event.kept)


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
        card.adapts,
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


def _context_factor(engine: Engine) -> float:
    """How much more is computed than is kept, for the context of the tiles."""
    tile = interactive_tile(engine)
    return ((tile + 2 * engine.overlap) / tile) ** 2


def cost(
    engine: Engine,
    source: OpenedImage,
    request: UpscaleRequest,
    seconds_per_pixel: float | None,
    before: tuple[Engine, float] | None = None,
) -> Generator[None, None, Cost]:
    """What an enlargement would take. For the files' thread: it only reads facts off the engines.

    ``before``: that of ``request.before`` and its seconds for one pixel.
    """
    yield
    from srgan_desktop.core.base.events import FileFailed, Planned
    from srgan_desktop.core.jobs.estimate import EngineSpeed, plan_files
    from srgan_desktop.core.jobs.options import BatchOptions
    from srgan_desktop.core.jobs.sources import Source

    options = BatchOptions(
        tile=request.tile or interactive_tile(engine),
        tta=request.tta,
        frames="first",
        crop=None if source.crop is None else str(source.crop),
        before=None if request.before is None else str(request.before.model),
    ).with_size(request.size)
    first = None if before is None else EngineSpeed(*before)
    speed = seconds_per_pixel or 0.0
    for event in plan_files([Source(source.path)], engine, options, speed, first):
        if isinstance(event, Planned):
            size = (event.out_width, event.out_height)
            seconds = None if seconds_per_pixel is None else event.seconds
            return Cost(size, seconds, event.memory_bytes, event.disk_bytes)
        if isinstance(event, FileFailed):
            return Cost((0, 0), None, 0, 0, event.error)
    return Cost((0, 0), None, 0, 0, tr("the cost cannot be told"))
