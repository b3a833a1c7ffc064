"""The cache keeps to its bound and drops what was used longest ago."""

from __future__ import annotations

from PySide6.QtGui import QImage

from srgan_desktop.gui.viewer.tile_cache import OVERVIEW, LoadedTile, TileCache, TileKey


def tile(number: int, *, side: int = 16, source: int = 1, level: int = 0) -> LoadedTile:
    image = QImage(side, side, QImage.Format.Format_RGB32)
    return LoadedTile(TileKey(source, level, number, 0), image, 0, 0, None, 0)


def test_the_least_recently_used_goes_first() -> None:
    cache = TileCache(3 * 1024)
    tiles = [tile(number) for number in range(4)]
    for one in tiles[:3]:
        cache.put(one)
    assert cache.get(tiles[0].key) is tiles[0]
    cache.put(tiles[3])
    assert [cache.get(one.key) is one for one in tiles] == [True, False, True, True]
    assert cache.bytes_used == 3 * 1024


def test_a_newer_tile_takes_the_place_of_the_older() -> None:
    cache = TileCache(10 * 1024)
    cache.put(tile(1))
    cache.put(tile(1, side=32))
    assert cache.bytes_used == 4 * 1024


def test_a_tile_larger_than_the_cache_is_not_kept() -> None:
    cache = TileCache(1000)
    cache.put(tile(1))
    assert cache.bytes_used == 0


def test_other_sources_are_dropped_with_their_overviews() -> None:
    cache = TileCache(10 * 1024)
    for source in (1, 2):
        cache.put(tile(0, source=source))
        cache.put(tile(0, source=source, level=OVERVIEW))
    cache.keep_only({2})
    assert cache.get(TileKey(1, 0, 0, 0)) is None
    assert cache.get(TileKey(1, OVERVIEW, 0, 0)) is None
    assert cache.get(TileKey(2, 0, 0, 0)) is not None
    assert cache.get(TileKey(2, OVERVIEW, 0, 0)) is not None
    assert cache.bytes_used == 1024
