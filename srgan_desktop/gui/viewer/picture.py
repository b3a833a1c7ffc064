"""One picture for the viewer: its pixels, its pyramid, and which parts are there yet."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtGui import QRegion

from srgan_desktop.gui.viewer.grid import rects_of
from srgan_desktop.gui.viewer.pyramid import Box, Pixels, Pyramid


class TiledImage(QObject):
    """An array of pixels, possibly huge, possibly still being written.

    Only the tiles in view are read. Use it from the window's thread.
    """

    written = Signal(QRegion)
    """Something has been written; the region is what of it (in pixels) was not there before."""

    def __init__(self, pixels: Pixels, *, written: bool = True) -> None:
        """``pixels``: (H, W, 3|4) uint8, RGB or RGBA with straight alpha, also a ``np.memmap``.

        It is read when needed and never copied as a whole, so it must stay open. With ``written``
        false it is all zeros, and nothing of it is shown until ``mark_written`` says so.

        Raises ValueError for another shape or type.
        """
        super().__init__()
        self.pyramid = Pyramid(pixels, empty=not written)
        whole = QRegion(QRect(0, 0, *self.pyramid.size))
        self._missing = QRegion() if written else whole

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.pyramid.size

    @property
    def complete(self) -> bool:
        """Whether every part has been written."""
        return self._missing.isEmpty()

    def mark_written(self, x: int, y: int, width: int, height: int) -> None:
        """These pixels of the array are now final: show them, and re-read what held them.

        What lies outside the picture is ignored.
        """
        rect = QRect(x, y, width, height).intersected(QRect(0, 0, *self.size))
        if rect.isEmpty():
            return
        self.pyramid.touch(
            Box(rect.x(), rect.y(), rect.x() + rect.width(), rect.y() + rect.height())
        )
        new = self._missing & rect
        self._missing -= new
        self.written.emit(new)

    def is_written(self, x: int, y: int) -> bool:
        """Whether the pixel at column ``x``, row ``y`` is there."""
        rect = QRect(x, y, 1, 1)
        return QRect(0, 0, *self.size).contains(rect) and not self._missing.intersects(rect)

    def showable(self, level: int) -> QRegion | None:
        """The part (in pixels) that a level may show; None stands for the whole.

        A coarse pixel, and the smoothing between two, reaches over the border of what has been
        written; such pixels wait for their neighbours instead of showing a dark rim.
        """
        if self.complete:
            return None
        reach = 1 << level
        region = QRegion(QRect(0, 0, *self.size))
        for rect in rects_of(self._missing):
            region -= QRegion(_aligned(rect, reach).adjusted(-reach, -reach, reach, reach))
        return region


def _aligned(rect: QRect, step: int) -> QRect:
    """``rect`` grown to whole multiples of ``step``."""
    left, top = rect.x() // step * step, rect.y() // step * step
    right = -(-(rect.x() + rect.width()) // step) * step
    bottom = -(-(rect.y() + rect.height()) // step) * step
    return QRect(left, top, right - left, bottom - top)
