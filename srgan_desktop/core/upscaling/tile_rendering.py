"""What becomes of one tile: its pixels and its transparency, by the quickest way there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from srgan_desktop.core.backends import Part
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.images.alpha import flat_places
from srgan_desktop.core.upscaling.tiling import Grid, Span, Tile

Array = NDArray[Any]


class Planes(NamedTuple):
    """Colours (H, W, C) and transparency (H, W) of a picture or of a piece of one."""

    pixels: Array
    alpha: Array | None


def render_tile(engine: Engine, grid: Grid, tile: Tile, source: Planes, *, tta: bool) -> Planes:
    """The tile's final pixels (h, w, C) and alpha (h, w), in the source's dtype."""
    area = tile.source
    where = np.s_[area.y : area.bottom, area.x : area.right]
    pixels, alpha = source
    result = _enlarge(engine, grid, tile, pixels[where], tta=tta)
    if alpha is None:
        return Planes(result, None)
    return Planes(result, _enlarge_alpha(engine, grid, tile, alpha[where], tta=tta))


def tiles_ahead(engine: Engine, tile: Tile, source: Planes, *, tta: bool) -> int:
    """How many tiles should be begun before one is waited for; 0 where none can be."""
    pixels = source.pixels
    if tta or pixels.dtype != np.uint8 or pixels.shape[2] != engine.config.colours:
        return 0
    return engine.ahead(tile.source.height, tile.source.width)


def begin_tile(
    engine: Engine, grid: Grid, tile: Tile, source: Planes, *, tta: bool
) -> Callable[[], Planes]:
    """Let a tile be computed beside others; what is returned waits for what ``render_tile`` gives.

    Where nothing can be computed ahead, waiting is all of the work.
    """
    if tiles_ahead(engine, tile, source, tta=tta) == 0:
        return lambda: render_tile(engine, grid, tile, source, tta=tta)
    from srgan_desktop.core.upscaling.float_rendering import finish_on_device

    area = tile.source
    where = np.s_[area.y : area.bottom, area.x : area.right]
    begun = engine.begin(source.pixels[where], finish_on_device(grid, tile))

    def finished() -> Planes:
        result = begun.result()
        if source.alpha is None:
            return Planes(result, None)
        return Planes(result, _enlarge_alpha(engine, grid, tile, source.alpha[where], tta=tta))

    return finished


def _enlarge_alpha(engine: Engine, grid: Grid, tile: Tile, alpha: Array, *, tta: bool) -> Array:
    first = alpha.flat[0]
    rect = tile.target
    if (alpha == first).all():
        return np.full((rect.height, rect.width), first, alpha.dtype)
    result = _enlarge(engine, grid, tile, alpha[..., None], tta=tta)[..., 0]
    rows = _nearest(tile.rows, grid.source[1], grid.target[1])
    columns = _nearest(tile.columns, grid.source[0], grid.target[0])
    flat = flat_places(alpha)[np.ix_(rows, columns)]
    return np.where(flat, alpha[np.ix_(rows, columns)], result)


def _nearest(span: Span, length: int, target: int) -> NDArray[np.int64]:
    """For each target pixel of a span, the source pixel it lies in, counted from the tile's."""
    place = (np.arange(*span.target) + 0.5) * length / target
    first, last = span.source[0], span.source[1] - 1
    return np.clip(place.astype(np.int64), first, last) - first


def _enlarge(engine: Engine, grid: Grid, tile: Tile, pixels: Array, *, tta: bool) -> Array:
    """The tile's final pixels (h, w, C), in the source's dtype."""
    if not tta and _is_plain(grid, pixels, engine):
        result = engine.enlarge(pixels, _needed(tile, grid.scale))
        if result is not None:
            return _cut(result, tile, grid.scale)
    # with torch, which a program that needs it nowhere never loads
    from srgan_desktop.core.upscaling.float_rendering import render

    return render(engine, grid, tile, pixels, tta=tta)


def _is_plain(grid: Grid, pixels: Array, engine: Engine) -> bool:
    """Whether the network's own pixels are the result."""
    full = tuple(length * grid.scale for length in grid.source)
    return full == grid.target and pixels.shape[2] == engine.config.colours


def _needed(tile: Tile, scale: int) -> Part:
    """The pixels of the tile's source that its result is made of, context left out."""
    rows, columns = (
        (span.target[0] // scale - span.source[0], -(-span.target[1] // scale) - span.source[0])
        for span in (tile.rows, tile.columns)
    )
    return Part(rows, columns)


def _cut(result: Array, tile: Tile, scale: int) -> Array:
    """What lies in the tile's target; it may begin and end within an enlarged pixel."""
    rect = tile.target
    top, left = rect.y % scale, rect.x % scale
    return result[top : top + rect.height, left : left + rect.width]
