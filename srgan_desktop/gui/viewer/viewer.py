"""The before/after widget: the pictures it is given and how it paints them."""

from __future__ import annotations

import time
from typing import Literal

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QStyle, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.viewer import overlay
from srgan_desktop.gui.viewer.composer import BeforeMethod, Composer, Fade
from srgan_desktop.gui.viewer.input import ViewerInput
from srgan_desktop.gui.viewer.navigation import Navigation, device_size, single_shot, to_device
from srgan_desktop.gui.viewer.picture import TiledImage
from srgan_desktop.gui.viewer.sampling import PixelSample, colour_at

CACHE_BYTES = 256 * 1024 * 1024
FADE_MS = 200
FRAME_MS = 16


class BeforeAfterViewer(QWidget):
    """Compares a picture with its enlargement; everything is measured in after-pixels.

    Call ``set_images``, then ``TiledImage.mark_written`` as parts arrive. Zoom 1 is one
    after-pixel per screen pixel. The thread that reads tiles ends by itself when there is
    nothing to read; ``shutdown`` ends it at once, and so does destroying the widget.

    Attributes:
        navigation: where it looks, to be asked, moved and listened to.
    """

    pixel_hovered = Signal(object)
    """The ``PixelSample`` under the pointer; None beside the picture."""
    reading_failed = Signal(Exception)
    """Pixels could not be read (a file that has gone, memory); what is there stays shown."""

    def __init__(self, parent: QWidget | None = None, *, cache_bytes: int = CACHE_BYTES) -> None:
        super().__init__(parent)
        self.navigation = Navigation(self)
        self._input = ViewerInput(self, self.navigation)
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
        self.navigation.changed.connect(self.update)
        self.navigation.changed.connect(self._describe)
        self._input.hovered.connect(self._hover)
        self.retranslate()

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
        self.navigation.set_image(pair, has_after=after is not None, stay=stay)

    def clear(self) -> None:
        """Show nothing and let go of both pictures."""
        self._watch(None)
        self._before, self._after, self._fades = None, None, []
        self._composer.set_images(None, None, (1, 1))
        self.navigation.set_image(None, has_after=False, stay=False)

    def shutdown(self) -> None:
        """End the reading thread for good; waits for some 10 ms at most."""
        self._composer.stop()

    def set_before_method(self, method: Literal["bicubic", "nearest"]) -> None:
        """How the before-picture is enlarged."""
        self._composer.method = BeforeMethod(method)
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
        state = self.navigation.state
        pixel = state.picture_pixel(to_device(self, point))
        if pixel is None or state.transform is None:
            return None
        size = state.transform.picture
        there = self._after is not None and self._after.is_written(*pixel)
        before, after = colour_at(self._before, pixel, size), colour_at(self._after, pixel, size)
        return PixelSample(*pixel, before, after if there else None)

    def render_visible(self, *, overlay_too: bool = True) -> QImage:
        """What the widget shows now, in screen pixels, made from the tiles at hand."""
        self.navigation.follow_area()
        self._compose()
        image = self._frame.copy()
        image.setDevicePixelRatio(self.devicePixelRatioF())
        if overlay_too:
            painter = QPainter(image)
            self._paint_overlay(painter)
            painter.end()
        return image

    def retranslate(self) -> None:
        """Say everything again after the language has changed."""
        self.setAccessibleName(tr("Comparison of the picture before and after enlarging"))
        self._describe()
        self.update()

    # Qt

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's names
        """A size to begin with."""
        return QSize(960, 640)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """The smallest area in which there is something to compare."""
        return QSize(240, 160)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep fitting, or keep the middle."""
        self.navigation.follow_area()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Another language, theme or font."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        self.update()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """One composed frame, then what lies over it."""
        self.navigation.follow_area()
        self._compose()
        self._frame.setDevicePixelRatio(self.devicePixelRatioF())
        painter = QPainter(self)
        painter.drawImage(0, 0, self._frame)
        self._paint_overlay(painter)
        painter.end()
        if self._fades:
            self._repaint_soon()

    # inside

    @Slot()
    def _describe(self) -> None:
        """What a screen reader says of the view."""
        text = _description(self.navigation)
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    @Slot(object)
    def _hover(self, point: QPointF | None) -> None:
        self.pixel_hovered.emit(self.pixel_at(point) if point is not None else None)

    def _compose(self) -> None:
        size = QSize(*device_size(self))
        if self._frame.size() != size:
            self._frame = QImage(size, QImage.Format.Format_RGB32)
        self._frame.setDevicePixelRatio(1)
        colours = overlay.colours_of(self.palette())
        panes = self.navigation.state.panes()
        self._composer.paint(self._frame, panes, colours, self._present_fades())

    def _paint_overlay(self, painter: QPainter) -> None:
        size = (self.width(), self.height())
        by_keyboard = self._input.by_keyboard and self.hasFocus()
        divider = self.navigation.divider_at() if self.navigation.has_divider else None
        if divider is not None:
            active = self._input.over_divider or by_keyboard
            overlay.paint_divider(painter, divider, size, self.palette(), active)
        # where there is nothing to compare, nothing needs a name
        if self._labels and self._before is not None and self._after is not None:
            state = self.navigation.state
            for pill in overlay.pills_of(state, divider, size, self.devicePixelRatioF()):
                overlay.paint_pill(painter, pill)
        if by_keyboard:
            overlay.paint_focus(painter, size, self.palette())

    def _watch(self, after: TiledImage | None) -> None:
        """Follow what is written to the after-picture, and no more to the last one."""
        if self._after is not None:
            self._after.written.disconnect(self._on_written)
        if after is not None:
            after.written.connect(self._on_written)

    @Slot(QRegion)
    def _on_written(self, new: QRegion) -> None:
        # a style that does not animate asks for calm on behalf of the person
        still = not self.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration)
        if self._fade_ms and not still and not new.isEmpty():
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


def _description(navigation: Navigation) -> str:
    zoom, divider = round(navigation.zoom * 100), round(navigation.divider * 100)
    if navigation.state.transform is None:
        return tr("no picture")
    if navigation.state.has_divider:
        return tr("zoom {zoom} %, divider at {divider} %", zoom=zoom, divider=divider)
    return tr("zoom {zoom} %", zoom=zoom)
