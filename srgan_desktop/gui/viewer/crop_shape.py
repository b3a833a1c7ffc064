"""A rectangle that is drawn, moved and stretched on a picture: pure arithmetic, no Qt."""

from __future__ import annotations

from dataclasses import dataclass

from srgan_desktop.core.images.crop import Crop

Point = tuple[float, float]
LEAST = 8.0
Handle = tuple[int, int]
"""Which side is held: -1 left or top, 1 right or bottom, 0 neither."""


@dataclass
class CropShape:
    """Stays on the picture, is at least ``LEAST`` pixels wide and high, and keeps its ratio.

    Attributes:
        size: width and height of the picture.
        left, top, right, bottom: in pixels of the picture.
        ratio: width by height; None: any.
    """

    size: tuple[int, int]
    left: float
    top: float
    right: float
    bottom: float
    ratio: float | None = None

    @classmethod
    def whole(cls, size: tuple[int, int], ratio: float | None = None) -> CropShape:
        """As much of the picture as there is."""
        shape = cls(size, 0.0, 0.0, float(size[0]), float(size[1]))
        shape.set_ratio(ratio)
        return shape

    @property
    def crop(self) -> Crop:
        """In whole pixels."""
        x, y = round(self.left), round(self.top)
        width = min(self.size[0] - x, max(1, round(self.right - self.left)))
        height = min(self.size[1] - y, max(1, round(self.bottom - self.top)))
        return Crop(x, y, width, height)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is cut away."""
        crop = self.crop
        return (crop.width, crop.height) == self.size

    def show(self, crop: Crop) -> None:
        """Be where ``crop`` is."""
        self.left, self.top = float(crop.x), float(crop.y)
        self.right, self.bottom = float(crop.x + crop.width), float(crop.y + crop.height)

    def set_ratio(self, ratio: float | None) -> None:
        """From now on; the largest such rectangle about the same middle that is on the picture."""
        self.ratio = ratio
        if ratio is None:
            return
        width, height = self.right - self.left, self.bottom - self.top
        # as large as before, and no larger than the picture
        width = min((width * height * ratio) ** 0.5, self.size[0], self.size[1] * ratio)
        height = width / ratio
        x = (self.left + self.right - width) / 2
        y = (self.top + self.bottom - height) / 2
        self.left, self.top = _within(x, width, self.size[0]), _within(y, height, self.size[1])
        self.right, self.bottom = self.left + width, self.top + height

    def move(self, dx: float, dy: float) -> None:
        """By so many pixels, as far as the picture goes."""
        width, height = self.right - self.left, self.bottom - self.top
        self.left = _within(self.left + dx, width, self.size[0])
        self.top = _within(self.top + dy, height, self.size[1])
        self.right, self.bottom = self.left + width, self.top + height

    def begin(self, point: Point) -> None:
        """A new one, from this corner; ``stretch`` the lower right of it."""
        x = min(max(point[0], 0.0), self.size[0] - self._least(0))
        y = min(max(point[1], 0.0), self.size[1] - self._least(1))
        self.left, self.top, self.right, self.bottom = x, y, x + self._least(0), y + self._least(1)

    def stretch(self, handle: Handle, point: Point) -> Handle:
        """Bring the held sides to ``point``; returns the handle, which may have changed sides."""
        x0, x1, across = self._ends(0, handle[0], point[0])
        y0, y1, down = self._ends(1, handle[1], point[1])
        if self.ratio is not None:
            x0, x1, y0, y1 = self._in_ratio((across, down), (x0, x1), (y0, y1))
        self.left, self.right, self.top, self.bottom = x0, x1, y0, y1
        return across, down

    def _least(self, axis: int) -> float:
        return min(LEAST, float(self.size[axis]))

    def _ends(self, axis: int, side: int, to: float) -> tuple[float, float, int]:
        low, high = ((self.left, self.right), (self.top, self.bottom))[axis]
        if side == 0:
            return low, high, 0
        fixed, end, least = (high if side < 0 else low), float(self.size[axis]), self._least(axis)
        to = min(max(to, 0.0), end)
        side = 1 if to >= fixed else -1
        if abs(to - fixed) < least:
            # where there is no room on this side, there is on the other
            side = -side if not 0 <= fixed + side * least <= end else side
            to = fixed + side * least
        return min(fixed, to), max(fixed, to), side

    def _in_ratio(
        self, handle: Handle, across: tuple[float, float], down: tuple[float, float]
    ) -> tuple[float, float, float, float]:
        """The rectangle of the ratio that has the side that was drawn longer."""
        assert self.ratio is not None
        width, height = across[1] - across[0], down[1] - down[0]
        if handle[0] == 0:
            width = height * self.ratio
        elif handle[1] != 0:
            width = max(width, height * self.ratio)
        limits = [_limit(across, handle[0], self.size[0]), _limit(down, handle[1], self.size[1])]
        width = min(width, limits[0], limits[1] * self.ratio)
        x0, x1 = _placed(across, handle[0], width)
        y0, y1 = _placed(down, handle[1], width / self.ratio)
        return x0, x1, y0, y1


def _within(start: float, length: float, end: float) -> float:
    return min(max(start, 0.0), end - length)


def _limit(ends: tuple[float, float], side: int, end: float) -> float:
    """How long it can be: from the side that is not held, or on both sides of its middle."""
    if side == 0:
        middle = sum(ends) / 2
        return 2 * min(middle, end - middle)
    return ends[1] if side < 0 else end - ends[0]


def _placed(ends: tuple[float, float], side: int, length: float) -> tuple[float, float]:
    if side == 0:
        middle = sum(ends) / 2
        return middle - length / 2, middle + length / 2
    return (ends[1] - length, ends[1]) if side < 0 else (ends[0], ends[0] + length)
