"""The before/after widget: the pictures it is given and how it paints them."""

from __future__ import annotations

import time
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QSizePolicy, QStyle, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.viewer import overlay
from srgan_desktop.gui.viewer.composer import BeforeMethod, Composer, Fade
from srgan_desktop.gui.viewer.navigation import NavigableArea, single_shot
from srgan_desktop.gui.viewer.picture import TiledImage
from srgan_desktop.gui.viewer.sampling import PixelSample, colour_at

CACHE_BYTES = 256 * 1024 * 1024
FADE_MS = 200
FRAME_MS = 16


class BeforeAfterViewer(NavigableArea):
    """Compares a picture with its enlargement; everything is measured in after-pixels.

    Call ``set_images``, then ``TiledImage.mark_written`` as parts arrive. Zoom 1 is one
    after-pixel per screen pixel. The thread that reads tiles ends by itself when there is
    nothing to read; ``shutdown`` ends it at once, and so does destroying the widget.
    """

    pixel_hovered = Signal(object)
    """The ``PixelSample`` under the pointer; None beside the picture."""
    reading_failed = Signal(Exception)
    """Pixels could not be read (a file that has gone, memory); what is there stays shown."""

    def __init__(self, parent: QWidget | None = None, *, cache_bytes: int = CACHE_BYTES) -> None:
        super().__init__(parent)
        self._before: TiledImage | None = None
        self._after: TiledImage | None = None
        self._labels = True
        self._fade_ms = FADE_MS
        self._fades: list[tuple[QRegion, float]] = []
        self._frame = QImage()
        self._composer = Composer(cache_bytes, self)
        self._composer.changed.connect(self._repaint_soon)
        self._composer.failed.connect(self.reading_failed)
        self.destroyed.connect(self._composer.stop)
        self._repaint_timer = single_shot(self, FRAME_MS)
        self._repaint_timer.timeout.connect(self.update)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    # the pictures

    def set_images(
        self,
        before: TiledImage | None,
        after: TiledImage | None,
        size: QSize | tuple[int, int],
    ) -> None:
        """Show a pair; ``after`` may be None until there is one.

        ``size`` (width, height) is the after-picture's, known before it exists; ``before`` is
        shown enlarged to it. With the same ``before`` as until now the view stays where it is.

        Raises ValueError when ``after`` is of another size, or there are no pixels in it.
        """
        pair = (size.width(), size.height()) if isinstance(size, QSize) else size
        if min(pair) < 1:
            raise ValueError(f"no size for a picture: {pair}")
        if after is not None and after.size != pair:
            raise ValueError(f"the after-picture is {after.size}, not {pair}")
        stay = before is not None and before is self._before
        self._watch(after)
        self._before, self._after, self._fades = before, after, []
        self._composer.set_images(before, after, pair)
        self.state.has_after = after is not None
        self.state.set_image(pair, stay=stay)
        self.view_changed()

    def clear(self) -> None:
        """Show nothing and let go of both pictures."""
        self._watch(None)
        self._before, self._after, self._fades = None, None, []
        self._composer.set_images(None, None, (1, 1))
        self.state.has_after = False
        self.state.set_image(None, stay=False)
        self.view_changed()

    def shutdown(self) -> None:
        """End the reading thread for good; waits for some 10 ms at most."""
        self._composer.stop()

    def set_before_method(self, method: Literal["bicubic", "nearest"]) -> None:
        """How the before-picture is enlarged."""
        self._composer.method = BeforeMethod(method)
        self.update()

    # the view

    def set_show_before(self, show: bool) -> None:
        """In single mode: show the before-picture instead of the after-picture."""
        self.state.show_before = show
        self.update()

    def set_labels_visible(self, visible: bool) -> None:
        """Whether "Before" and "After" are written over the pictures."""
        self._labels = visible
        self.update()

    def set_fade_ms(self, duration_ms: int) -> None:
        """How long a part that has just arrived takes to appear; 0 for at once."""
        self._fade_ms = duration_ms

    # what is seen

    @property
    def loading(self) -> bool:
        """Whether the frame painted last lacked tiles that are on their way."""
        return self._composer.loading

    @property
    def cache_bytes_used(self) -> int:
        """What the tiles kept for painting take."""
        return self._composer.cache.bytes_used

    def pixel_at(self, point: QPointF) -> PixelSample | None:
        """What is painted at a widget position; None beside the picture."""
        pixel = self.state.picture_pixel(self.to_device(point))
        if pixel is None or self.state.transform is None:
            return None
        size = self.state.transform.picture
        there = self._after is not None and self._after.is_written(*pixel)
        before, after = colour_at(self._before, pixel, size), colour_at(self._after, pixel, size)
        return PixelSample(*pixel, before, after if there else None)

    def render_visible(self, *, overlay_too: bool = True) -> QImage:
        """What the widget shows now, in screen pixels, made from the tiles at hand."""
        self.follow_area()
        self._compose()
        image = self._frame.copy()
        image.setDevicePixelRatio(self.devicePixelRatioF())
        if overlay_too:
            painter = QPainter(image)
            self._paint_overlay(painter)
            painter.end()
        return image

    def hover(self, point: QPointF | None) -> None:
        """Tell what is pointed at."""
        self.pixel_hovered.emit(self.pixel_at(point) if point is not None else None)

    # Qt

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's names
        """A size to begin with."""
        return QSize(960, 640)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """The smallest area in which there is something to compare."""
        return QSize(240, 160)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """One composed frame, then what lies over it."""
        self.follow_area()
        self._compose()
        self._frame.setDevicePixelRatio(self.devicePixelRatioF())
        painter = QPainter(self)
        painter.drawImage(0, 0, self._frame)
        self._paint_overlay(painter)
        painter.end()
        if self._fades:
            self._repaint_soon()

    # inside

    def _compose(self) -> None:
        size = QSize(*self.device_size())
        if self._frame.size() != size:
            self._frame = QImage(size, QImage.Format.Format_RGB32)
        self._frame.setDevicePixelRatio(1)
        colours = overlay.colours_of(self.palette())
        self._composer.paint(self._frame, self.state.panes(), colours, self._present_fades())

    def _paint_overlay(self, painter: QPainter) -> None:
        size = (self.width(), self.height())
        if self.has_divider:
            active = self.over_divider or (self.by_keyboard and self.hasFocus())
            overlay.paint_divider(painter, self.divider_at(), size, self.palette(), active)
        if self._labels:
            for pill in self._pills():
                overlay.paint_pill(painter, pill)
        if self.by_keyboard and self.hasFocus():
            overlay.paint_focus(painter, size, self.palette())

    def _pills(self) -> list[overlay.Pill]:
        """The labels; none where there is nothing to compare."""
        if self._before is None or self._after is None:
            return []
        before, after = tr("Before"), tr("After")
        ratio = self.devicePixelRatioF()
        areas = [
            QRectF(rect.x() / ratio, 0, rect.width() / ratio, self.height())
            for rect in self.state.pane_rects()
        ]
        if len(areas) == 2:
            right = before if self.state.holding else after
            return [overlay.Pill(before, areas[0]), overlay.Pill(right, areas[1])]
        if not self.has_divider:
            return [overlay.Pill(before if self.state.only_before else after, areas[0])]
        x, width, height = self.divider_at(), self.width(), self.height()
        return [
            overlay.Pill(before, QRectF(0, 0, x, height)),
            overlay.Pill(after, QRectF(x, 0, width - x, height), at_right=True),
        ]

    def _watch(self, after: TiledImage | None) -> None:
        """Follow what is written to the after-picture, and no more to the last one."""
        if self._after is not None:
            self._after.written.disconnect(self._on_written)
        if after is not None:
            after.written.connect(self._on_written)

    @Slot(QRegion)
    def _on_written(self, new: QRegion) -> None:
        # a style that does not animate asks for calm on behalf of the person
        calm = not self.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration)
        if self._fade_ms and not calm and not new.isEmpty():
            self._fades.append((new, time.monotonic()))
        self._repaint_soon()

    def _present_fades(self) -> list[Fade]:
        now = time.monotonic()
        self._fades = [fade for fade in self._fades if (now - fade[1]) * 1000 < self._fade_ms]
        return [Fade(new, (now - start) * 1000 / self._fade_ms) for new, start in self._fades]

    @Slot()
    def _repaint_soon(self) -> None:
        """Once per frame, however many tiles arrive."""
        if not self._repaint_timer.isActive():
            self._repaint_timer.start()
