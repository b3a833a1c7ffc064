"""What the keys do in the viewer."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from srgan_desktop.gui.viewer.navigation import Navigation

SMALL_STEP = 0.01
LARGE_STEP = 0.1
PAN_SHARE = 0.1

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


def is_ours(event: QKeyEvent) -> bool:
    """Whether the viewer uses this key, so that no shortcut of the window takes it."""
    modifiers = _modifiers(event)
    if event.key() in _ARROWS:
        return not modifiers & Qt.KeyboardModifier.AltModifier
    plain = not modifiers & ~Qt.KeyboardModifier.ShiftModifier
    return plain and event.key() in _PLAIN_KEYS


def press(navigation: Navigation, event: QKeyEvent) -> bool:
    """Do what the key says; false when it is none of ours."""
    if not is_ours(event):
        return False
    key = event.key()
    if key in _ARROWS:
        _arrow(navigation, event)
    elif key == Qt.Key.Key_Space:
        if not event.isAutoRepeat():
            navigation.set_holding(True)
    elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
        if navigation.has_divider:
            navigation.divider = 0.0 if key == Qt.Key.Key_Home else 1.0
    elif key == Qt.Key.Key_0:
        navigation.fit()
    elif key in (Qt.Key.Key_1, Qt.Key.Key_2):
        navigation.zoom_to(1.0 if key == Qt.Key.Key_1 else 2.0)
    else:
        navigation.zoom_step(-1 if key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore) else 1)
    return True


def release(navigation: Navigation, event: QKeyEvent) -> bool:
    """Let go of Space; false for any other key."""
    if event.key() != Qt.Key.Key_Space:
        return False
    if not event.isAutoRepeat():
        navigation.set_holding(False)
    return True


def _arrow(navigation: Navigation, event: QKeyEvent) -> None:
    """Left and right move the divider where there is one; otherwise, or with Ctrl, one looks on."""
    across, down = _ARROWS[Qt.Key(event.key())]
    modifiers = _modifiers(event)
    ctrl = modifiers & Qt.KeyboardModifier.ControlModifier
    if navigation.has_divider and across and not ctrl:
        large = modifiers & Qt.KeyboardModifier.ShiftModifier
        navigation.divider += across * (LARGE_STEP if large else SMALL_STEP)
    else:
        navigation.look_aside(across * PAN_SHARE, down * PAN_SHARE)


def _modifiers(event: QKeyEvent) -> Qt.KeyboardModifier:
    return event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier


_PLAIN_KEYS = {
    Qt.Key.Key_Space,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_Plus,
    Qt.Key.Key_Equal,
    Qt.Key.Key_Minus,
    Qt.Key.Key_Underscore,
    Qt.Key.Key_0,
    Qt.Key.Key_1,
    Qt.Key.Key_2,
}
