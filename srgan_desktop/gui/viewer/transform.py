"""Where the picture lies in the view: pure arithmetic, no Qt.

View coordinates are device pixels, so that a zoom of 1 is one picture pixel per screen pixel
whatever the scaling of the desktop. Picture coordinates are continuous: pixel ``i`` covers
``i .. i + 1``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

Point = tuple[float, float]
Size = tuple[int, int]

MAX_ZOOM = 8.0
# fmt: off
ZOOM_STOPS = (
    1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 6, 1 / 4, 1 / 3, 1 / 2, 2 / 3,
    1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0,
)
# fmt: on


@dataclass(frozen=True)
class ViewTransform:
    """A picture of ``picture`` pixels seen through a view of ``viewport`` device pixels.

    ``zoom`` is device pixels per picture pixel; ``centre`` is the picture point in the middle of
    the view and always lies on the picture, so that the picture cannot be lost.
    """

    picture: Size
    viewport: Size
    zoom: float
    centre: Point

    @classmethod
    def fitted(cls, picture: Size, viewport: Size) -> ViewTransform:
        """The whole picture, as large as the view allows, in the middle."""
        view = (max(1, viewport[0]), max(1, viewport[1]))
        zoom = min(MAX_ZOOM, view[0] / picture[0], view[1] / picture[1])
        return cls(picture, view, zoom, (picture[0] / 2, picture[1] / 2))

    @property
    def fit_zoom(self) -> float:
        """The zoom at which the whole picture just fits."""
        return self.fitted(self.picture, self.viewport).zoom

    @property
    def min_zoom(self) -> float:
        """The smallest zoom allowed: fit, or 100 % where fitting enlarges."""
        return min(1.0, self.fit_zoom)

    def to_view(self, point: Point) -> Point:
        """The view position of a picture point."""
        return (
            (point[0] - self.centre[0]) * self.zoom + self.viewport[0] / 2,
            (point[1] - self.centre[1]) * self.zoom + self.viewport[1] / 2,
        )

    def to_picture(self, point: Point) -> Point:
        """The picture point at a view position."""
        return (
            (point[0] - self.viewport[0] / 2) / self.zoom + self.centre[0],
            (point[1] - self.viewport[1] / 2) / self.zoom + self.centre[1],
        )

    def origin(self) -> Size:
        """Where the picture's corner is painted, in whole device pixels.

        Painting is rounded so that 100 % is crisp; the transform itself is not, so that many
        small steps do not drift.
        """
        corner = self.to_view((0.0, 0.0))
        return math.floor(corner[0] + 0.5), math.floor(corner[1] + 0.5)

    def visible(self) -> tuple[float, float, float, float]:
        """The part of the picture in view: left, top, right, bottom in picture pixels."""
        left, top = self.to_picture((0.0, 0.0))
        right, bottom = self.to_picture(self.viewport)
        width, height = self.picture
        return max(0.0, left), max(0.0, top), min(width, right), min(height, bottom)

    def zoomed(self, zoom: float, anchor: Point) -> ViewTransform:
        """At another zoom, with the picture point under view position ``anchor`` kept there.

        Zooming in keeps any point of the picture; zooming out keeps it unless the middle of the
        view would leave the picture.
        """
        zoom = min(MAX_ZOOM, max(self.min_zoom, zoom))
        fixed = self.to_picture(anchor)
        centre = (
            fixed[0] - (anchor[0] - self.viewport[0] / 2) / zoom,
            fixed[1] - (anchor[1] - self.viewport[1] / 2) / zoom,
        )
        return replace(self, zoom=zoom, centre=self._on_picture(centre))

    def centred(self, centre: Point) -> ViewTransform:
        """Looking at another point; a point beside the picture is moved to its edge."""
        return replace(self, centre=self._on_picture(centre))

    def panned(self, dx: float, dy: float) -> ViewTransform:
        """The picture moved by device pixels; its edges stop at the view's edges."""
        return replace(self, centre=(self._pan_axis(0, dx), self._pan_axis(1, dy)))

    def resized(self, viewport: Size) -> ViewTransform:
        """Through a view of another size, same middle, same zoom where that is still allowed."""
        view = replace(self, viewport=(max(1, viewport[0]), max(1, viewport[1])))
        return replace(view, zoom=min(MAX_ZOOM, max(view.min_zoom, self.zoom)))

    def next_stop(self, direction: int) -> float:
        """The next round zoom above (``direction`` 1) or below (-1) the present one."""
        slack = 1.0 + 1e-6
        if direction > 0:
            return next((stop for stop in ZOOM_STOPS if stop > self.zoom * slack), MAX_ZOOM)
        return next(
            (stop for stop in reversed(ZOOM_STOPS) if stop < self.zoom / slack), self.min_zoom
        )

    def _on_picture(self, centre: Point) -> Point:
        return (
            min(max(centre[0], 0.0), float(self.picture[0])),
            min(max(centre[1], 0.0), float(self.picture[1])),
        )

    def _pan_axis(self, axis: int, delta: float) -> float:
        """The centre on one axis after a pan.

        A zoom anchored at the pointer may have left a gap at an edge; a pan never widens it, and
        never closes it with a jump either, hence the limits that include where the view is now.
        """
        length, now = self.picture[axis], self.centre[axis]
        half = min(self.viewport[axis] / 2 / self.zoom, length / 2)
        low, high = min(half, now), max(length - half, now)
        return min(max(now - delta / self.zoom, low), high)
