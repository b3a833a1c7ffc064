"""Enlarging a picture in memory, as a generator of events.

Data flows source -> tile with context -> network -> shrink -> canvas. Every tile lands in the
canvas as it is done, so whoever drains the events can show or save what there is.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from srgan_desktop.core.base.errors import DeviceMemoryError
from srgan_desktop.core.base.events import drain
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.engine.tile_size import LEAST_TILE
from srgan_desktop.core.images.alpha import fill_transparent
from srgan_desktop.core.images.canvas import new_canvas, release_pages
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.networks.strengths import AS_FOUND, ChosenStrengths, Strengths
from srgan_desktop.core.upscaling.adapting import check_chosen_strengths, find_strengths
from srgan_desktop.core.upscaling.begun_tiles import BegunTiles, next_tile
from srgan_desktop.core.upscaling.size import TargetSize, plan_passes
from srgan_desktop.core.upscaling.tile_blending import Blend
from srgan_desktop.core.upscaling.tile_rendering import Planes
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
    if not options.tile:
        plans = [grid.cheapest_tiles(_largest(engine)) for grid in grids]
    else:
        side = min(options.tile, engine.tile_side())
        plans = [grid.tiles(side) for grid in grids]
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
    whole, before = tiles, progress.done
    while True:
        end = yield from _run_tiles(
            engine, options, strengths, index, grid, tiles, source, canvas, progress
        )
        if end is _End.DONE:
            return
        if end is _End.FELL_BACK:
            again = _fitting(engine, grid, whole)
        else:
            if tiles is whole:
                yield UpscaleWarning(
                    tr(
                        "{device}: not enough memory; the picture is begun again in smaller tiles",
                        device=engine.device,
                    )
                )
            again = grid.halved(tiles, LEAST_TILE)
        # what is on the canvas is written over, as each place is by the tiles that meet there
        progress.total += len(again) - len(tiles)
        progress.done = before
        tiles = again


class _End(enum.Enum):
    """How a pass ended; but for the first it is to be begun again with other tiles."""

    DONE = enum.auto()
    TOO_LARGE = enum.auto()
    FELL_BACK = enum.auto()


def _run_tiles(
    engine: Engine,
    options: UpscaleOptions,
    strengths: Strengths,
    index: int,
    grid: Grid,
    tiles: list[Tile],
    source: Planes,
    canvas: Planes,
    progress: _Progress,
) -> Generator[UpscaleEvent, None, _End]:
    blend = _blend(engine, grid, tiles, canvas)
    if blend is None and engine.ahead(1, 1):
        # what is launched again and again is recorded, for one shape
        tiles = grid.alike(tiles)
    waiting, kept = list(tiles), options.unfinished
    if kept is not None and blend is not None:
        # what is half mixed cannot be told from what is final
        kept.keeps, kept = False, None
    if kept is not None:
        waiting = yield from _not_kept(kept, index, tiles, progress)
    if options.first_tile and not engine.needs_blending:
        waiting = _with_small_first(waiting, grid, options.first_tile, options.order, progress)
    begun = BegunTiles(engine, options, strengths, grid, source, blend)
    unsplit: list[Tile] = []  # what waited when memory ran short, until a smaller tile fits
    while waiting or begun:
        try:
            begun.fill_from(waiting)
            reach, planes = begun.finish_first()
        except DeviceMemoryError:
            waiting = begun.taken_back() + waiting
            # what did not fit once will not fit again: halve all that are as large
            other = grid.halved(waiting, LEAST_TILE)
            if len(other) > len(waiting):
                end, unsplit = _End.TOO_LARGE, unsplit or waiting
            elif engine.device != "cpu":
                yield UpscaleWarning(engine.fall_back_to_cpu())
                # that not even the smallest fitted says nothing of the processor
                other = _fitting(engine, grid, unsplit or waiting)
                end, unsplit = _End.FELL_BACK, []
            else:
                raise
            if engine.needs_blending:
                # tiles blend with others of their pass, which are as large as these were
                return end
            progress.total += len(other) - len(waiting)
            waiting = other
            continue
        unsplit = []
        if blend is not None:
            planes = blend.add(reach, planes)
        _publish(planes, reach.target, canvas)
        release_pages(canvas.pixels)
        progress.done += 1
        if kept is not None:
            kept.add(index, reach.target)
        yield TileDone(reach.target, progress.done, progress.total)
    return _End.DONE


def _not_kept(
    kept: Unfinished, index: int, tiles: list[Tile], progress: _Progress
) -> Generator[UpscaleEvent, None, list[Tile]]:
    waiting = [tile for tile in tiles if not kept.covers(index, tile.target)]
    progress.done += len(tiles) - len(waiting)
    for rect in kept.done(index):
        yield TileDone(rect, progress.done, progress.total, kept=True)
    return waiting


def _largest(engine: Engine) -> int:
    """How many source pixels a tile may have, context included."""
    return (engine.tile_side() + 2 * engine.overlap) ** 2


def _fitting(engine: Engine, grid: Grid, tiles: list[Tile]) -> list[Tile]:
    """``tiles``, halved until each fits into the memory of a device they were not cut for."""
    largest = _largest(engine)
    while any(tile.source.width * tile.source.height > largest for tile in tiles):
        smaller = grid.halved(tiles, LEAST_TILE)
        if len(smaller) == len(tiles):
            break
        tiles = smaller
    return tiles


def _with_small_first(
    tiles: list[Tile],
    grid: Grid,
    side: int,
    order: Callable[[Rect], float] | None,
    progress: _Progress,
) -> list[Tile]:
    """``tiles`` with the one that is next cut, until what comes first of it is at most ``side``.

    In source pixels. Of the pieces only the first is cut again: small ones cost much context.
    """
    if not tiles:
        return []
    rest = list(tiles)
    first = rest.pop(next_tile(rest, order))
    limit = side * max(grid.target[0] / grid.source[0], grid.target[1] / grid.source[1])
    while max(first.target.width, first.target.height) > limit:
        pieces = grid.split(first)
        first = pieces.pop(next_tile(pieces, order))
        rest = pieces + rest
    progress.total += len(rest) + 1 - len(tiles)
    return [first, *rest]


def _blend(engine: Engine, grid: Grid, tiles: list[Tile], canvas: Planes) -> Blend | None:
    if not engine.needs_blending or len(tiles) == 1:
        return None
    return Blend(grid, tiles, canvas, is_local=engine.config.is_local)


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
