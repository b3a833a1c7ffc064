"""Which tiles of one picture paint a part of the view, and what to paint until they are there."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QImage, QRegion

from srgan_desktop.gui.viewer.grid import SHARP, Grid, Placement, grown, is_smooth
from srgan_desktop.gui.viewer.picture import TiledImage
from srgan_desktop.gui.viewer.pyramid import TILE, Box, level_size
from srgan_desktop.gui.viewer.tile_cache import OVERVIEW, LoadedTile, TileCache, TileKey
from srgan_desktop.gui.viewer.tile_loader import TileRequest, TileSource

NO_BOX = Box(0, 0, 0, 0)
_idents = itertools.count(1)


@dataclass(frozen=True)
class Draw:
    """Paint the part ``source`` of ``image`` onto ``target``, but only within ``region``."""

    image: QImage
    target: QRectF
    source: QRectF
    region: QRegion
    smooth: bool


@dataclass
class LayerPlan:
    """What to paint now, the frame's part it covers, and what should be read."""

    draws: list[Draw] = field(default_factory=list)
    covered: QRegion = field(default_factory=QRegion)
    wanted: list[TileRequest] = field(default_factory=list)
    """In view and missing or out of date, the middle of the view first."""
    nearby: list[TileRequest] = field(default_factory=list)
    """Just out of view."""


@dataclass(frozen=True)
class _Pass:
    """One planning: what it is for, and the plan as it grows."""

    place: Placement
    clip: QRect
    cache: TileCache
    grid: Grid
    valid: QRegion | None
    crisp: bool
    plan: LayerPlan


