"""Random but valid events on the whole window; the same seed does the same again."""

from __future__ import annotations

import collections
import random
from collections.abc import Callable
from pathlib import Path

import shiboken6
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSize, Qt, QTimer, QUrl
from PySide6.QtGui import (
    QAction,
    QDesktopServices,
    QDrag,
    QDragEnterEvent,
    QDropEvent,
    QInputMethodEvent,
    QKeySequence,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMenu,
    QTabBar,
    QWidget,
)

INTERACTIVE = (
    *(QAbstractButton, QComboBox, QAbstractSlider, QAbstractSpinBox, QLineEdit),
    *(QAbstractItemView, QTabBar),
)
KEYS = (
    *(Qt.Key.Key_Tab, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Up),
    *(Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Delete, Qt.Key.Key_Home),
    *(Qt.Key.Key_PageDown, Qt.Key.Key_F1, Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_Plus),
)
PAUSE_MS = 60
KEPT = 12  # of what it did last, to be told with a fault


class Monkey:
    """Acts on whatever window is in front. ``reopen`` closes the main window and makes another."""

    def __init__(self, seed: int, paths: list[Path], folders: list[Path]) -> None:
        self.random = random.Random(seed)
        self.paths, self.folders = paths, folders
        self.last: collections.deque[str] = collections.deque(maxlen=KEPT)
        self.steps = 0
        self.stopped = False
        self.window: QWidget | None = None
        self.reopen: Callable[[], None] = lambda: None
        self.front: QWidget | None = None
        _nothing_outside(self)

    def start(self) -> None:
        QTimer.singleShot(PAUSE_MS, self._step)

    def choose_path(self) -> str:
        """What a person picks in a file dialog; "" where it is cancelled."""
        if self.random.random() < 0.2:
            return ""
        return str(self.random.choice(self.paths))

    def choose_folder(self) -> str:
        return "" if self.random.random() < 0.2 else str(self.random.choice(self.folders))

    def _step(self) -> None:
        if self.stopped:
            return
        # before the act: that may open a dialog with a loop of its own
        QTimer.singleShot(PAUSE_MS, self._step)
        self.steps += 1
        acts = (self._click, self._key, self._drop, self._resize, self._menu, self._wheel)
        act = self.random.choices(acts, (40, 20, 8, 5, 12, 10))[0]
        closed = self.window is not None and not self.window.isVisible()  # by Quit
        if closed or self.random.random() < 0.004:
            act = self._close_and_reopen
        act()

    def _front(self) -> QWidget | None:
        popup = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if popup is not None:
            return popup
        tops = [top for top in QApplication.topLevelWidgets() if top.isVisible()]
        tops = [top for top in tops if isinstance(top, QDialog) or top is self.window]
        return self.random.choice(tops) if tops else None

    def _target(self) -> QWidget | None:
        # held until the next: with the wrapper of a dialog that Qt made those of its children go
        self.front = front = self._front()
        if front is None:
            return None
        if isinstance(front, QMenu):
            return front
        found = [
            child
            for child in front.findChildren(QWidget)
            if isinstance(child, INTERACTIVE) and child.isVisible() and child.isEnabled()
        ]
        return self.random.choice(found) if found else front

    def _note(self, act: str, widget: QWidget) -> None:
        text = widget.accessibleName() or getattr(widget, "text", lambda: "")()
        self.last.append(f"{self.steps}: {act} {type(widget).__name__} {str(text)[:30]!r}")

    def _click(self) -> None:
        target = self._target()
        if target is None:
            return
        if isinstance(target, QMenu):
            self._note("close", target)
            target.close()
            return
        self._note("click", target)
        if isinstance(target, QAbstractItemView):
            target = target.viewport()
        if not shiboken6.isValid(target):
            return  # of a popup that has just gone
        rectangle = target.rect()
        spot = QPoint(
            self.random.randrange(max(1, rectangle.width())),
            self.random.randrange(max(1, rectangle.height())),
        )
        if isinstance(target, QAbstractButton):
            spot = rectangle.center()
        click = QTest.mouseDClick if self.random.random() < 0.1 else QTest.mouseClick
        click(target, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)

    def _key(self) -> None:
        target = self._target()
        if target is None:
            return
        self._note("key", target)
        if isinstance(target, QLineEdit | QAbstractSpinBox) and self.random.random() < 0.6:
            _type(target, self.random.choice(("1", "23", "x", "-4", "0.5", "日本")))
            return
        modifier = Qt.KeyboardModifier.NoModifier
        if self.random.random() < 0.15:
            modifier = Qt.KeyboardModifier.ShiftModifier
        QTest.keyClick(target, self.random.choice(KEYS), modifier)

    def _wheel(self) -> None:
        target = self._target()
        if isinstance(target, QAbstractSlider):
            self._note("slide", target)
            target.setValue(self.random.randint(target.minimum(), target.maximum()))
        elif isinstance(target, QComboBox) and target.count():
            self._note("choose", target)
            index = self.random.randrange(target.count())
            target.setCurrentIndex(index)
            target.activated.emit(index)

    def _drop(self) -> None:
        """Good and bad files, one or some, onto the page."""
        window = self.window
        if window is None or not window.isVisible() or self._front() is not window:
            return
        data = QMimeData()
        count = self.random.choice((1, 1, 1, 2, 5))
        chosen = self.random.choices([*self.paths, *self.folders], k=count)
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in chosen])
        place = window.rect().center()
        child = window.childAt(place) or window
        while child is not window and not child.acceptDrops():
            child = child.parentWidget() or window
        spot = child.mapFrom(window, place)
        buttons, modifiers = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        self.last.append(f"{self.steps}: drop {[path.name for path in chosen]}")
        enter = QDragEnterEvent(spot, Qt.DropAction.CopyAction, data, buttons, modifiers)
        QApplication.sendEvent(child, enter)
        if enter.isAccepted():
            actions = Qt.DropAction.CopyAction
            drop = QDropEvent(QPointF(spot), actions, data, buttons, modifiers)
            QApplication.sendEvent(child, drop)

    def _resize(self) -> None:
        if self.window is not None and self.window.isVisible():
            size = QSize(self.random.randint(800, 1800), self.random.randint(520, 1100))
            self.last.append(f"{self.steps}: resize {size.width()}x{size.height()}")
            self.window.resize(size)

    def _menu(self) -> None:
        """An action of the shown page, by its menu or its shortcut."""
        if self.window is None or self._front() is not self.window:
            return
        actions = [
            action
            for action in self.window.findChildren(QAction)
            if action.isEnabled()
            and action.isVisible()
            and not action.menu()
            and action.shortcut() != QKeySequence(QKeySequence.StandardKey.Quit)
        ]
        if actions:
            action = self.random.choice(actions)
            self.last.append(f"{self.steps}: action {action.text()!r}")
            action.trigger()

    def _close_and_reopen(self) -> None:
        self.front = None  # it is to go
        if QApplication.activeModalWidget() is None:
            self.last.append(f"{self.steps}: close and reopen")
            self.reopen()


def _type(target: QWidget, text: str) -> None:
    """As from a keyboard, or, where that has no such keys, from an input method."""
    if text.isascii():
        QTest.keyClicks(target, text)
        return
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(target, event)


def _nothing_outside(monkey: Monkey) -> None:
    """Dialogs of the system answer at once, and nothing outside the program is started."""
    path = lambda *_args, **_more: (monkey.choose_path(), "")  # noqa: E731
    paths = lambda *_args, **_more: ([p] if (p := monkey.choose_path()) else [], "")  # noqa: E731
    new = lambda *_args, **_more: (  # noqa: E731
        str(monkey.folders[0] / f"saved-{monkey.random.randrange(5)}.png"),
        "",
    )
    QFileDialog.getOpenFileName = path
    QFileDialog.getOpenFileNames = paths
    QFileDialog.getSaveFileName = new
    QFileDialog.getExistingDirectory = lambda *_args, **_more: monkey.choose_folder()
    QDesktopServices.openUrl = lambda _url: True
    QDrag.exec = lambda *_args: Qt.DropAction.IgnoreAction
