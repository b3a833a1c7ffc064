"""Viewers that always look at the same part of the picture."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent

from srgan_desktop.gui.viewer import BeforeAfterViewer
from srgan_desktop.gui.viewer.navigation import Navigation

DIGITS = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4, Qt.Key.Key_5, Qt.Key.Key_6)


def number_of(event: QKeyEvent) -> int | None:
    """1 to 6 for a plain digit."""
    plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if plain != Qt.KeyboardModifier.NoModifier or event.key() not in DIGITS:
        return None
    return DIGITS.index(Qt.Key(event.key())) + 1


class ViewerGroup(QObject):
    """Keeps zoom, place, divider and the held original of several viewers equal."""

    number_pressed = Signal(int)
    """1 to 6, in any of the viewers: a choice of whoever holds them, not a zoom."""

    def __init__(self) -> None:
        super().__init__()
        self._viewers: list[BeforeAfterViewer] = []
        self._following = False

    def set_viewers(self, viewers: Sequence[BeforeAfterViewer]) -> None:
        """These from now on."""
        self._viewers = list(viewers)
        for viewer in self._viewers:
            viewer.installEventFilter(self)
            viewer.navigation.view_changed.connect(self._follow)
            viewer.navigation.holding_changed.connect(self._hold)
            viewer.navigation.divider_changed.connect(self._divide)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Digits choose a model."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            number = number_of(event)
            if number is not None:
                self.number_pressed.emit(number)
                return True
        return super().eventFilter(watched, event)

    @Slot()
    def _follow(self) -> None:
        leader = self.sender()
        # those that are not seen have no area of their own yet; they follow when they are shown
        if self._following or not any(
            viewer.navigation is leader and viewer.isVisible() for viewer in self._viewers
        ):
            return
        assert isinstance(leader, Navigation)
        if leader.state.transform is None:
            return
        self._following = True
        try:
            for viewer in self._viewers:
                if viewer.navigation is not leader:
                    follow(viewer.navigation, leader)
        finally:
            self._following = False

    @Slot(bool)
    def _hold(self, holding: bool) -> None:
        for viewer in self._viewers:
            viewer.navigation.set_holding(holding)

    @Slot(float)
    def _divide(self, position: float) -> None:
        for viewer in self._viewers:
            viewer.navigation.divider = position


def follow(view: Navigation, leader: Navigation) -> None:
    """Look at what ``leader`` looks at."""
    if view.state.transform is None:
        return
    if leader.fitting:
        if not view.fitting:
            view.fit()
        return
    if view.zoom != leader.zoom:
        view.zoom_to(leader.zoom)
    if view.centre != leader.centre:
        view.centre = leader.centre
