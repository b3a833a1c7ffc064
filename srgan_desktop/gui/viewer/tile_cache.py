"""Tiles ready to be painted, the least recently used dropped first."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtGui import QImage, QRegion

OVERVIEW = -1
"""The ``level`` of a key that stands for the rough picture of the whole."""


class TileKey(NamedTuple):
    """Which tile: of which source, at which level, at which place."""

    source: int
    level: int
    column: int
    row: int


@dataclass(frozen=True)
class LoadedTile:
    """A tile's pixels, with the rim that smoothing needs.

    ``left`` and ``top`` say where the image starts, in pixels of its level; ``valid`` which part
    of the picture (in source pixels) was written when it was read, None for all of it.
    """

    key: TileKey
    image: QImage
    left: int
    top: int
    valid: QRegion | None
    version: int


class TileCache:
    """Loaded tiles by key, at most ``capacity`` bytes of them; overviews are kept apart."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.bytes_used = 0
        self._tiles: OrderedDict[TileKey, LoadedTile] = OrderedDict()
        self._overviews: dict[TileKey, LoadedTile] = {}

    def get(self, key: TileKey) -> LoadedTile | None:
        """The tile, which thereby becomes the last to be dropped."""
        if key.level == OVERVIEW:
            return self._overviews.get(key)
        tile = self._tiles.get(key)
        if tile is not None:
            self._tiles.move_to_end(key)
        return tile

    def put(self, tile: LoadedTile) -> None:
        """Keep a tile, dropping others where there is no room."""
        if tile.key.level == OVERVIEW:
            self._overviews[tile.key] = tile
            return
        self._remove(tile.key)
        self._tiles[tile.key] = tile
        self.bytes_used += tile.image.sizeInBytes()
        while self.bytes_used > self.capacity:
            self._remove(next(iter(self._tiles)))

    def keep_only(self, sources: set[int]) -> None:
        """Drop the tiles of every other source."""
        for key in [key for key in self._tiles if key.source not in sources]:
            self._remove(key)
        for key in [key for key in self._overviews if key.source not in sources]:
            del self._overviews[key]

    def _remove(self, key: TileKey) -> None:
        tile = self._tiles.pop(key, None)
        if tile is not None:
            self.bytes_used -= tile.image.sizeInBytes()
