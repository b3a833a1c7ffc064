"""Keys, mouse, wheel, touch and the properties and signals they come down to."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication

from srgan_desktop.gui.viewer import BeforeAfterViewer, PixelSample, TiledImage, ViewMode
from srgan_desktop.gui.viewer.pyramid import Pixels

MakeViewer = Callable[..., BeforeAfterViewer]
Settle = Callable[[BeforeAfterViewer], Pixels]
Pause = Callable[[int], None]

Key = Qt.Key
SIZE = (800, 600)


@pytest.fixture
def viewer(make_viewer: MakeViewer) -> BeforeAfterViewer:
    """Dark before, bright after, 800 x 600, in 200 x 150."""
    made = make_viewer()
    before = TiledImage(np.full((150, 200, 3), 50, np.uint8))
    made.set_images(before, TiledImage(np.full((600, 800, 3), 200, np.uint8)), SIZE)
    return made


def picture_point(viewer: BeforeAfterViewer, at: QPointF) -> tuple[float, float]:
    """The after-pixel position under a widget position, unrounded."""
    centre, middle = viewer.navigation.centre, QPointF(viewer.width() / 2, viewer.height() / 2)
    point = centre + (at - middle) / viewer.navigation.zoom
    return point.x(), point.y()


def wheel(
    viewer: BeforeAfterViewer,
    at: QPointF,
    *,
    angle: int = 0,
    pixels: QPoint | None = None,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    phase = Qt.ScrollPhase.ScrollUpdate if pixels else Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(
        at,
        viewer.mapToGlobal(at),
        pixels or QPoint(),
        QPoint(0, angle),
        Qt.MouseButton.NoButton,
        modifiers,
        phase,
        False,
    )
    QApplication.sendEvent(viewer, event)


def drag(
    viewer: BeforeAfterViewer,
    start: QPoint,
    end: QPoint,
    button: Qt.MouseButton = Qt.MouseButton.LeftButton,
) -> None:
    QTest.mousePress(viewer, button, pos=start)
    QTest.mouseMove(viewer, (start + end) / 2)
    QTest.mouseMove(viewer, end)
    QTest.mouseRelease(viewer, button, pos=end)


# keys


def test_arrows_move_the_divider(viewer: BeforeAfterViewer) -> None:
    spy = QSignalSpy(viewer.navigation.divider_changed)
    QTest.keyClick(viewer, Key.Key_Right)
    assert viewer.navigation.divider == pytest.approx(0.51)
    QTest.keyClick(viewer, Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert viewer.navigation.divider == pytest.approx(0.41)
    QTest.keyClick(viewer, Key.Key_Home)
    assert viewer.navigation.divider == 0
    QTest.keyClick(viewer, Key.Key_Left)
    QTest.keyClick(viewer, Key.Key_End)
    assert viewer.navigation.divider == 1
    assert spy.count() == 4


def test_zoom_keys(viewer: BeforeAfterViewer) -> None:
    spy = QSignalSpy(viewer.navigation.zoom_changed)
    assert viewer.navigation.zoom == 0.25
    QTest.keyClick(viewer, Key.Key_1)
    assert viewer.navigation.zoom == 1
    QTest.keyClick(viewer, Key.Key_2)
    assert viewer.navigation.zoom == 2
    QTest.keyClick(viewer, Key.Key_Plus)
    assert viewer.navigation.zoom == 3
    QTest.keyClick(viewer, Key.Key_Minus)
    assert viewer.navigation.zoom == 2
    QTest.keyClick(viewer, Key.Key_0)
    assert viewer.navigation.zoom == 0.25
    assert viewer.navigation.fitting
    assert [spy.at(i)[0] for i in range(spy.count())] == [1, 2, 3, 2, 0.25]


def test_arrows_look_around_where_there_is_no_divider(viewer: BeforeAfterViewer) -> None:
    viewer.navigation.zoom_to(2.0)
    QTest.keyClick(viewer, Key.Key_Down)
    assert viewer.navigation.centre == QPointF(400, 307.5)
    QTest.keyClick(viewer, Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert viewer.navigation.centre == QPointF(410, 307.5)
    viewer.navigation.mode = ViewMode.SINGLE
    QTest.keyClick(viewer, Key.Key_Left)
    assert viewer.navigation.centre == QPointF(400, 307.5)
    assert viewer.navigation.divider == 0.5


@pytest.mark.parametrize("mode", [ViewMode.SINGLE, ViewMode.DIVIDER, ViewMode.SIDE_BY_SIDE])
def test_space_held_shows_before(viewer: BeforeAfterViewer, settle: Settle, mode: ViewMode) -> None:
    viewer.navigation.mode = mode
    assert 200 in settle(viewer)
    QTest.keyPress(viewer, Key.Key_Space)
    assert 200 not in settle(viewer)
    assert 50 in settle(viewer)
    QTest.keyRelease(viewer, Key.Key_Space)
    assert 200 in settle(viewer)


def test_losing_the_focus_lets_go_of_space(viewer: BeforeAfterViewer, settle: Settle) -> None:
    viewer.navigation.mode = ViewMode.SINGLE
    QTest.keyPress(viewer, Key.Key_Space)
    assert (settle(viewer) == 50).all()
    QApplication.sendEvent(viewer, QFocusEvent(QEvent.Type.FocusOut))
    assert (settle(viewer) == 200).all()


def test_other_keys_are_left_to_the_window(viewer: BeforeAfterViewer) -> None:
    before = (viewer.navigation.zoom, viewer.navigation.divider, viewer.navigation.centre)
    QTest.keyClick(viewer, Key.Key_A)
    QTest.keyClick(viewer, Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert (viewer.navigation.zoom, viewer.navigation.divider, viewer.navigation.centre) == before


# mouse


def test_the_divider_follows_the_mouse(viewer: BeforeAfterViewer) -> None:
    # gripped a little beside the line: no jump
    drag(viewer, QPoint(103, 20), QPoint(53, 90))
    assert viewer.navigation.divider == pytest.approx(0.25)
    drag(viewer, QPoint(50, 75), QPoint(-400, 75))
    assert viewer.navigation.divider == 0
    drag(viewer, QPoint(4, 75), QPoint(104, 75))
    assert viewer.navigation.divider == pytest.approx(0.5)


def test_the_divider_stays_on_the_picture(make_viewer: MakeViewer) -> None:
    viewer = make_viewer(200, 100)
    square = np.zeros((400, 400, 3), np.uint8)
    viewer.set_images(TiledImage(square[::4, ::4].copy()), TiledImage(square), (400, 400))
    viewer.navigation.divider = 0.0
    assert viewer.navigation.divider_at() == 50
    viewer.navigation.divider = 1.0
    assert viewer.navigation.divider_at() == 150
    viewer.navigation.zoom_to(1.0)
    assert viewer.navigation.divider_at() == 200


@pytest.mark.parametrize("button", [Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton])
def test_dragging_beside_the_divider_pans(
    viewer: BeforeAfterViewer, button: Qt.MouseButton
) -> None:
    viewer.navigation.zoom_to(2.0)
    drag(viewer, QPoint(150, 100), QPoint(130, 110), button)
    assert viewer.navigation.centre == QPointF(410, 295)
    assert viewer.navigation.divider == 0.5


def test_the_middle_button_pans_on_the_divider_too(viewer: BeforeAfterViewer) -> None:
    viewer.navigation.zoom_to(2.0)
    drag(viewer, QPoint(100, 75), QPoint(120, 75), Qt.MouseButton.MiddleButton)
    assert viewer.navigation.centre == QPointF(390, 300)
    assert viewer.navigation.divider == 0.5


def test_the_right_button_does_nothing(viewer: BeforeAfterViewer) -> None:
    viewer.navigation.zoom_to(2.0)
    drag(viewer, QPoint(100, 75), QPoint(120, 75), Qt.MouseButton.RightButton)
    assert (viewer.navigation.centre, viewer.navigation.divider) == (QPointF(400, 300), 0.5)


def test_double_click_toggles_fit_at_the_pointer(viewer: BeforeAfterViewer) -> None:
    at = QPoint(30, 120)
    point = picture_point(viewer, QPointF(at))
    QTest.mouseDClick(viewer, Qt.MouseButton.LeftButton, pos=at)
    assert viewer.navigation.zoom == 1
    assert picture_point(viewer, QPointF(at)) == pytest.approx(point)
    QTest.mouseDClick(viewer, Qt.MouseButton.LeftButton, pos=at)
    assert viewer.navigation.fitting
    assert viewer.navigation.centre == QPointF(400, 300)


def test_the_wheel_zooms_at_the_pointer(viewer: BeforeAfterViewer) -> None:
    at = QPointF(37, 111)
    point = picture_point(viewer, at)
    for _ in range(30):
        wheel(viewer, at, angle=120)
        assert picture_point(viewer, at) == pytest.approx(point)
    assert viewer.navigation.zoom == 8
    for _ in range(40):
        wheel(viewer, at, angle=-120)
    assert viewer.navigation.zoom == 0.25
    assert viewer.navigation.fitting


def test_the_wheel_rests_at_full_size(viewer: BeforeAfterViewer) -> None:
    seen = set()
    viewer.navigation.zoom_to(0.3)
    for _ in range(12):
        wheel(viewer, QPointF(100, 75), angle=120)
        seen.add(viewer.navigation.zoom)
    assert 1.0 in seen


def test_two_fingers_on_a_touchpad_pan(viewer: BeforeAfterViewer) -> None:
    viewer.navigation.zoom_to(2.0)
    wheel(viewer, QPointF(50, 50), angle=-40, pixels=QPoint(-10, -20))
    assert viewer.navigation.centre == QPointF(405, 310)
    assert viewer.navigation.zoom == 2
    ctrl = Qt.KeyboardModifier.ControlModifier
    wheel(viewer, QPointF(50, 50), angle=120, pixels=QPoint(0, 20), modifiers=ctrl)
    assert viewer.navigation.zoom > 2


def test_a_touchpad_pinch_zooms(viewer: BeforeAfterViewer) -> None:
    at = QPointF(60, 40)
    point = picture_point(viewer, at)
    device = QPointingDevice.primaryPointingDevice()
    kind = Qt.NativeGestureType.ZoomNativeGesture
    for value in (0.5, 0.5):
        event = QNativeGestureEvent(
            kind, device, 2, at, at, viewer.mapToGlobal(at), value, QPointF()
        )
        assert QApplication.sendEvent(viewer, event)
    assert viewer.navigation.zoom == pytest.approx(0.25 * 1.5 * 1.5)
    assert picture_point(viewer, at) == pytest.approx(point)


# touch


class Fingers:
    """Fingers on a touchscreen over a viewer."""

    def __init__(self, viewer: BeforeAfterViewer) -> None:
        self._viewer = viewer
        # committed by hand: else each commit is followed by another when it is collected
        self._touch = QTest.touchEvent(viewer, QTest.createTouchDevice(), False)

    def press(self, *points: QPoint) -> None:
        """Put down the last of ``points``; the others are there already."""
        for finger in range(len(points) - 1):
            self._touch.stationary(finger)
        self._touch.press(len(points) - 1, points[-1], self._viewer).commit()

    def move(self, *points: QPoint) -> None:
        for finger, point in enumerate(points):
            self._touch.move(finger, point, self._viewer)
        self._touch.commit()

    def release(self, *points: QPoint) -> None:
        for finger, point in enumerate(points):
            self._touch.release(finger, point, self._viewer)
        self._touch.commit()


@pytest.fixture
def fingers(viewer: BeforeAfterViewer) -> Fingers:
    return Fingers(viewer)


def test_a_finger_drags_the_divider(viewer: BeforeAfterViewer, fingers: Fingers) -> None:
    # further from the line than the mouse may be
    fingers.press(QPoint(120, 30))
    fingers.move(QPoint(95, 40))
    fingers.move(QPoint(70, 40))
    fingers.release(QPoint(70, 40))
    assert viewer.navigation.divider == pytest.approx(0.25)


def test_a_finger_beside_the_divider_pans(viewer: BeforeAfterViewer, fingers: Fingers) -> None:
    viewer.navigation.zoom_to(2.0)
    fingers.press(QPoint(150, 30))
    fingers.move(QPoint(130, 50))
    fingers.release(QPoint(130, 50))
    assert (viewer.navigation.centre, viewer.navigation.divider) == (QPointF(410, 290), 0.5)


def test_two_fingers_pinch_and_pan(viewer: BeforeAfterViewer, fingers: Fingers) -> None:
    viewer.navigation.zoom_to(1.0)
    point = picture_point(viewer, QPointF(60, 60))
    fingers.press(QPoint(50, 60))
    fingers.press(QPoint(50, 60), QPoint(70, 60))
    fingers.move(QPoint(45, 70), QPoint(85, 70))
    assert viewer.navigation.zoom == 2
    assert picture_point(viewer, QPointF(65, 70)) == pytest.approx(point)
    fingers.release(QPoint(45, 70), QPoint(85, 70))
    assert viewer.navigation.divider == 0.5


def test_a_double_tap_toggles_fit(viewer: BeforeAfterViewer, fingers: Fingers) -> None:
    for _ in range(2):
        fingers.press(QPoint(30, 30))
        fingers.release(QPoint(30, 30))
    assert viewer.navigation.zoom == 1


# the view


def test_fit_goes_on_fitting(viewer: BeforeAfterViewer) -> None:
    viewer.resize(400, 400)
    assert viewer.navigation.zoom == 0.5
    viewer.navigation.zoom_to(1.0)
    viewer.navigation.centre = QPointF(300, 250)
    viewer.resize(300, 200)
    assert (viewer.navigation.zoom, viewer.navigation.centre) == (1, QPointF(300, 250))
    viewer.navigation.fit()
    viewer.resize(800, 600)
    assert viewer.navigation.zoom == 1


def test_a_small_picture_is_enlarged_to_fit_and_may_be_seen_at_full_size(
    make_viewer: MakeViewer,
) -> None:
    viewer = make_viewer()
    viewer.set_images(TiledImage(np.zeros((15, 20, 3), np.uint8)), None, (40, 30))
    assert viewer.navigation.zoom == 5
    for _ in range(20):
        wheel(viewer, QPointF(20, 10), angle=-120)
    assert viewer.navigation.zoom == 1
    assert not viewer.navigation.fitting
    assert viewer.navigation.centre == QPointF(20, 15)
    viewer.navigation.pan(30, 30)
    assert viewer.navigation.centre == QPointF(20, 15)


def test_the_visible_region_is_told_once_it_is_still(
    viewer: BeforeAfterViewer, pause: Pause
) -> None:
    pause(200)
    spy = QSignalSpy(viewer.navigation.visible_region_changed)
    for zoom in (0.5, 1.0, 2.0):
        viewer.navigation.zoom_to(zoom)
    assert spy.count() == 0
    assert spy.wait(2000)
    assert spy.count() == 1
    assert spy.at(0)[0] == QRectF(350, 262.5, 100, 75) == viewer.navigation.visible_region()


def test_another_scale_of_the_same_picture_looks_at_the_same_place(
    make_viewer: MakeViewer,
) -> None:
    viewer = make_viewer()
    before = TiledImage(np.zeros((150, 200, 3), np.uint8))
    viewer.set_images(before, None, (400, 300))
    viewer.navigation.zoom_to(2.0)
    viewer.navigation.centre = QPointF(150, 100)
    viewer.set_images(before, None, QSize(800, 600))
    assert (viewer.navigation.zoom, viewer.navigation.centre) == (1, QPointF(300, 200))
    viewer.set_images(TiledImage(np.zeros((150, 200, 3), np.uint8)), None, (800, 600))
    assert viewer.navigation.fitting


def test_pixels_are_read_out(viewer: BeforeAfterViewer, make_viewer: MakeViewer) -> None:
    large = np.arange(600 * 800 * 3, dtype=np.uint32).astype(np.uint8).reshape(600, 800, 3)
    small = large[::4, ::4].copy()
    after = TiledImage(large, written=False)
    after.mark_written(0, 0, 400, 600)
    viewer.set_images(TiledImage(small), after, SIZE)
    assert viewer.pixel_at(QPointF(0, 0)) == PixelSample(0, 0, (0, 1, 2), (0, 1, 2))
    viewer.navigation.zoom_to(1.0)
    viewer.navigation.centre = QPointF(400, 300)
    sample = viewer.pixel_at(QPointF(99.5, 75.5))
    expected = tuple(large[300, 399].tolist())
    assert sample == PixelSample(399, 300, tuple(small[75, 99].tolist()), expected)
    assert viewer.pixel_at(QPointF(100.5, 75.5)) == PixelSample(
        400, 300, tuple(small[75, 100].tolist()), None
    )
    spy = QSignalSpy(viewer.pixel_hovered)
    QTest.mouseMove(viewer, QPoint(99, 75))
    assert spy.at(spy.count() - 1)[0].x == 399
    narrow = make_viewer(400, 100)
    narrow.set_images(TiledImage(small), after, SIZE)
    assert narrow.pixel_at(QPointF(5, 50)) is None


def test_no_after_picture_shows_before_everywhere(make_viewer: MakeViewer, settle: Settle) -> None:
    viewer = make_viewer()
    viewer.set_images(TiledImage(np.full((75, 100, 3), 50, np.uint8)), None, (200, 150))
    for mode in ViewMode:
        viewer.navigation.mode = mode
        assert (settle(viewer) == 50).all()
    assert not viewer.navigation.has_divider


def test_clear_shows_nothing(viewer: BeforeAfterViewer, settle: Settle) -> None:
    settle(viewer)
    viewer.clear()
    assert len(np.unique(settle(viewer))) == 1
    assert viewer.navigation.visible_region() == QRectF()
    assert viewer.pixel_at(QPointF(10, 10)) is None
    assert viewer.cache_bytes_used == 0
    QTest.keyClick(viewer, Key.Key_Plus)
    drag(viewer, QPoint(10, 10), QPoint(20, 20))


def test_pictures_of_another_size_are_refused(viewer: BeforeAfterViewer) -> None:
    picture = TiledImage(np.zeros((10, 10, 3), np.uint8))
    with pytest.raises(ValueError, match="10, 10"):
        viewer.set_images(picture, picture, (40, 40))
    with pytest.raises(ValueError, match="no size"):
        viewer.set_images(picture, None, (40, 0))
    assert viewer.navigation.zoom == 0.25


def test_the_view_is_described_to_screen_readers(viewer: BeforeAfterViewer) -> None:
    assert viewer.accessibleName()
    viewer.navigation.zoom_to(2.0)
    viewer.navigation.divider = 0.3
    assert "200" in viewer.accessibleDescription()
    assert "30" in viewer.accessibleDescription()


def test_labels_go_where_the_divider_leaves_no_room(viewer: BeforeAfterViewer) -> None:
    def corner_changed(left: int, right: int) -> bool:
        viewer.set_labels_visible(True)
        labelled = viewer.render_visible()
        viewer.set_labels_visible(False)
        bare = viewer.render_visible()
        columns = range(left, right)
        return any(labelled.pixel(x, y) != bare.pixel(x, y) for x in columns for y in range(40))

    viewer.resize(400, 300)
    assert corner_changed(0, 190)
    assert corner_changed(210, 400)
    viewer.navigation.divider = 0.05
    assert not corner_changed(0, 16)
    assert corner_changed(210, 400)


def test_the_focus_is_shown_when_it_came_by_a_key(viewer: BeforeAfterViewer) -> None:
    def edge() -> set[int]:
        image = viewer.render_visible()
        return {image.pixel(x, 0) for x in range(10, 60)}

    bare = edge()
    viewer.hasFocus = lambda: True  # type: ignore[method-assign]
    QApplication.sendEvent(viewer, QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.TabFocusReason))
    assert edge() == {viewer.palette().highlight().color().rgb()} != bare
    mouse = Qt.FocusReason.MouseFocusReason
    QApplication.sendEvent(viewer, QFocusEvent(QEvent.Type.FocusIn, mouse))
    assert edge() == bare
