"""The part of the viewer that listens: Qt's events in, steps of the navigation out."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
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
from srgan_desktop.gui.viewer.navigation import Navigation
from srgan_desktop.gui.viewer.pointer import MOUSE_REACH, Drag, Pointer

KEYBOARD_REASONS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class ViewerInput(QObject):
    """Keys, mouse, wheel, touch and gestures of one widget, for one ``Navigation``.

    Attributes:
        by_keyboard: whether the focus is to be shown: it came by a key, or a key was used.
        over_divider: whether a press would take the divider.
    """

    hovered = Signal(object)
    """A position in the widget, or None when the pointer has left it."""

    def __init__(self, widget: QWidget, navigation: Navigation) -> None:
        super().__init__(widget)
        self.by_keyboard = False
        self.over_divider = False
        self._widget = widget
        self._navigation = navigation
        self._pointer = Pointer(navigation)
        widget.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        widget.setMouseTracking(True)
        widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """True for what is dealt with here; the widget goes on with the rest."""
        return self.handle(event) if watched is self._widget else False

    def handle(self, event: QEvent) -> bool:
        """Do what an event asks for; false where the widget is to go on with it as usual."""
        match event:
            case QKeyEvent():
                return self._key(event)
            case QTouchEvent():
                return self._touch(event)
            case QNativeGestureEvent():
                return self._pointer.native_gesture(event)
            case QWheelEvent():
                self._pointer.wheel(event)
                event.accept()
                return True
            case QMouseEvent():
                return self._mouse(event)
            case QEnterEvent():
                # show at once what a press would do
                self._show_cursor(event.position())
            case QFocusEvent():
                self._focus(event)
            case _ if event.type() == QEvent.Type.Leave:
                self._set_over_divider(False)
                self.hovered.emit(None)
        return False

    def _key(self, event: QKeyEvent) -> bool:
        """See ``keyboard``; what is ours is kept from the window's shortcuts."""
        if event.type() == QEvent.Type.ShortcutOverride:
            ours = keyboard.is_ours(event)
            event.setAccepted(ours)
            return ours
        if event.type() == QEvent.Type.KeyRelease:
            return keyboard.release(self._navigation, event)
        if not keyboard.press(self._navigation, event):
            return False
        self._show_keyboard(True)
        return True

    def _mouse(self, event: QMouseEvent) -> bool:
        match event.type():
            case QEvent.Type.MouseButtonPress:
                self._press(event)
            case QEvent.Type.MouseMove:
                self._pointer.move(event)
                self._show_cursor(event.position())
                self.hovered.emit(event.position())
            case QEvent.Type.MouseButtonRelease:
                self._pointer.release(event)
                self._show_cursor(event.position())
            case QEvent.Type.MouseButtonDblClick:
                self._double_click(event)
            case _:
                return False
        return True

    def _press(self, event: QMouseEvent) -> None:
        """See ``Pointer.press``; a button that means nothing here goes on to the parent."""
        self._show_keyboard(False)
        event.setAccepted(self._pointer.press(event, self._navigation.divider_at()))
        self._show_cursor(event.position())

    def _double_click(self, event: QMouseEvent) -> None:
        """The left button beside the divider toggles fit; otherwise it is one more press."""
        left = event.button() == Qt.MouseButton.LeftButton
        if left and not self._navigation.near_divider(event.position(), MOUSE_REACH):
            self._navigation.toggle_fit(event.position())
        else:
            self._press(event)

    def _touch(self, event: QTouchEvent) -> bool:
        event.accept()
        if event.type() == QEvent.Type.TouchBegin:
            self._show_keyboard(False)
            # a finger sends no mouse events here, and so no focus either
            self._widget.setFocus(Qt.FocusReason.MouseFocusReason)
        self._pointer.touch(event, self._navigation.divider_at())
        self._set_over_divider(self._pointer.drag is Drag.DIVIDER)
        return True

    def _focus(self, event: QFocusEvent) -> None:
        if event.gotFocus():
            self._show_keyboard(event.reason() in KEYBOARD_REASONS)
        else:
            # a held key is let go of elsewhere, unseen
            self._show_keyboard(False)
            self._navigation.set_holding(False)

    def _show_keyboard(self, on: bool) -> None:
        if on != self.by_keyboard:
            self.by_keyboard = on
            self._widget.update()

    def _show_cursor(self, point: QPointF) -> None:
        drag, shape = self._pointer.drag, Qt.CursorShape.ArrowCursor
        free = drag is Drag.NONE
        near = free and self._navigation.near_divider(point, MOUSE_REACH)
        on_divider = drag is Drag.DIVIDER or near
        if on_divider:
            shape = Qt.CursorShape.SplitHCursor
        elif self._navigation.can_pan():
            shape = Qt.CursorShape.OpenHandCursor if free else Qt.CursorShape.ClosedHandCursor
        if self._widget.cursor().shape() != shape:
            self._widget.setCursor(shape)
        self._set_over_divider(on_divider)

    def _set_over_divider(self, over: bool) -> None:
        if over != self.over_divider:
            self.over_divider = over
            self._widget.update()
