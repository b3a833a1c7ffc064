"""Enlarging a picture in memory, as a generator of events.

Data flows source -> tile with context -> network -> shrink -> canvas. Every tile lands in the
canvas as it is done, so whoever drains the events can show or save what there is.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from srgan_desktop.core.base.errors import DeviceMemoryError
from srgan_desktop.core.base.events import drain
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.engine.tile_size import LEAST_TILE
from srgan_desktop.core.images.alpha import fill_transparent
from srgan_desktop.core.images.canvas import new_canvas, release_pages
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.networks.strengths import AS_FOUND, ChosenStrengths, Strengths
from srgan_desktop.core.upscaling.adapting import check_chosen_strengths, find_strengths
from srgan_desktop.core.upscaling.size import TargetSize, plan_passes
from srgan_desktop.core.upscaling.tile_blending import BlendedCanvas
from srgan_desktop.core.upscaling.tile_rendering import Planes, begin_tile, tiles_ahead
from srgan_desktop.core.upscaling.tiling import Grid, Rect, Tile
from srgan_desktop.core.upscaling.unfinished import Unfinished

Array = NDArray[Any]


@dataclass(frozen=True)
class UpscaleOptions:
    """How to enlarge.

    Attributes:
        size: of the result.
        tile: side of a tile in source pixels without its context, at most what fits into
            memory; None or 0 takes that.
        tta: average over the eight flips and rotations.
        order: called before each tile with its rectangle in the canvas of its pass; the tile
            with the least value is next. None works row by row.
        chosen_strengths: what an adaptive model is not to find by itself.
        first_tile: as ``tile``, for the tile that is next when a pass begins: a small one is seen
            sooner, and larger ones after it waste less on context. The result is the same.
        unfinished: what an earlier try has done already; it is filled on.
    """

    size: TargetSize
    tile: int | None = None
    tta: bool = False
    order: Callable[[Rect], float] | None = None
    first_tile: int | None = None
    chosen_strengths: ChosenStrengths = AS_FOUND
    unfinished: Unfinished | None = None


@dataclass(frozen=True)
class Adapted:
    """A model that adapts has looked at the picture.

    Attributes:
        found: what it thinks of it.
        used: the same, but for what a person set.
    """

    found: Strengths
    used: Strengths


@dataclass(frozen=True)
class PassStarted:
    """A canvas is there and will fill tile by tile; the last pass's is the result.

    Attributes:
        index, count: this pass, from 0, of so many.
        pixels: (H, W, C) canvas, zeros so far.
        alpha: (H, W) canvas or None.
        tiles: in all passes together.
    """

    index: int
    count: int
    pixels: Array
    alpha: Array | None
    tiles: int


@dataclass(frozen=True)
class TileDone:
    """``rect`` of the pass's canvas holds its final pixels; counts are over all passes.

    ``kept``: since an earlier try, without work.
    """

    rect: Rect
    done: int
    total: int
    kept: bool = False


@dataclass(frozen=True)
class UpscaleWarning:
    """The work continues in another way than asked for."""

    message: str


UpscaleEvent = Adapted | PassStarted | TileDone | UpscaleWarning


@dataclass
class _Progress:
    done: int
    total: int


def upscale_image(
    picture: RasterImage, engine: Engine, options: UpscaleOptions
) -> Generator[UpscaleEvent, None, RasterImage]:
    """Enlarge ``picture``; drain the events, the result is the generator's return value.

    Pixels keep their depth, channels, profile and metadata; alpha is enlarged with them. Closing
    the generator between two events stops the work and frees the canvas.

    Raises:
        UsageError: the size asked for is smaller than the picture, or a strength is set of a model
            that does not adapt.
        NoSpaceError: neither memory nor disk can hold the result.
        DeviceError: the device failed, and the processor too.
    """
    check_chosen_strengths(engine, options.chosen_strengths)
    target = options.size.resolve(picture.width, picture.height)
    sizes = plan_passes((picture.width, picture.height), target, engine.scale)
    planes = Planes(picture.pixels, picture.alpha)
    if planes.alpha is not None:
        planes = Planes(fill_transparent(planes.pixels, planes.alpha), planes.alpha)
    grids = []
    before = (picture.width, picture.height)
    for size in sizes:
        grids.append(Grid(before, size, engine.scale, engine.overlap))
        before = size
    largest = engine.tile_side()
    if not options.tile:
        pixels = (largest + 2 * engine.overlap) ** 2
        plans = [grid.cheapest_tiles(pixels) for grid in grids]
    else:
        plans = [grid.tiles(min(options.tile, largest)) for grid in grids]
    progress = _Progress(0, sum(map(len, plans)))
    for index, (grid, tiles) in enumerate(zip(grids, plans, strict=True)):
        strengths = Strengths()
        if engine.adapts:
            strengths = yield from _adapt(engine, options.chosen_strengths, planes.pixels, index)
        source, planes = planes, _canvases(options.unfinished, index, grid, planes)
        yield PassStarted(index, len(grids), planes.pixels, planes.alpha, progress.total)
        yield from _run_pass(
            engine, options, strengths, index, grid, tiles, source, planes, progress
        )
    return dataclasses.replace(picture, pixels=planes.pixels, alpha=planes.alpha)


def _adapt(
    engine: Engine, chosen_strengths: ChosenStrengths, pixels: Array, index: int
) -> Generator[UpscaleEvent, None, Strengths]:
    if index > 0:
        # what the first pass made has nothing left to be undone
        engine.adapt(Strengths())
        return Strengths()
    found = find_strengths(engine, pixels)
    used = chosen_strengths.applied(found)
    engine.adapt(used)
    yield Adapted(found, used)
    return used


def _canvases(kept: Unfinished | None, index: int, grid: Grid, source: Planes) -> Planes:
    if kept is None:
        return _new_canvases(grid, source)
    return kept.canvas(index, lambda: _new_canvases(grid, source))


def _new_canvases(grid: Grid, source: Planes) -> Planes:
    width, height = grid.target
    pixels, alpha = source
    canvas = new_canvas((height, width, pixels.shape[2]), pixels.dtype)
    return Planes(canvas, None if alpha is None else new_canvas((height, width), alpha.dtype))


def _run_pass(
    engine: Engine,
    options: UpscaleOptions,
    strengths: Strengths,
    index: int,
    grid: Grid,
    tiles: list[Tile],
    source: Planes,
    canvas: Planes,
    progress: _Progress,
) -> Iterator[UpscaleEvent]:
    blend = _blend(engine, grid, tiles, canvas)
    if blend is None and engine.ahead(1, 1):
        # what is launched again and again is recorded, for one shape
        tiles = grid.alike(tiles)
    waiting, kept = list(tiles), options.unfinished
    if kept is not None and blend is not None:
        # what is half mixed cannot be told from what is final
        kept.keeps, kept = False, None
    if kept is not None:
        waiting = [tile for tile in tiles if not kept.covers(index, tile.target)]
        progress.done += len(tiles) - len(waiting)
        for rect in kept.done(index):
            yield TileDone(rect, progress.done, progress.total, kept=True)
    if options.first_tile and blend is None and waiting:
        before = len(waiting)
        waiting = _with_small_first(waiting, grid, options.first_tile, options.order)
        progress.total += len(waiting) - before
    begun = _BegunTiles(engine, options, strengths, grid, source, blend)
    while waiting or begun:
        try:
            begun.fill_from(waiting)
            reach, planes = begun.finish_first()
        except DeviceMemoryError:
            waiting = begun.taken_back() + waiting
            if blend is None and _can_shrink(waiting[0]):
                # what did not fit once will not fit again: halve all that are as large
                waiting = [part for tile in waiting for part in grid.split(tile)]
                progress.total = progress.done + len(waiting)
            elif engine.device != "cpu":
                yield UpscaleWarning(engine.fall_back_to_cpu())
            else:
                raise
            continue
        if blend is not None:
            planes = blend.add(reach, planes)
        _publish(planes, reach.target, canvas)
        release_pages(canvas.pixels)
        progress.done += 1
        if kept is not None:
            kept.add(index, reach.target)
        yield TileDone(reach.target, progress.done, progress.total)


def _with_small_first(
    tiles: list[Tile], grid: Grid, side: int, order: Callable[[Rect], float] | None
) -> list[Tile]:
    """``tiles`` with the one that is next cut, until what comes first of it is at most ``side``.

    In source pixels. Of the pieces only the first is cut again: small ones cost much context.
    """
    rest = list(tiles)
    first = rest.pop(_next(rest, order))
    limit = side * max(grid.target[0] / grid.source[0], grid.target[1] / grid.source[1])
    while max(first.target.width, first.target.height) > limit:
        pieces = grid.split(first)
        first = pieces.pop(_next(pieces, order))
        rest = pieces + rest
    return [first, *rest]


def _blend(engine: Engine, grid: Grid, tiles: list[Tile], canvas: Planes) -> _Blend | None:
    if not engine.needs_blending or len(tiles) == 1:
        return None
    return _Blend(grid, tiles, canvas, is_local=engine.config.is_local)


class _Blend:
    """Tiles of one pass, blended over half of their context on each side of every cut.

    Where a network sees far but not all of the picture, the blended part takes half of the context
    instead of lying within it: the outermost pixels see less and count least.
    """

    def __init__(self, grid: Grid, tiles: list[Tile], canvas: Planes, *, is_local: bool) -> None:
        self._grid = grid
        if is_local:
            self._grid = dataclasses.replace(grid, radius=grid.radius - grid.radius // 2)
        narrowest = min(min(tile.target.width, tile.target.height) for tile in tiles)
        self._margin = max(1, min(grid.radius // 2 * grid.scale, narrowest // 2))
        pixels, alpha = canvas
        self._pixels = BlendedCanvas(pixels.shape, 2 * self._margin)
        self._alpha = None
        if alpha is not None:
            self._alpha = BlendedCanvas((*alpha.shape, 1), 2 * self._margin)

    def reach(self, tile: Tile) -> Tile:
        return self._grid.widened(tile, self._margin)

    def add(self, tile: Tile, planes: Planes) -> Planes:
        pixels, alpha = planes
        mixed = self._pixels.add(tile.target, pixels)
        if alpha is None or self._alpha is None:
            return Planes(mixed, None)
        return Planes(mixed, self._alpha.add(tile.target, alpha[..., None])[..., 0])


class _Begun(NamedTuple):
    """A tile that is being computed, or that will be once it is asked for.

    ``reach`` is what is computed of it: more than the tile where it is blended.
    """

    tile: Tile
    reach: Tile
    finished: Callable[[], Planes]


class _BegunTiles:
    """The tiles of one pass that a device has in its queues; a device without has one at most."""

    def __init__(
        self,
        engine: Engine,
        options: UpscaleOptions,
        strengths: Strengths,
        grid: Grid,
        source: Planes,
        blend: _Blend | None,
    ) -> None:
        self._engine, self._options, self._strengths = engine, options, strengths
        self._grid, self._source, self._blend = grid, source, blend
        self._begun: deque[_Begun] = deque()

    def __bool__(self) -> bool:
        return bool(self._begun)

    def fill_from(self, waiting: list[Tile]) -> None:
        """Begin as many of ``waiting`` as the device can have at once; raises DeviceMemoryError."""
        engine, tta = self._engine, self._options.tta
        while waiting:
            place = _next(waiting, self._options.order)
            tile = waiting[place]
            reach = tile if self._blend is None else self._blend.reach(tile)
            if len(self._begun) > tiles_ahead(engine, reach, self._source, tta=tta):
                return
            if engine.adapts:
                # between two tiles others may have used it, adapted to their picture
                engine.adapt(self._strengths)
            finished = begin_tile(engine, self._grid, reach, self._source, tta=tta)
            self._begun.append(_Begun(waiting.pop(place), reach, finished))

    def finish_first(self) -> tuple[Tile, Planes]:
        """Wait for the one that was begun first; raises DeviceMemoryError, and then it stays."""
        planes = self._begun[0].finished()
        return self._begun.popleft().reach, planes

    def taken_back(self) -> list[Tile]:
        """All that were begun, to be begun again."""
        tiles = [one.tile for one in self._begun]
        self._begun.clear()
        return tiles


def _can_shrink(tile: Tile) -> bool:
    return max(tile.source.width, tile.source.height) > LEAST_TILE


def _next(waiting: list[Tile], order: Callable[[Rect], float] | None) -> int:
    if order is None:
        return 0
    return min(range(len(waiting)), key=lambda i: order(waiting[i].target))


def _publish(planes: Planes, rect: Rect, canvas: Planes) -> None:
    where = np.s_[rect.y : rect.bottom, rect.x : rect.right]
    pixels, alpha = planes
    canvas[0][where] = pixels
    if alpha is not None and canvas[1] is not None:
        canvas[1][where] = alpha


def enlarge_with(
    engine: Engine, size: TargetSize | None = None, *, tta: bool = False
) -> Callable[[Array], Array]:
    """``engine`` as a function from pixels (h, w, 1 or 3) to larger ones, uint8 or uint16.

    ``size`` defaults to the model's own scale; ``tta`` is as in ``UpscaleOptions``.
    """
    options = UpscaleOptions(size or TargetSize("scale", engine.scale), tta=tta)

    def enlarge(pixels: Array) -> Array:
        return drain(upscale_image(RasterImage(pixels), engine, options)).pixels

    return enlarge
