"""What was done of an enlargement before it was stopped, so that it goes on from there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # the window holds one of these before torch is loaded
    from srgan_desktop.core.upscaling.tile_rendering import Planes
    from srgan_desktop.core.upscaling.tiling import Rect


class Unfinished:
    """The canvases of one enlargement with their finished tiles.

    Give it to ``upscale_image`` again only with the very picture, network and options it had.

    Attributes:
        keeps: whether tiles are kept; those that are blended into each other are not.
    """

    def __init__(self) -> None:
        self.keeps = True
        self._canvases: dict[int, Planes] = {}
        self._done: dict[int, list[Rect]] = {}

    def canvas(self, index: int, make: Callable[[], Planes]) -> Planes:
        """That of pass ``index``; a new one where there is none."""
        if index not in self._canvases:
            self._canvases[index] = make()
        return self._canvases[index]

    def done(self, index: int) -> list[Rect]:
        """The tiles of pass ``index`` that are final."""
        return list(self._done.get(index, ()))

    def add(self, index: int, rect: Rect) -> None:
        """One more; smaller ones within it count no longer."""
        known = self._done.get(index, [])
        if any(_within(rect, other) for other in known):
            return
        self._done[index] = [*(other for other in known if not _within(other, rect)), rect]

    @property
    def has_tiles(self) -> bool:
        """Whether anything is kept."""
        return self.keeps and any(self._done.values())

    def covers(self, index: int, rect: Rect) -> bool:
        """Whether all of a tile is final, be it in pieces.

        These may overlap: a tile that is cut again around another point, or in a plan with other
        tiles, shares pixels with the ones before.
        """
        left = [_edges(rect)]
        for known in self._done.get(index, ()):
            left = [part for edges in left for part in _without(edges, _edges(known))]
        return not left


# left, top, right, bottom
_Edges = tuple[int, int, int, int]


def _edges(rect: Rect) -> _Edges:
    return rect.x, rect.y, rect.right, rect.bottom


def _without(whole: _Edges, hole: _Edges) -> list[_Edges]:
    """What of the one the other does not cover: strips above and below, and what is beside it."""
    left, top = max(whole[0], hole[0]), max(whole[1], hole[1])
    right, bottom = min(whole[2], hole[2]), min(whole[3], hole[3])
    if left >= right or top >= bottom:
        return [whole]
    parts = [
        (whole[0], whole[1], whole[2], top),
        (whole[0], bottom, whole[2], whole[3]),
        (whole[0], top, left, bottom),
        (right, top, whole[2], bottom),
    ]
    return [part for part in parts if part[0] < part[2] and part[1] < part[3]]


def _within(inner: Rect, outer: Rect) -> bool:
    return _shared_area(inner, outer) == inner.width * inner.height


def _shared_area(one: Rect, other: Rect) -> int:
    width = min(one.right, other.right) - max(one.x, other.x)
    height = min(one.bottom, other.bottom) - max(one.y, other.y)
    return max(0, width) * max(0, height)
