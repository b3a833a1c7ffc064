"""Moving about: the view, the divider and the mode, with no picture painted yet."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.viewer import overlay
from srgan_desktop.gui.viewer.input_area import InputArea
from srgan_desktop.gui.viewer.transform import Point
from srgan_desktop.gui.viewer.view_state import ViewMode, ViewState

REGION_DELAY_MS = 120


class NavigableArea(InputArea):
    """Carries out the wishes of keys and pointer on a ``ViewState``, and tells what changed."""

    visible_region_changed = Signal(QRectF)
    """The after-pixels in view, told once they have stopped changing."""
    zoom_changed = Signal(float)
    divider_changed = Signal(float)

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.state = ViewState()
        self._told_region = QRectF()
        self._told_zoom = 1.0
        self._region_timer = single_shot(self, REGION_DELAY_MS)
        self._region_timer.timeout.connect(self._tell_region)
        self.describe()

    @property
    def mode(self) -> ViewMode:
        """How the pictures are compared."""
        return self.state.mode

    @mode.setter
    def mode(self, mode: ViewMode) -> None:
        self.state.set_mode(ViewMode(mode))
        self.view_changed()

    @property
    def divider(self) -> float:
        """Where the divider stands: 0 left to 1 right end of what is seen of the picture."""
        return self.state.divider

    @divider.setter
    def divider(self, position: float) -> None:
        position = min(1.0, max(0.0, position))
        if position != self.state.divider:
            self.state.divider = position
            self.describe()
            self.update()
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
        self.view_changed()

    def fit(self) -> None:
        """Show the whole picture, and go on doing so."""
        self.state.fit()
        self.view_changed()

    def zoom_to(self, factor: float, anchor: QPointF | None = None) -> None:
        """Zoom with the picture point under ``anchor`` (widget position) kept where it is.

        Without ``anchor`` the middle stays. The limits are fit (or 100 %) and 800 %; a picture
        wholly in view is put into the middle.
        """
        self.state.zoom_to(factor, self.to_device(anchor) if anchor is not None else None)
        self.view_changed()

    def visible_region(self) -> QRectF:
        """The part of the picture in view, in after-pixels; empty without a picture."""
        if self.state.transform is None:
            return QRectF()
        left, top, right, bottom = self.state.transform.visible()
        return QRectF(left, top, right - left, bottom - top)

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's names
        """Keep fitting, or keep the middle."""
        self.follow_area()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Another language, theme or font."""
        if event.type() == QEvent.Type.LanguageChange:
            self.describe()
        self.update()
        super().changeEvent(event)

    # wishes of keys and pointer

    @property
    def has_divider(self) -> bool:
        """Whether there is a divider to move."""
        return self.state.has_divider and not self.state.holding

    def divider_at(self) -> float:
        """The divider's position in widget pixels."""
        return self.state.divider_x() / self.devicePixelRatioF()

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
        left, right = self.state.divider_range()
        if right > left:
            self.divider = (x * self.devicePixelRatioF() - left) / (right - left)

    def can_pan(self) -> bool:
        """Whether there is more of the picture than is seen."""
        view = self.state.transform
        return view is not None and view.zoom > view.fit_zoom * (1 + 1e-6)

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by widget pixels; a picture that fits stays in the middle."""
        self.state.pan(*self.to_device(QPointF(dx, dy)))
        self.view_changed()

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
        self.state.holding = holding
        self.update()

    # for the heir

    def retranslate(self) -> None:
        """Say everything again after the language has changed."""
        self.describe()
        self.update()

    def view_changed(self) -> None:
        """Show the view, and tell those who want to know."""
        self.update()
        self._region_timer.start()
        if self.zoom != self._told_zoom:
            self._told_zoom = self.zoom
            self.zoom_changed.emit(self.zoom)
        self.describe()

    @Slot()
    def _tell_region(self) -> None:
        region = self.visible_region()
        if region != self._told_region:
            self._told_region = region
            self.visible_region_changed.emit(region)

    def describe(self) -> None:
        """What a screen reader says."""
        self.setAccessibleName(tr("Comparison of the picture before and after enlarging"))
        zoom, divider = round(self.zoom * 100), round(self.state.divider * 100)
        if self.state.transform is None:
            text = tr("no picture")
        elif self.state.has_divider:
            text = tr("zoom {zoom} %, divider at {divider} %", zoom=zoom, divider=divider)
        else:
            text = tr("zoom {zoom} %", zoom=zoom)
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    def follow_area(self) -> None:
        """Take over the widget's present size, also after a move to another screen."""
        if self.state.area != self.device_size():
            self.state.set_area(self.device_size())
            self.view_changed()

    def device_size(self) -> tuple[int, int]:
        """Width and height in screen pixels."""
        ratio = self.devicePixelRatioF()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))

    def to_device(self, point: QPointF) -> Point:
        """A widget position in screen pixels."""
        ratio = self.devicePixelRatioF()
        return point.x() * ratio, point.y() * ratio


def single_shot(parent: QWidget, delay_ms: int) -> QTimer:
    """A timer that fires once after each start."""
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(delay_ms)
    return timer
