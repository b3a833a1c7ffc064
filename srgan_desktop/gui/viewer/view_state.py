"""Which part of the pictures is looked at and how the widget's area is shared between them.

Everything here is in device pixels of the widget and in after-pixels; no widget, no painting.
"""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QRect

from srgan_desktop.gui.viewer.composer import Pane
from srgan_desktop.gui.viewer.grid import Placement
from srgan_desktop.gui.viewer.transform import Point, Size, ViewTransform

PANE_GAP = 2


class ViewMode(StrEnum):
    """How the two pictures are compared."""

    DIVIDER = "divider"
    SIDE_BY_SIDE = "side by side"
    SINGLE = "single"


class ViewState:
    """The view's transform with what it depends on: the area, the mode, the divider."""

    def __init__(self) -> None:
        self.transform: ViewTransform | None = None
        self.fitting = True
        self.divider = 0.5
        self.mode = ViewMode.DIVIDER
        self.has_after = False
        self.show_before = False
        self.holding = False
        self.area: Size = (1, 1)

    @property
    def has_divider(self) -> bool:
        """Whether there is a divider to move."""
        return self.mode is ViewMode.DIVIDER and self.has_after

    @property
    def only_before(self) -> bool:
        """Whether the before-picture is to be seen everywhere."""
        single = self.mode is ViewMode.SINGLE and self.show_before
        return self.holding or single or not self.has_after

    def set_image(self, size: Size | None, *, stay: bool) -> None:
        """Another picture of ``size``; ``stay`` looks at the same part of it as before."""
        if size is None:
            self.transform, self.fitting = None, True
            return
        old, new = self.transform, ViewTransform.fitted(size, self._viewport())
        if old is None or not stay or self.fitting:
            self.transform, self.fitting = new, True
            return
        ratio = size[0] / old.picture[0], size[1] / old.picture[1]
        seen = new.centred((old.centre[0] * ratio[0], old.centre[1] * ratio[1]))
        middle = (seen.viewport[0] / 2, seen.viewport[1] / 2)
        self.transform = seen.zoomed(old.zoom / ratio[0], middle)

    def set_area(self, area: Size) -> None:
        """The widget's size in device pixels."""
        self.area = (max(1, area[0]), max(1, area[1]))
        self.refit()

    def set_mode(self, mode: ViewMode) -> None:
        """Compare in another way, looking at the same place."""
        self.mode = mode
        self.refit()

    def refit(self) -> None:
        """Follow a change of the area."""
        if self.transform is None:
            return
        viewport = self._viewport()
        if self.fitting:
            self.transform = ViewTransform.fitted(self.transform.picture, viewport)
        else:
            self.transform = self.transform.resized(viewport)

    def fit(self) -> None:
        """Show the whole picture from now on."""
        self.fitting = True
        self.refit()

    def zoom_to(self, zoom: float, anchor: Point | None) -> None:
        """Zoom about a position in the area; a picture wholly in view is put into its middle."""
        if self.transform is None:
            return
        fit_zoom = self.transform.fit_zoom
        if fit_zoom <= 1 and zoom <= fit_zoom * (1 + 1e-6):
            self.fit()
            return
        (width, height), size = self.transform.viewport, self.transform.picture
        self.fitting = False
        at = self.in_pane(anchor) if anchor else (width / 2, height / 2)
        self.transform = self.transform.zoomed(zoom, at)
        if self.transform.zoom <= fit_zoom:
            self.transform = self.transform.centred((size[0] / 2, size[1] / 2))

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture; one that fits stays where it is."""
        if self.transform is not None and not self.fitting:
            self.transform = self.transform.panned(dx, dy)

    def look_at(self, centre: Point) -> None:
        """Put a picture point into the middle."""
        if self.transform is not None:
            self.fitting = False
            self.transform = self.transform.centred(centre)

    def in_pane(self, point: Point) -> Point:
        """A position in the area as a position in the view that shows the picture there."""
        left = max(rect.x() for rect in self.pane_rects() if rect.x() <= max(0, point[0]))
        return point[0] - left, point[1]

    def picture_pixel(self, point: Point) -> Size | None:
        """The after-pixel painted at a position; None beside the picture."""
        if self.transform is None:
            return None
        at, origin, zoom = self.in_pane(point), self.transform.origin(), self.transform.zoom
        x, y = int((at[0] - origin[0]) // zoom), int((at[1] - origin[1]) // zoom)
        width, height = self.transform.picture
        return (x, y) if 0 <= x < width and 0 <= y < height else None

    def divider_range(self) -> tuple[int, int]:
        """Where the divider may stand: the ends of what is seen of the picture."""
        if self.transform is None:
            return 0, self.area[0]
        frame = self._place(0).device_rect(QRect(0, 0, *self.transform.picture))
        left = max(0, frame.x())
        return left, max(left, min(self.area[0], frame.x() + frame.width()))

    def divider_x(self) -> int:
        """The first column of the after-picture's side."""
        left, right = self.divider_range()
        return left + round(self.divider * (right - left))

    def pane_rects(self) -> list[QRect]:
        """The area, or its two halves when the pictures stand side by side."""
        width, height = self.area
        if self.mode is not ViewMode.SIDE_BY_SIDE or not self.has_after:
            return [QRect(0, 0, width, height)]
        half = max(1, (width - PANE_GAP) // 2)
        return [QRect(0, 0, half, height), QRect(width - half, 0, half, height)]

    def panes(self) -> list[Pane]:
        """What is painted where."""
        if self.transform is None:
            return []
        rects, nothing = self.pane_rects(), QRect()
        if len(rects) == 2:
            right = QRect() if self.holding else rects[1]
            return [
                Pane(self._place(0), rects[0], nothing),
                Pane(self._place(rects[1].x()), rects[1] if self.holding else nothing, right),
            ]
        area = rects[0]
        if self.only_before:
            return [Pane(self._place(0), area, nothing)]
        if self.mode is ViewMode.SINGLE:
            return [Pane(self._place(0), nothing, area)]
        x, height = self.divider_x(), area.height()
        after = QRect(x, 0, area.width() - x, height)
        return [Pane(self._place(0), QRect(0, 0, x, height), after)]

    def _place(self, left: int) -> Placement:
        assert self.transform is not None
        x, y = self.transform.origin()
        return Placement((x + left, y), self.transform.zoom)

    def _viewport(self) -> Size:
        rect = self.pane_rects()[0]
        return rect.width(), rect.height()
