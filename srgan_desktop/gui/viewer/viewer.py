"""The before/after widget: what its owner may ask of it, and how it shows the answer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QStyle, QWidget

from srgan_desktop.core.translation import tr
from srgan_desktop.gui.viewer import overlay
from srgan_desktop.gui.viewer.composer import BeforeMethod, Composer, Fade
from srgan_desktop.gui.viewer.input_area import InputArea
from srgan_desktop.gui.viewer.picture import TiledPicture
from srgan_desktop.gui.viewer.transform import Point
from srgan_desktop.gui.viewer.view_state import ViewMode, ViewState

CACHE_BYTES = 256 * 1024 * 1024
FADE_MS = 200
FRAME_MS = 16
REGION_DELAY_MS = 120


@dataclass(frozen=True)
class PixelSample:
    """A read-out: the after-pixel's column and row, and both pictures' RGB there (0..255).

    ``before`` is the small picture's own pixel under it; ``after`` is None while not computed.
    """

    x: int
    y: int
    before: tuple[int, int, int] | None
    after: tuple[int, int, int] | None


class BeforeAfterViewer(InputArea):
    """Compares a picture with its enlargement; everything is measured in after-pixels.

    Call ``set_pictures``, then ``TiledPicture.mark_written`` as parts arrive. Zoom 1 is one
    after-pixel per screen pixel. The thread that reads tiles ends by itself when there is
    nothing to read; ``shutdown`` ends it at once, and so does destroying the widget.
    """

    visible_region_changed = Signal(QRectF)
    """The after-pixels in view, told once they have stopped changing."""
    zoom_changed = Signal(float)
    divider_changed = Signal(float)
    pixel_hovered = Signal(object)
    """The ``PixelSample`` under the pointer; None beside the picture."""

    def __init__(self, parent: QWidget | None = None, *, cache_bytes: int = CACHE_BYTES) -> None:
        super().__init__(parent)
        self._state = ViewState()
        self._before: TiledPicture | None = None
        self._after: TiledPicture | None = None
        self._labels = True
        self._fade_ms = FADE_MS
        self._fades: list[tuple[QRect, float]] = []
        self._frame = QImage()
        self._told_region = QRectF()
        self._told_zoom = 1.0
        self._composer = Composer(cache_bytes, self)
        self._composer.changed.connect(self._repaint_soon)
        self.destroyed.connect(self._composer.stop)
        self._repaint_timer = self._single_shot(FRAME_MS)
        self._repaint_timer.timeout.connect(self.update)
        self._region_timer = self._single_shot(REGION_DELAY_MS)
        self._region_timer.timeout.connect(self._tell_region)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._describe()

    # the pictures

    def set_pictures(
        self,
        before: TiledPicture | None,
        after: TiledPicture | None,
        size: QSize | tuple[int, int],
    ) -> None:
        """Show a pair; ``after`` may be None until there is one.

        ``size`` (width, height) is the after-picture's, known before it exists; ``before`` is
        shown enlarged to it. With the same ``before`` as until now the view stays where it is.

        Raises ValueError when ``after`` is of another size.
        """
        pair = (size.width(), size.height()) if isinstance(size, QSize) else size
        if after is not None and after.size != pair:
            raise ValueError(f"the after-picture is {after.size}, not {pair}")
        stay = before is not None and before is self._before
        self._watch(after)
        self._before, self._after, self._fades = before, after, []
        self._composer.set_pictures(before, after, pair)
        self._state.has_after = after is not None
        self._state.set_picture(pair, stay=stay)
        self._view_changed()

    def clear(self) -> None:
        """Show nothing and let go of both pictures."""
        self._watch(None)
        self._before, self._after, self._fades = None, None, []
        self._composer.set_pictures(None, None, (1, 1))
        self._state.has_after = False
        self._state.set_picture(None, stay=False)
        self._view_changed()

    def shutdown(self) -> None:
        """End the reading thread for good; waits for some 10 ms at most."""
        self._composer.stop()

    def set_before_method(self, method: Literal["bicubic", "nearest"]) -> None:
        """How the before-picture is enlarged."""
        self._composer.method = BeforeMethod(method)
        self.update()

    # the view

    @property
    def mode(self) -> ViewMode:
        """How the pictures are compared."""
        return self._state.mode

    @mode.setter
    def mode(self, mode: ViewMode) -> None:
        self._state.set_mode(ViewMode(mode))
        self._view_changed()

    @property
    def divider(self) -> float:
        """Where the divider stands: 0 left to 1 right end of what is seen of the picture."""
        return self._state.divider

    @divider.setter
    def divider(self, position: float) -> None:
        position = min(1.0, max(0.0, position))
        if position != self._state.divider:
            self._state.divider = position
            self._describe()
            self.update()
            self.divider_changed.emit(position)

    @property
    def zoom(self) -> float:
        """Screen pixels per after-pixel; 1 where there is no picture."""
        return self._state.transform.zoom if self._state.transform else 1.0

    @property
    def fitting(self) -> bool:
        """Whether the whole picture is kept in view, also when the widget changes its size."""
        return self._state.fitting

    @property
    def centre(self) -> QPointF:
        """The after-pixel position in the middle of the view (of each half, side by side)."""
        return QPointF(*self._state.transform.centre) if self._state.transform else QPointF()

    @centre.setter
    def centre(self, point: QPointF) -> None:
        self._state.look_at((point.x(), point.y()))
        self._view_changed()

    def fit(self) -> None:
        """Show the whole picture, and go on doing so."""
        self._state.fit()
        self._view_changed()

    def zoom_to(self, factor: float, anchor: QPointF | None = None) -> None:
        """Zoom with the picture point under ``anchor`` (widget position) kept where it is.

        Without ``anchor`` the middle stays. The limits are fit (or 100 %) and 800 %; at fit the
        whole picture is in the middle.
        """
        self._state.zoom_to(factor, self._to_device(anchor) if anchor is not None else None)
        self._view_changed()

    def set_show_before(self, show: bool) -> None:
        """In single mode: show the before-picture instead of the after-picture."""
        self._state.show_before = show
        self.update()

    def set_labels_visible(self, visible: bool) -> None:
        """Whether "Before" and "After" are written over the pictures."""
        self._labels = visible
        self.update()

    def set_fade_ms(self, duration_ms: int) -> None:
        """How long a part that has just arrived takes to appear; 0 for at once."""
        self._fade_ms = duration_ms

    def retranslate(self) -> None:
        """Say everything again after the language has changed."""
        self._describe()
        self.update()

    # what is seen

    @property
    def loading(self) -> bool:
        """Whether the frame painted last lacked tiles that are on their way."""
        return self._composer.loading

    @property
    def cache_bytes_used(self) -> int:
        """What the tiles kept for painting take."""
        return self._composer.cache.bytes_used

    def visible_region(self) -> QRectF:
        """The part of the picture in view, in after-pixels; empty without a picture."""
        if self._state.transform is None:
            return QRectF()
        left, top, right, bottom = self._state.transform.visible()
        return QRectF(left, top, right - left, bottom - top)

    def pixel_at(self, point: QPointF) -> PixelSample | None:
        """What is painted at a widget position; None beside the picture."""
        pixel = self._state.picture_pixel(self._to_device(point))
        if pixel is None or self._state.transform is None:
            return None
        size = self._state.transform.picture
        there = self._after is not None and self._after.is_written(*pixel)
        before, after = _rgb(self._before, pixel, size), _rgb(self._after, pixel, size)
        return PixelSample(*pixel, before, after if there else None)

    def render_visible(self, *, overlay_too: bool = True) -> QImage:
        """What the widget shows now, in screen pixels, made from the tiles at hand."""
        self._follow_area()
        self._compose()
        image = self._frame.copy()
        image.setDevicePixelRatio(self.devicePixelRatioF())
        if overlay_too:
            painter = QPainter(image)
            self._paint_overlay(painter)
            painter.end()
        return image

    # wishes of keys and pointer

    @property
    def has_divider(self) -> bool:
        """Whether there is a divider to move."""
        return self._state.has_divider and not self._state.holding

    def divider_at(self) -> float:
        """The divider's position in widget pixels."""
        return self._state.divider_x() / self.devicePixelRatioF()

    def near_divider(self, point: QPointF, reach: float) -> bool:
        """Whether a widget position is within ``reach`` of the divider, or on its handle."""
        if not self.has_divider:
            return False
        x = self.divider_at()
        away = point - overlay.handle_middle(x, (self.width(), self.height()))
        on_handle = abs(away.x()) + abs(away.y()) <= overlay.HANDLE_RADIUS + reach / 2
        return abs(point.x() - x) <= reach or on_handle

    def move_divider_to(self, x: float) -> None:
        """Put the divider at a position in widget pixels."""
        left, right = self._state.divider_range()
        if right > left:
            self.divider = (x * self.devicePixelRatioF() - left) / (right - left)

    def can_pan(self) -> bool:
        """Whether there is more of the picture than is seen."""
        return self._state.transform is not None and not self._state.fitting

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by widget pixels; a picture that fits stays in the middle."""
        self._state.pan(*self._to_device(QPointF(dx, dy)))
        self._view_changed()

    def look_aside(self, across: float, down: float) -> None:
        """Look further right and down by a share of the view."""
        self.pan(-across * self.width(), -down * self.height())

    def zoom_by(self, factor: float, anchor: QPointF, *, stop_at_full: bool = False) -> None:
        """Zoom by a factor; ``stop_at_full`` rests at 100 % instead of passing it."""
        target = self.zoom * factor
        if stop_at_full and min(self.zoom, target) < 0.999 and max(self.zoom, target) > 1.001:
            target = 1.0
        self.zoom_to(target, anchor)

    def zoom_step(self, direction: int) -> None:
        """To the next round zoom, in (1) or out (-1)."""
        if self._state.transform:
            self.zoom_to(self._state.transform.next_stop(direction))

    def toggle_fit(self, anchor: QPointF) -> None:
        """Between the whole picture and 100 % at a widget position."""
        if self._state.fitting:
            self.zoom_to(1.0, anchor)
        else:
            self.fit()

    def set_holding(self, holding: bool) -> None:
        """Show the before-picture everywhere for as long as this lasts."""
        self._state.holding = holding
        self.update()

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
        self._follow_area()
        self._compose()
        self._frame.setDevicePixelRatio(self.devicePixelRatioF())
        painter = QPainter(self)
        painter.drawImage(0, 0, self._frame)
        self._paint_overlay(painter)
        painter.end()
        if self._fades:
            self._repaint_soon()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep fitting, or keep the middle."""
        self._follow_area()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Another language, theme or font."""
        if event.type() == QEvent.Type.LanguageChange:
            self._describe()
        self.update()
        super().changeEvent(event)

    # inside

    def _compose(self) -> None:
        size = QSize(*self._device_size())
        if self._frame.size() != size:
            self._frame = QImage(size, QImage.Format.Format_RGB32)
        self._frame.setDevicePixelRatio(1)
        colours = overlay.colours_of(self.palette())
        self._composer.paint(self._frame, self._state.panes(), colours, self._present_fades())

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
            for rect in self._state.pane_rects()
        ]
        if len(areas) == 2:
            right = before if self._state.holding else after
            return [overlay.Pill(before, areas[0]), overlay.Pill(right, areas[1])]
        if not self.has_divider:
            return [overlay.Pill(before if self._state.only_before else after, areas[0])]
        x, width, height = self.divider_at(), self.width(), self.height()
        return [
            overlay.Pill(before, QRectF(0, 0, x, height)),
            overlay.Pill(after, QRectF(x, 0, width - x, height), at_right=True),
        ]

    def _watch(self, after: TiledPicture | None) -> None:
        """Follow what is written to the after-picture, and no more to the last one."""
        if self._after is not None:
            self._after.written.disconnect(self._on_written)
        if after is not None:
            after.written.connect(self._on_written)

    @Slot(QRect)
    def _on_written(self, rect: QRect) -> None:
        # a style that does not animate asks for calm on behalf of the person
        calm = not self.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration)
        if self._fade_ms and not calm:
            self._fades.append((rect, time.monotonic()))
        self._repaint_soon()

    def _present_fades(self) -> list[Fade]:
        now = time.monotonic()
        self._fades = [fade for fade in self._fades if (now - fade[1]) * 1000 < self._fade_ms]
        return [Fade(rect, (now - start) * 1000 / self._fade_ms) for rect, start in self._fades]

    @Slot()
    def _repaint_soon(self) -> None:
        """Once per frame, however many tiles arrive."""
        if not self._repaint_timer.isActive():
            self._repaint_timer.start()

    def _follow_area(self) -> None:
        if self._state.area != self._device_size():
            self._state.set_area(self._device_size())
            self._view_changed()

    def _view_changed(self) -> None:
        """Show the view, and tell those who want to know."""
        self.update()
        self._region_timer.start()
        if self.zoom != self._told_zoom:
            self._told_zoom = self.zoom
            self.zoom_changed.emit(self.zoom)
        self._describe()

    @Slot()
    def _tell_region(self) -> None:
        region = self.visible_region()
        if region != self._told_region:
            self._told_region = region
            self.visible_region_changed.emit(region)

    def _describe(self) -> None:
        """What a screen reader says."""
        self.setAccessibleName(tr("Comparison of the picture before and after enlarging"))
        zoom, divider = round(self.zoom * 100), round(self._state.divider * 100)
        if self._state.transform is None:
            text = tr("no picture")
        elif self._state.has_divider:
            text = tr("zoom {zoom} %, divider at {divider} %", zoom=zoom, divider=divider)
        else:
            text = tr("zoom {zoom} %", zoom=zoom)
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    def _device_size(self) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))

    def _to_device(self, point: QPointF) -> Point:
        ratio = self.devicePixelRatioF()
        return point.x() * ratio, point.y() * ratio

    def _single_shot(self, delay_ms: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(delay_ms)
        return timer


def _rgb(
    picture: TiledPicture | None, pixel: tuple[int, int], size: tuple[int, int]
) -> tuple[int, int, int] | None:
    """The colour of ``picture``, stretched over ``size``, at a pixel's middle."""
    if picture is None:
        return None
    column = int((pixel[0] + 0.5) * picture.size[0] / size[0])
    row = int((pixel[1] + 0.5) * picture.size[1] / size[1])
    red, green, blue = picture.pyramid.pixels[row, column, :3].tolist()
    return red, green, blue
