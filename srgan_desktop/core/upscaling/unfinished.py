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
        kept = [known for known in self._done.get(index, ()) if not _within(known, rect)]
        self._done[index] = [*kept, rect]

    @property
    def has_tiles(self) -> bool:
        """Whether anything is kept."""
        return self.keeps and any(self._done.values())

    def covers(self, index: int, rect: Rect) -> bool:
        """Whether all of a tile is final, be it in pieces."""
        area = sum(_shared_area(known, rect) for known in self._done.get(index, ()))
        return area >= rect.width * rect.height


def _within(inner: Rect, outer: Rect) -> bool:
    return _shared_area(inner, outer) == inner.width * inner.height


def _shared_area(one: Rect, other: Rect) -> int:
    width = min(one.right, other.right) - max(one.x, other.x)
    height = min(one.bottom, other.bottom) - max(one.y, other.y)
    return max(0, width) * max(0, height)
