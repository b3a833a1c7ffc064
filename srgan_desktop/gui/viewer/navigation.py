"""Moving about: the view, the divider and the mode, with nothing painted and no event read."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRectF, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from srgan_desktop.gui.viewer import overlay
from srgan_desktop.gui.viewer.transform import Point
from srgan_desktop.gui.viewer.view_state import ViewMode, ViewState

REGION_DELAY_MS = 120


class Navigation(QObject):
    """Where the viewer looks: carries out what keys, pointer and callers ask of a ``ViewState``.

    ``area`` is the widget that shows it; positions are in its pixels unless said otherwise.
    """

    changed = Signal()
    """Anything that is painted: the view, the divider, the mode, the held original."""
    view_changed = Signal()
    """Another part of the picture is shown, or at another zoom."""
    visible_region_changed = Signal(QRectF)
    """The after-pixels in view, emitted once they have stopped changing."""
    zoom_changed = Signal(float)
    divider_changed = Signal(float)
    holding_changed = Signal(bool)
    """Whether the original is shown everywhere for now."""

    def __init__(self, area: QWidget) -> None:
        super().__init__(area)
        self.state = ViewState()
        self._area = area
        self._last_region = QRectF()
        self._last_zoom = 1.0
        self._region_timer = single_shot(self, REGION_DELAY_MS)
        self._region_timer.timeout.connect(self._emit_region)

    @property
    def mode(self) -> ViewMode:
        """How the pictures are compared."""
        return self.state.mode

    @mode.setter
    def mode(self, mode: ViewMode) -> None:
        self.state.set_mode(ViewMode(mode))
        self.announce()

    @property
    def divider(self) -> float:
        """Where the divider stands: 0 left to 1 right end of what is seen of the picture."""
        return self.state.divider

    @divider.setter
    def divider(self, position: float) -> None:
        position = min(1.0, max(0.0, position))
        if position != self.state.divider:
            self.state.divider = position
            self.changed.emit()
            self.divider_changed.emit(position)

    @property
    def zoom(self) -> float:
        """Screen pixels per after-pixel; 1 where there is no picture."""
        return self.state.transform.zoom if self.state.transform else 1.0

    @property
    def fitting(self) -> bool:
        """Whether the whole picture is kept in view, also when the widget changes its size."""
        return self.state.fitting

    @property
    def centre(self) -> QPointF:
        """The after-pixel position in the middle of the view (of each half, side by side)."""
        return QPointF(*self.state.transform.centre) if self.state.transform else QPointF()

    @centre.setter
    def centre(self, point: QPointF) -> None:
        self.state.look_at((point.x(), point.y()))
        self.announce()

    def fit(self) -> None:
        """Show the whole picture, and go on doing so."""
        self.state.fit()
        self.announce()

    def zoom_to(self, factor: float, anchor: QPointF | None = None) -> None:
        """Zoom with the picture point under ``anchor`` (widget position) kept where it is.

        Without ``anchor`` the middle stays. The limits are fit (or 100 %) and 800 %; a picture
        wholly in view is put into the middle.
        """
        self.state.zoom_to(factor, to_device(self._area, anchor) if anchor is not None else None)
        self.announce()

    def visible_region(self) -> QRectF:
        """The part of the picture in view, in after-pixels; empty without a picture."""
        if self.state.transform is None:
            return QRectF()
        left, top, right, bottom = self.state.transform.visible()
        return QRectF(left, top, right - left, bottom - top)

    # what keys and pointer ask for

    @property
    def has_divider(self) -> bool:
        """Whether there is a divider to move."""
        return self.state.has_divider and not self.state.holding

    def divider_at(self) -> float:
        """The divider's position in widget pixels."""
        return self.state.divider_x() / self._area.devicePixelRatioF()

    def near_divider(self, point: QPointF, reach: float) -> bool:
        """Whether a widget position is within ``reach`` of the divider, or on its handle."""
        if not self.has_divider:
            return False
        x = self.divider_at()
        away = point - overlay.handle_middle(x, (self._area.width(), self._area.height()))
        on_handle = abs(away.x()) + abs(away.y()) <= overlay.HANDLE_RADIUS + reach / 2
        return abs(point.x() - x) <= reach or on_handle

    def move_divider_to(self, x: float) -> None:
        """Put the divider at a position in widget pixels."""
        left, right = self.state.divider_range()
        if right > left:
            self.divider = (x * self._area.devicePixelRatioF() - left) / (right - left)

    def can_pan(self) -> bool:
        """Whether there is more of the picture than is seen."""
        view = self.state.transform
        return view is not None and view.zoom > view.fit_zoom * (1 + 1e-6)

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by widget pixels; a picture that fits stays in the middle."""
        self.state.pan(*to_device(self._area, QPointF(dx, dy)))
        self.announce()

    def look_aside(self, across: float, down: float) -> None:
        """Look further right and down by a share of the view."""
        self.pan(-across * self._area.width(), -down * self._area.height())

    def zoom_by(self, factor: float, anchor: QPointF, *, stop_at_full: bool = False) -> None:
        """Zoom by a factor; ``stop_at_full`` rests at 100 % instead of passing it."""
        target = self.zoom * factor
        if stop_at_full and min(self.zoom, target) < 0.999 and max(self.zoom, target) > 1.001:
            target = 1.0
        self.zoom_to(target, anchor)

    def zoom_step(self, direction: int) -> None:
        """To the next round zoom, in (1) or out (-1)."""
        if self.state.transform:
            self.zoom_to(self.state.transform.next_stop(direction))

    def toggle_fit(self, anchor: QPointF) -> None:
        """Between the whole picture and 100 % at a widget position."""
        if self.state.fitting:
            self.zoom_to(1.0, anchor)
        else:
            self.fit()

    def set_holding(self, holding: bool) -> None:
        """Show the before-picture everywhere for as long as this lasts."""
        if holding != self.state.holding:
            self.state.holding = holding
            self.changed.emit()
            self.holding_changed.emit(holding)

    def show_before(self, show: bool) -> None:
        """In single mode: show the before-picture instead of the after-picture."""
        self.state.show_before = show
        self.changed.emit()

    def set_image(self, size: tuple[int, int] | None, *, has_after: bool, stay: bool) -> None:
        """Another picture of ``size`` (after-pixels), or none; ``stay`` keeps the place."""
        self.state.has_after = has_after
        self.state.set_image(size, stay=stay)
        self.announce()

    def announce(self) -> None:
        """Tell those who paint and those who follow that the view is another."""
        self.changed.emit()
        self._region_timer.start()
        if self.zoom != self._last_zoom:
            self._last_zoom = self.zoom
            self.zoom_changed.emit(self.zoom)
        self.view_changed.emit()

    # the area

    def follow_area(self) -> None:
        """Take over the widget's present size, also after a move to another screen."""
        if self.state.area != device_size(self._area):
            self.state.set_area(device_size(self._area))
            self.announce()

    @Slot()
    def _emit_region(self) -> None:
        region = self.visible_region()
        if region != self._last_region:
            self._last_region = region
            self.visible_region_changed.emit(region)


def device_size(widget: QWidget) -> tuple[int, int]:
    """Width and height in screen pixels."""
    ratio = widget.devicePixelRatioF()
    return max(1, round(widget.width() * ratio)), max(1, round(widget.height() * ratio))


def to_device(widget: QWidget, point: QPointF) -> Point:
    """A position in a widget, in screen pixels."""
    ratio = widget.devicePixelRatioF()
    return point.x() * ratio, point.y() * ratio


def single_shot(parent: QObject, delay_ms: int) -> QTimer:
    """A timer that fires once after each start."""
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(delay_ms)
    return timer
