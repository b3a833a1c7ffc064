"""Tiles cover a result once, and carry enough context."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from srgan_desktop.core.upscaling.tiling import Grid, Rect, Tile

sides = st.integers(1, 120)
factors = st.floats(0.3, 1)


def make_grid(width: int, height: int, scale: int, shrink: float) -> Grid:
    target = (
        max(width, round(width * scale * shrink)),
        max(height, round(height * scale * shrink)),
    )
    return Grid((width, height), target, scale, radius=7)


def coverage(grid: Grid, tiles: list[Tile]) -> np.ndarray:
    """How often each pixel of the result is made."""
    count = np.zeros((grid.target[1], grid.target[0]), int)
    for tile in tiles:
        rect = tile.target
        count[rect.y : rect.bottom, rect.x : rect.right] += 1
    return count


@given(sides, sides, st.sampled_from([2, 3, 4]), factors, st.integers(1, 150))
def test_tiles_cover_the_result_exactly_once(
    width: int, height: int, scale: int, shrink: float, side: int
) -> None:
    grid = make_grid(width, height, scale, shrink)
    assert (coverage(grid, grid.tiles(max(side, width // 8, height // 8))) == 1).all()


@given(sides, sides, st.sampled_from([2, 3, 4]), factors, st.integers(1, 5))
def test_split_tiles_cover_the_same(
    width: int, height: int, scale: int, shrink: float, rounds: int
) -> None:
    grid = make_grid(width, height, scale, shrink)
    tiles = grid.tiles(60)
    for _ in range(min(rounds, 3)):
        tiles = [part for tile in tiles for part in grid.split(tile)]
    assert (coverage(grid, tiles) == 1).all()


@given(sides, sides, st.sampled_from([2, 3, 4]), factors, st.integers(8, 50))
def test_tiles_read_their_context_and_nothing_outside(
    width: int, height: int, scale: int, shrink: float, side: int
) -> None:
    grid = make_grid(width, height, scale, shrink)
    for tile in grid.tiles(side):
        for span, length in ((tile.columns, width), (tile.rows, height)):
            first, last = span.enlarged
            assert 0 <= span.source[0] <= first // scale
            assert -(-last // scale) <= span.source[1] <= length
            assert span.source[0] == 0 or first // scale - span.source[0] == grid.radius
            assert span.source[1] == length or span.source[1] - -(-last // scale) == grid.radius


def test_tiles_are_of_about_the_side_asked_for() -> None:
    tiles = Grid((100, 50), (400, 200), 4, 7).tiles(40)
    assert len(tiles) == 6
    assert {tile.target.width for tile in tiles} == {132, 136}
    assert {tile.target.height for tile in tiles} == {100}
    assert [tile.target.y for tile in tiles] == [0, 0, 0, 100, 100, 100]


def test_a_tile_of_one_pixel_cannot_be_split() -> None:
    grid = Grid((1, 1), (1, 1), 2, 7)
    (tile,) = grid.tiles(10)
    assert grid.split(tile) == [tile]


def test_widened_tiles_stay_within_the_picture() -> None:
    grid = Grid((50, 50), (200, 200), 4, 7)
    tiles = grid.tiles(25)
    assert [grid.widened(tile, 8).target for tile in tiles] == [
        Rect(0, 0, 108, 108),
        Rect(92, 0, 108, 108),
        Rect(0, 92, 108, 108),
        Rect(92, 92, 108, 108),
    ]


def _pixels(tiles: list[Tile]) -> int:
    return sum(tile.source.width * tile.source.height for tile in tiles)


def test_the_cheapest_tiles_have_little_context() -> None:
    """As for Real-ESRGAN x4plus: 48 pixels of context, room for 584 x 584."""
    grid = Grid((1000, 1000), (4000, 4000), 4, 48)
    tiles = grid.cheapest_tiles(584**2)
    assert _pixels(tiles) <= 1.25 * 1000 * 1000 < _pixels(grid.tiles(584 - 96))
    assert max(t.source.width * t.source.height for t in tiles) <= 584**2
    small, large = (Grid((n, n), (4 * n, 4 * n), 4, 48) for n in (160, 320))
    assert _pixels(large.cheapest_tiles(584**2)) == 4 * _pixels(small.cheapest_tiles(584**2))


@settings(deadline=None)
@given(
    width=st.integers(1, 300),
    height=st.integers(1, 300),
    radius=st.integers(0, 60),
    pixels=st.integers(1_000, 40_000),
)
def test_the_cheapest_tiles_cover_all_and_cost_no_more(
    width: int, height: int, radius: int, pixels: int
) -> None:
    grid = Grid((width, height), (2 * width, 2 * height), 2, radius)
    tiles = grid.cheapest_tiles(pixels)
    assert sum(t.target.width * t.target.height for t in tiles) == 4 * width * height
    side = int(pixels**0.5) - 2 * radius
    if side >= 1:
        assert max(t.source.width * t.source.height for t in tiles) <= pixels
        assert _pixels(tiles) <= _pixels(grid.tiles(side))
