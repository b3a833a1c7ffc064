"""Mouse, wheel, touchpad and touchscreen, turned into a few plain steps of the navigation."""

from __future__ import annotations

import math
from enum import Enum

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import (
    QEventPoint,
    QGuiApplication,
    QInputDevice,
    QMouseEvent,
    QNativeGestureEvent,
    QTouchEvent,
    QWheelEvent,
)

from srgan_desktop.gui.viewer.navigation import Navigation

MOUSE_REACH = 8.0
TOUCH_REACH = 24.0
NOTCH = 120
# four notches double the size
NOTCHES_TO_DOUBLE = 4.0


class Drag(Enum):
    """What a press has begun."""

    NONE = "none"
    DIVIDER = "divider"
    PAN = "pan"


class Pointer:
    """Follows one press, or one or two fingers, at a time."""

    def __init__(self, navigation: Navigation) -> None:
        self._navigation = navigation
        self.drag = Drag.NONE
        self._last = QPointF()
        self._grip = 0.0
        self._button = Qt.MouseButton.NoButton
        self._fingers: list[QPointF] = []
        self._tap = (QPointF(), 0, False)

    def press(self, event: QMouseEvent, divider_x: float) -> bool:
        """Begin a drag; false when this button means nothing here."""
        if self.drag is not Drag.NONE:
            return True
        left = event.button() == Qt.MouseButton.LeftButton
        if not left and event.button() != Qt.MouseButton.MiddleButton:
            return False
        self._button = event.button()
        self._begin(event.position(), divider_x, MOUSE_REACH if left else None)
        return True

    def move(self, event: QMouseEvent) -> bool:
        """Go on with a drag; false when there is none."""
        if self.drag is Drag.NONE:
            return False
        self._continue(event.position())
        return True

    def release(self, event: QMouseEvent) -> None:
        """End the drag when its own button is let go."""
        if event.button() == self._button:
            self.cancel()

    def cancel(self) -> None:
        """Forget any drag, as when the window loses the pointer."""
        self.drag = Drag.NONE
        self._button = Qt.MouseButton.NoButton
        self._fingers = []

    def wheel(self, event: QWheelEvent) -> None:
        """A touchpad's two fingers pan; a wheel, or either with Ctrl held, zooms."""
        ctrl = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        pixels = event.pixelDelta()
        if not ctrl and not pixels.isNull() and _from_touchpad(event):
            self._navigation.pan(pixels.x(), pixels.y())
            return
        notches = event.angleDelta().y() / NOTCH
        if notches:
            factor = 2 ** (notches / NOTCHES_TO_DOUBLE)
            whole = abs(notches) >= 1
            self._navigation.zoom_by(factor, event.position(), stop_at_full=whole)

    def native_gesture(self, event: QNativeGestureEvent) -> bool:
        """A pinch on a touchpad."""
        if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self._navigation.zoom_by(max(0.1, 1 + event.value()), event.position())
            return True
        if event.gestureType() == Qt.NativeGestureType.SmartZoomNativeGesture:
            self._navigation.toggle_fit(event.position())
            return True
        return event.gestureType() in (
            Qt.NativeGestureType.BeginNativeGesture,
            Qt.NativeGestureType.EndNativeGesture,
        )

    def touch(self, event: QTouchEvent, divider_x: float) -> None:
        """One finger drags the divider or the picture, two fingers zoom and move it."""
        if event.type() == QEvent.Type.TouchCancel:
            self.cancel()
            return
        if event.type() == QEvent.Type.TouchEnd:
            self._finish_tap(event)
            self.cancel()
            return
        released = QEventPoint.State.Released
        fingers = [point.position() for point in event.points() if point.state() != released]
        if len(fingers) != len(self._fingers):
            self._fingers_changed(fingers, divider_x)
        elif len(fingers) == 1:
            self._continue(fingers[0])
        elif len(fingers) == 2:
            self._pinch(fingers)
        self._fingers = fingers

    def _fingers_changed(self, fingers: list[QPointF], divider_x: float) -> None:
        if len(fingers) == 1:
            # the finger left over from a pinch goes on moving the picture, not the divider
            reach = TOUCH_REACH if not self._fingers else None
            self._begin(fingers[0], divider_x, reach)
        else:
            self.drag = Drag.NONE

    def _begin(self, point: QPointF, divider_x: float, reach: float | None) -> None:
        on_divider = reach is not None and self._navigation.near_divider(point, reach)
        self.drag = Drag.DIVIDER if on_divider else Drag.PAN
        self._last = point
        self._grip = divider_x - point.x()

    def _continue(self, point: QPointF) -> None:
        if self.drag is Drag.DIVIDER:
            self._navigation.move_divider_to(point.x() + self._grip)
        elif self.drag is Drag.PAN:
            self._navigation.pan(point.x() - self._last.x(), point.y() - self._last.y())
        self._last = point

    def _pinch(self, fingers: list[QPointF]) -> None:
        before, now = _spread(self._fingers), _spread(fingers)
        middle_before, middle = _middle(self._fingers), _middle(fingers)
        if before > 1 and now > 1:
            self._navigation.zoom_by(now / before, middle_before)
        self._navigation.pan(middle.x() - middle_before.x(), middle.y() - middle_before.y())

    def _finish_tap(self, event: QTouchEvent) -> None:
        """Two short taps at one place are a double click."""
        hints = QGuiApplication.styleHints()
        point = event.points()[0]
        short = point.timestamp() - point.pressTimestamp() < hints.mouseDoubleClickInterval()
        still = _apart(point.position(), point.pressPosition()) < TOUCH_REACH
        tap = short and still and len(self._fingers) <= 1
        where, when, was_tap = self._tap
        soon = point.timestamp() - when < hints.mouseDoubleClickInterval()
        if tap and was_tap and soon and _apart(where, point.position()) < TOUCH_REACH:
            self._navigation.toggle_fit(point.position())
            tap = False
        self._tap = (point.position(), point.timestamp(), tap)


def _from_touchpad(event: QWheelEvent) -> bool:
    """Some systems give pixel steps for wheels too; those come without phases, from a mouse."""
    touchpad = event.device().type() == QInputDevice.DeviceType.TouchPad
    return touchpad or event.phase() != Qt.ScrollPhase.NoScrollPhase


def _apart(a: QPointF, b: QPointF) -> float:
    return math.hypot(a.x() - b.x(), a.y() - b.y())


def _spread(fingers: list[QPointF]) -> float:
    return _apart(fingers[0], fingers[1])


def _middle(fingers: list[QPointF]) -> QPointF:
    return (fingers[0] + fingers[1]) / 2