class ImageLayer:
    """One source of tiles laid over the after-picture's area."""

    def __init__(
        self, source: TileSource, extent: tuple[int, int], picture: TiledImage | None = None
    ) -> None:
        """``extent``: the after-picture's size, over which the source is stretched.

        ``picture``: says which part of it has been written; None when all has.
        """
        self.ident = next(_idents)
        self.source = source
        self.extent = extent
        self._picture = picture
        self._ratio = (extent[0] / source.size[0], extent[1] / source.size[1])

    def scale(self, zoom: float) -> float:
        """Device pixels per source pixel at a zoom (the smaller of across and down)."""
        return zoom * min(self._ratio)

    def plan(
        self,
        place: Placement,
        clip: QRect,
        cache: TileCache,
        *,
        max_bytes: int,
        crisp: bool = False,
    ) -> LayerPlan:
        """How to paint the device pixels in ``clip``.

        ``max_bytes``: what the tiles in view may take; a coarser level is used beyond that.
        ``crisp``: enlarged pixels stay squares at any zoom, not only from 200 % on.
        """
        level = self._level_for(place.zoom, clip, max_bytes)
        grid = self._grid(place, level)
        valid = self._picture.showable(level) if self._picture else None
        work = _Pass(place, clip & grid.frame, cache, grid, valid, crisp, LayerPlan())
        self._ask_for_overview(work)
        columns, rows = grid.tiles(work.clip)
        for column, row in _from_the_middle(columns, rows):
            self._plan_tile(work, column, row)
        self._ask_for_neighbours(work, columns, rows)
        return work.plan

    def _level_for(self, zoom: float, clip: QRect, max_bytes: int) -> int:
        scale = self.scale(zoom)
        level = max(0, math.floor(math.log2(1 / scale) + SHARP))
        # tiles stick out of the view, hence not only the pixels in it
        while level < self.source.levels - 1:
            step = scale * (1 << level)
            pixels = (clip.width() / step + TILE) * (clip.height() / step + TILE)
            if 4 * pixels <= max_bytes:
                break
            level += 1
        return min(level, self.source.levels - 1)

    def _grid(self, place: Placement, level: int) -> Grid:
        step = place.zoom * (1 << level)
        frame = place.device_rect(QRect(0, 0, *self.extent))
        return Grid(
            level,
            level_size(self.source.size, level),
            place.origin,
            step * self._ratio[0],
            step * self._ratio[1],
            frame,
        )

    def _plan_tile(self, work: _Pass, column: int, row: int) -> None:
        grid = work.grid
        cell = grid.cell(column, row) & work.clip
        if cell.isEmpty():
            return
        tile = work.cache.get(TileKey(self.ident, grid.level, column, row))
        if self._worth_reading(work, tile, column, row):
            work.plan.wanted.append(self._request(work, column, row))
        smooth = tile is None or is_smooth(grid, work.crisp)
        pieces = [self._own(tile, grid)] if tile else self._stand_ins(work, column, row)
        for piece, target, source in pieces:
            region = QRegion(cell)
            if piece.valid is not None:
                region &= work.place.device_region(piece.valid & work.place.pixels_around(cell))
            if not region.isEmpty():
                work.plan.draws.append(Draw(piece.image, target, source, region, smooth))
                work.plan.covered += region

    def _own(self, tile: LoadedTile, grid: Grid) -> tuple[LoadedTile, QRectF, QRectF]:
        size = tile.image.size()
        target = grid.target(
            tile.left, tile.top, tile.left + size.width(), tile.top + size.height()
        )
        return tile, target, QRectF(tile.image.rect())

    def _stand_ins(
        self, work: _Pass, column: int, row: int
    ) -> list[tuple[LoadedTile, QRectF, QRectF]]:
        """What is there of a tile that is not: the four finer ones, else a coarser one."""
        grid, cache = work.grid, work.cache
        if grid.level > 0:
            places = itertools.product((2 * column, 2 * column + 1), (2 * row, 2 * row + 1))
            finer = [cache.get(TileKey(self.ident, grid.level - 1, *place)) for place in places]
            if all(finer):
                return [_scaled(tile, grid, grid.level - 1, column, row) for tile in finer if tile]
        for up in range(1, self.source.levels - grid.level):
            tile = cache.get(TileKey(self.ident, grid.level + up, column >> up, row >> up))
            if tile is not None:
                return [_scaled(tile, grid, grid.level + up, column, row)]
        overview = cache.get(self._overview_key())
        return [self._from_overview(overview, grid, column, row)] if overview else []

    def _from_overview(
        self, tile: LoadedTile, grid: Grid, column: int, row: int
    ) -> tuple[LoadedTile, QRectF, QRectF]:
        """The overview's part for a tile; its size says its scale."""
        box = grid.box(column, row)
        size = tile.image.size()
        across, down = size.width() / grid.size[0], size.height() / grid.size[1]
        source = QRectF(
            box.x0 * across,
            box.y0 * down,
            (box.x1 - box.x0) * across,
            (box.y1 - box.y0) * down,
        )
        return tile, grid.target(*box), source

    def _worth_reading(self, work: _Pass, tile: LoadedTile | None, column: int, row: int) -> bool:
        """Whether a tile is missing or out of date, and something of it can be shown."""
        box = work.grid.box(column, row)
        if tile and tile.version >= self.source.version_of(work.grid.level, box):
            return False
        x0, y0, x1, y1 = box.at_source(work.grid.level)
        rect = QRect(x0, y0, x1 - x0, y1 - y0)
        return work.valid is None or work.valid.intersects(rect)

    def _request(self, work: _Pass, column: int, row: int) -> TileRequest:
        key = TileKey(self.ident, work.grid.level, column, row)
        box = work.grid.box(column, row)
        return TileRequest(key, self.source, box, work.valid, self.source.version)

    def _overview_key(self) -> TileKey:
        return TileKey(self.ident, OVERVIEW, 0, 0)

    def _ask_for_overview(self, work: _Pass) -> None:
        """First of all when there is none yet; last of all when it is out of date."""
        tile = work.cache.get(self._overview_key())
        if tile is not None and tile.version >= self.source.version:
            return
        valid = self._picture.showable(self.source.overview_level) if self._picture else None
        if valid is not None and valid.isEmpty():
            return
        version = self.source.version
        request = TileRequest(self._overview_key(), self.source, NO_BOX, valid, version)
        (work.plan.wanted if tile is None else work.plan.nearby).append(request)

    def _ask_for_neighbours(self, work: _Pass, columns: range, rows: range) -> None:
        """One more tile on each side, so that a pan finds it ready."""
        all_columns, all_rows = work.grid.tiles(work.grid.frame)
        wider = grown(columns, all_columns), grown(rows, all_rows)
        for column, row in _from_the_middle(*wider):
            if column in columns and row in rows:
                continue
            tile = work.cache.get(TileKey(self.ident, work.grid.level, column, row))
            if self._worth_reading(work, tile, column, row):
                work.plan.nearby.append(self._request(work, column, row))


def _from_the_middle(columns: range, rows: range) -> Iterator[tuple[int, int]]:
    middle_x, middle_y = (columns.start + columns.stop - 1) / 2, (rows.start + rows.stop - 1) / 2
    cells: Iterable[tuple[int, int]] = itertools.product(columns, rows)
    yield from sorted(cells, key=lambda cell: math.dist(cell, (middle_x, middle_y)))


def _scaled(
    tile: LoadedTile, grid: Grid, level: int, column: int, row: int
) -> tuple[LoadedTile, QRectF, QRectF]:
    """A tile of another level on the grid, cut to the cell it stands in for."""
    ratio = 2.0 ** (level - grid.level)
    size = tile.image.size()
    x0 = max(column * TILE - 1.0, tile.left * ratio)
    y0 = max(row * TILE - 1.0, tile.top * ratio)
    x1 = min((column + 1) * TILE + 1.0, (tile.left + size.width()) * ratio)
    y1 = min((row + 1) * TILE + 1.0, (tile.top + size.height()) * ratio)
    source = QRectF(
        x0 / ratio - tile.left, y0 / ratio - tile.top, (x1 - x0) / ratio, (y1 - y0) / ratio
    )
    return tile, grid.target(x0, y0, x1, y1), source
