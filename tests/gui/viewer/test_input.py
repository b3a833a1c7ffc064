"""Input and navigation by themselves, on a widget that shows nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QWidget

from srgan_desktop.gui.viewer.input import ViewerInput
from srgan_desktop.gui.viewer.navigation import Navigation

Key = Qt.Key


@pytest.fixture
def widget(qapp: QApplication) -> Iterator[QWidget]:
    made = QWidget()
    made.resize(200, 150)
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def navigation(widget: QWidget) -> Navigation:
    made = Navigation(widget)
    made.follow_area()
    made.set_image((800, 600), has_after=True, stay=False)
    return made


def test_the_navigation_needs_no_input(navigation: Navigation) -> None:
    zooms = QSignalSpy(navigation.zoom_changed)
    views = QSignalSpy(navigation.view_changed)
    assert navigation.fitting
    navigation.toggle_fit(QPointF(100, 75))
    navigation.pan(-40, 0)
    assert (navigation.zoom, navigation.centre) == (1, QPointF(440, 300))
    assert zooms.count() == 1
    assert views.count() == 2


def test_holding_is_told_once(navigation: Navigation) -> None:
    held = QSignalSpy(navigation.holding_changed)
    for on in (True, True, False, False):
        navigation.set_holding(on)
    assert [held.at(number)[0] for number in range(held.count())] == [True, False]


def test_keys_and_mouse_reach_the_navigation(widget: QWidget, navigation: Navigation) -> None:
    listener = ViewerInput(widget, navigation)
    hovered = QSignalSpy(listener.hovered)
    QTest.keyClick(widget, Key.Key_1)
    assert navigation.zoom == 1
    assert listener.by_keyboard
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=QPoint(30, 30))
    assert not listener.by_keyboard
    QTest.mouseMove(widget, QPoint(20, 40))
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=QPoint(20, 40))
    assert navigation.centre == QPointF(410, 290)
    assert hovered.at(hovered.count() - 1)[0] == QPointF(20, 40)


def test_other_keys_are_left_to_the_widget(widget: QWidget, navigation: Navigation) -> None:
    listener = ViewerInput(widget, navigation)
    before = (navigation.zoom, navigation.centre, navigation.divider)
    QTest.keyClick(widget, Key.Key_A)
    assert (navigation.zoom, navigation.centre, navigation.divider) == before
    assert not listener.by_keyboard
