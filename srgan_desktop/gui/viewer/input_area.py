"""The part of the viewer that listens: Qt's events in, the person's wishes out."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QTouchEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from srgan_desktop.gui.viewer import keyboard
from srgan_desktop.gui.viewer.pointer import MOUSE_REACH, Drag, Pointer

KEYBOARD_REASONS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class InputArea(QWidget):
    """Listens to keys, mouse, wheel, touch and gestures; what they mean is up to the heir.

    ``by_keyboard`` says whether the focus is to be shown: it came by a key, or a key was used.
    """

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.by_keyboard = False
        self.over_divider = False
        self._pointer = Pointer(self)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # wishes, carried out by the heir; positions are in the widget's pixels

    divider: float

    @property
    def has_divider(self) -> bool:
        """Whether there is a divider to move."""
        raise NotImplementedError

    def divider_at(self) -> float:
        """The divider's position."""
        raise NotImplementedError

    def near_divider(self, point: QPointF, reach: float) -> bool:
        """Whether a position is within ``reach`` of the divider, or on its handle."""
        raise NotImplementedError

    def move_divider_to(self, x: float) -> None:
        """Put the divider at ``x``."""
        raise NotImplementedError

    def can_pan(self) -> bool:
        """Whether there is more of the picture than is seen."""
        raise NotImplementedError

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture."""
        raise NotImplementedError

    def look_aside(self, across: float, down: float) -> None:
        """Look further right and down by a share of the view."""
        raise NotImplementedError

    def zoom_by(self, factor: float, anchor: QPointF, *, stop_at_full: bool = False) -> None:
        """Zoom by a factor; ``stop_at_full`` rests at 100 % instead of passing it."""
        raise NotImplementedError

    def zoom_step(self, direction: int) -> None:
        """To the next round zoom, in (1) or out (-1)."""
        raise NotImplementedError

    def zoom_to(self, factor: float, anchor: QPointF | None = None) -> None:
        """Zoom to a factor."""
        raise NotImplementedError

    def fit(self) -> None:
        """Show the whole picture."""
        raise NotImplementedError

    def toggle_fit(self, anchor: QPointF) -> None:
        """Between the whole picture and 100 %."""
        raise NotImplementedError

    def set_holding(self, holding: bool) -> None:
        """Show the before-picture everywhere for as long as this lasts."""
        raise NotImplementedError

    def hover(self, point: QPointF | None) -> None:
        """The pointer is at ``point``; None when it has left."""
        raise NotImplementedError

    # Qt

    def event(self, event: QEvent) -> bool:
        """Touch, gestures and the claim to keys; the rest goes the usual way."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if keyboard.is_ours(event):
                event.accept()
                return True
        elif isinstance(event, QTouchEvent):
            self._touch(event)
            return True
        elif isinstance(event, QNativeGestureEvent):
            return self._pointer.native_gesture(event)
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's names
        """See ``keyboard``."""
        if not keyboard.press(self, event):
            super().keyPressEvent(event)
        elif not self.by_keyboard:
            self.by_keyboard = True
            self.update()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """See ``keyboard``."""
        if not keyboard.release(self, event):
            super().keyReleaseEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """See ``Pointer.press``."""
        self._forget_keyboard()
        event.setAccepted(self._pointer.press(event, self.divider_at()))
        self._show_cursor(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Drag, or only point."""
        self._pointer.move(event)
        self._show_cursor(event.position())
        self.hover(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """End a drag."""
        self._pointer.release(event)
        self._show_cursor(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """The left button beside the divider toggles fit; otherwise it is one more press."""
        left = event.button() == Qt.MouseButton.LeftButton
        if left and not self.near_divider(event.position(), MOUSE_REACH):
            self.toggle_fit(event.position())
        else:
            self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """See ``Pointer.wheel``."""
        self._pointer.wheel(event)
        event.accept()

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        """Show at once what a press would do."""
        self._show_cursor(event.position())

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Nothing is pointed at any more."""
        self._set_over_divider(False)
        self.hover(None)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show the focus when it came by a key."""
        self.by_keyboard = event.reason() in KEYBOARD_REASONS
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """A held key is let go of elsewhere, unseen."""
        self.by_keyboard = False
        self.set_holding(False)
        self.update()

    def _touch(self, event: QTouchEvent) -> None:
        event.accept()
        if event.type() == QEvent.Type.TouchBegin:
            self._forget_keyboard()
            # a finger sends no mouse events here, and so no focus either
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._pointer.touch(event, self.divider_at())
        self._set_over_divider(self._pointer.drag is Drag.DIVIDER)

    def _forget_keyboard(self) -> None:
        if self.by_keyboard:
            self.by_keyboard = False
            self.update()

    def _show_cursor(self, point: QPointF) -> None:
        drag, shape = self._pointer.drag, Qt.CursorShape.ArrowCursor
        free = drag is Drag.NONE
        on_divider = drag is Drag.DIVIDER or (free and self.near_divider(point, MOUSE_REACH))
        if on_divider:
            shape = Qt.CursorShape.SplitHCursor
        elif self.can_pan():
            shape = Qt.CursorShape.OpenHandCursor if free else Qt.CursorShape.ClosedHandCursor
        if self.cursor().shape() != shape:
            self.setCursor(shape)
        self._set_over_divider(on_divider)

    def _set_over_divider(self, over: bool) -> None:
        if over != self.over_divider:
            self.over_divider = over
            self.update()
