"""Viewers that always look at the same part of the picture."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from srgan_desktop.gui.viewer import BeforeAfterViewer

DIGITS = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4, Qt.Key.Key_5, Qt.Key.Key_6)


class SyncedViewer(BeforeAfterViewer):
    """Tells every change of what it shows at once; digits are for whoever holds it."""

    moved = Signal(object)
    held = Signal(bool)
    number_pressed = Signal(int)
    """1 to 6."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.set_labels_visible(False)

    def view_changed(self) -> None:
        """See ``NavigableArea``."""
        super().view_changed()
        self.moved.emit(self)

    def set_holding(self, holding: bool) -> None:
        """See ``NavigableArea``."""
        super().set_holding(holding)
        self.held.emit(holding)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Digits choose a model, not a zoom."""
        number = number_of(event)
        if number is None:
            super().keyPressEvent(event)
        else:
            self.number_pressed.emit(number)


def number_of(event: QKeyEvent) -> int | None:
    """1 to 6 for a plain digit."""
    plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if plain != Qt.KeyboardModifier.NoModifier or event.key() not in DIGITS:
        return None
    return DIGITS.index(Qt.Key(event.key())) + 1


class ViewerGroup(QObject):
    """Keeps zoom, place, divider and the held original of several viewers equal."""

    def __init__(self) -> None:
        super().__init__()
        self._viewers: list[SyncedViewer] = []
        self._following = False

    def set_viewers(self, viewers: Sequence[SyncedViewer]) -> None:
        """These from now on."""
        self._viewers = list(viewers)
        for viewer in self._viewers:
            viewer.moved.connect(self._follow)
            viewer.held.connect(self._hold)
            viewer.divider_changed.connect(self._divide)

    @Slot(object)
    def _follow(self, leader: SyncedViewer) -> None:
        # those that are not seen have no area of their own yet; they follow when they are shown
        if self._following or not leader.isVisible() or leader.state.transform is None:
            return
        self._following = True
        try:
            for viewer in self._viewers:
                if viewer is not leader:
                    follow(viewer, leader)
        finally:
            self._following = False

    @Slot(bool)
    def _hold(self, holding: bool) -> None:
        for viewer in self._viewers:
            if viewer.state.holding != holding:
                viewer.set_holding(holding)

    @Slot(float)
    def _divide(self, position: float) -> None:
        for viewer in self._viewers:
            viewer.divider = position


def follow(viewer: SyncedViewer, leader: SyncedViewer) -> None:
    """Look at what ``leader`` looks at."""
    if viewer.state.transform is None:
        return
    if leader.fitting:
        if not viewer.fitting:
            viewer.fit()
        return
    if viewer.zoom != leader.zoom:
        viewer.zoom_to(leader.zoom)
    if viewer.centre != leader.centre:
        viewer.centre = leader.centre
