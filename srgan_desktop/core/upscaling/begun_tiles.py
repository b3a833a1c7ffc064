"""The tiles of one pass that are being computed, as many at once as a device can have."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.networks.strengths import Strengths
from srgan_desktop.core.upscaling.tile_blending import Blend
from srgan_desktop.core.upscaling.tile_rendering import Planes, begin_tile, tiles_ahead
from srgan_desktop.core.upscaling.tiling import Grid, Rect, Tile

if TYPE_CHECKING:
    from srgan_desktop.core.upscaling.upscale import UpscaleOptions


class _Begun(NamedTuple):
    """A tile that is being computed, or that will be once it is asked for.

    ``reach`` is what is computed of it: more than the tile where it is blended.
    """

    tile: Tile
    reach: Tile
    finished: Callable[[], Planes]


class BegunTiles:
    """The tiles of one pass that a device has in its queues; a device without has one at most."""

    def __init__(
        self,
        engine: Engine,
        options: UpscaleOptions,
        strengths: Strengths,
        grid: Grid,
        source: Planes,
        blend: Blend | None,
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
            place = next_tile(waiting, self._options.order)
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


def next_tile(waiting: list[Tile], order: Callable[[Rect], float] | None) -> int:
    """The place in ``waiting`` of the tile that is next."""
    if order is None:
        return 0
    return min(range(len(waiting)), key=lambda i: order(waiting[i].target))
