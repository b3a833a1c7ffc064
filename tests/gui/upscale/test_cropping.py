"""Cutting a part out of a photo before it is enlarged, by mouse and by keys."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from waiting import WaitUntil
from window_helpers import MakePhoto, finish

from srgan_desktop.core.images.crop import Crop
from srgan_desktop.core.images.io import read_image
from srgan_desktop.gui.shell.main_window import MainWindow
from srgan_desktop.gui.upscale.page import UpscalePage


def begin(page: UpscalePage) -> None:
    page.bottom.crop.trigger()
    assert page.cropping.active and page.cropping.overlay.isVisible()


def at(page: UpscalePage, x: float, y: float) -> QPoint:
    """Where a pixel of the photo is on the overlay."""
    return page.cropping.overlay._to_widget(x, y).toPoint()


def draw(page: UpscalePage, *corners: tuple[float, float]) -> None:
    """A new rectangle from corner to corner, begun beside the old one."""
    overlay = page.cropping.overlay
    first, last = (at(page, *corner) for corner in corners)
    QTest.mousePress(overlay, Qt.MouseButton.LeftButton, pos=first)
    for point in (first + (last - first) / 2, last):
        QTest.mouseMove(overlay, point)
        QApplication.processEvents()
    QTest.mouseRelease(overlay, Qt.MouseButton.LeftButton, pos=last)


def test_only_the_part_is_computed_and_saved(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    photo = make_photo("photo.png", (60, 40))
    page.open_paths([photo])
    finish(page, wait_until)
    begin(page)
    page.cropping.overlay.shape.show(Crop(20, 10, 30, 20))
    page.cropping.overlay.set_ratio(None)
    assert page.cropping.bar.pixels.text() == "30 × 20 pixels"
    QTest.keyClick(page.cropping.overlay, Qt.Key.Key_Right)
    QTest.keyClick(page.cropping.overlay, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert page.cropping.overlay.shape.crop == Crop(21, 10, 30, 21)
    QTest.keyClick(page.cropping.overlay, Qt.Key.Key_Return)
    assert not page.cropping.active and not page.cropping.bar.isVisible()
    finish(page, wait_until)
    assert page.panel.size_control.result.text() == "from 30 × 21 to 120 × 84"
    page.saving.save()
    wait_until(lambda: page.saver.saved_path is not None)
    saved = page.saver.saved_path
    assert saved is not None
    result = page.session.result
    assert result is not None
    assert np.array_equal(result.source.picture.pixels, read_image(photo).pixels[10:31, 21:51])
    assert read_image(saved).pixels.shape == (84, 120, 3)

    begin(page)
    assert page.cropping.overlay.shape.size == (60, 40), "the whole photo is shown again"
    assert page.cropping.overlay.shape.crop == Crop(21, 10, 30, 21)
    page.cropping.bar.whole.click()
    finish(page, wait_until)
    assert page.session.picture is not None and page.session.picture.crop is None
    assert page.panel.size_control.result.text() == "from 60 × 40 to 240 × 160"
    page.saver.forget(page.session.result)  # type: ignore[arg-type]


def test_mouse_and_ratios(page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil) -> None:
    page.open_paths([make_photo("photo.png", (60, 40))])
    finish(page, wait_until)
    begin(page)
    bar, shape = page.cropping.bar, page.cropping.overlay.shape
    bar.ratio.setCurrentIndex(bar.ratio.findText("1 : 1"))
    bar.ratio.activated.emit(bar.ratio.currentIndex())
    assert shape.crop == Crop(10, 0, 40, 40)
    bar.ratio.setCurrentIndex(bar.ratio.findText("3 : 2"))
    bar.ratio.activated.emit(bar.ratio.currentIndex())
    assert bar.turn.isEnabled() and not bar.turn.isChecked()
    bar.turn.click()
    assert shape.crop.height > shape.crop.width
    bar.ratio.setCurrentIndex(0)
    bar.ratio.activated.emit(0)
    shape.show(Crop(0, 0, 20, 20))
    draw(page, (30, 10), (50, 30))
    assert shape.crop == Crop(30, 10, 20, 20)
    draw(page, (40, 20), (45, 25))  # from its middle: moved
    assert shape.crop == Crop(35, 15, 20, 20)
    draw(page, (55, 35), (50, 38))  # by its corner
    assert shape.crop == Crop(35, 15, 15, 23)
    before = page.session.result
    QTest.keyClick(page.cropping.overlay, Qt.Key.Key_Escape)
    assert not page.cropping.active
    assert page.session.result is before and page.session.up_to_date, "nothing was lost"
    page.saver.forget(before)  # type: ignore[arg-type]


def test_work_that_was_interrupted_goes_on(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    page.open_paths([make_photo("photo.png", (600, 400))])
    wait_until(lambda: page.session.working)
    begin(page)
    assert not page.session.working
    page.commands.stop.trigger()
    assert not page.cropping.active
    assert page.session.working
    finish(page, wait_until)
    page.saver.forget(page.session.result)  # type: ignore[arg-type]


def test_another_photo_ends_it(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    page.open_paths([make_photo("a.png", (60, 40))])
    finish(page, wait_until)
    page.saver.forget(page.session.result)  # type: ignore[arg-type]
    begin(page)
    page.open_paths([make_photo("b.png", (40, 60))])
    wait_until(lambda: page.session.picture is not None and page.session.picture.size == (40, 60))
    assert not page.cropping.active and not page.cropping.overlay.isVisible()
    finish(page, wait_until)
    page.saver.forget(page.session.result)  # type: ignore[arg-type]


def test_a_press_on_the_whole_photo_draws_a_part(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    page.open_paths([make_photo("photo.png", (60, 40))])
    finish(page, wait_until)
    begin(page)
    draw(page, (10, 10), (40, 30))
    assert page.cropping.overlay.shape.crop == Crop(10, 10, 30, 20)
    draw(page, (20, 20), (25, 20))
    assert page.cropping.overlay.shape.crop == Crop(15, 10, 30, 20), "a part is moved"
    page.cropping.cancel()


def test_enter_takes_it_after_a_ratio_was_chosen(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    page.open_paths([make_photo("photo.png", (60, 40))])
    finish(page, wait_until)
    begin(page)
    bar = page.cropping.bar
    bar.ratio.setFocus()
    bar.ratio.setCurrentIndex(bar.ratio.findText("1 : 1"))
    bar.ratio.activated.emit(bar.ratio.currentIndex())
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert not page.cropping.active
    assert page.session.picture is not None
    assert page.session.picture.crop == Crop(10, 0, 40, 40)
    finish(page, wait_until)


def test_all_grips_are_in_sight(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    page.open_paths([make_photo("photo.png", (300, 200))])
    finish(page, wait_until)
    begin(page)
    overlay = page.cropping.overlay
    assert overlay.rect_shown().left() < 1, "the photo is as wide as the view"
    assert all(QRectF(overlay.rect()).contains(grip) for grip in overlay.grips())
    page.viewer.navigation.zoom_to(page.viewer.navigation.zoom * 3)
    assert not any(QRectF(overlay.rect()).intersects(grip) for grip in overlay.grips())
    page.cropping.cancel()


def test_nothing_of_the_bar_is_cut_in_a_small_window(
    window: MainWindow, page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    window.resize(900, 600)
    page.open_paths([make_photo("photo.png", (60, 40))])
    finish(page, wait_until)
    begin(page)
    page.cropping.overlay.shape.show(Crop(20, 10, 30, 20))
    page.cropping.apply()
    finish(page, wait_until)
    begin(page)
    bar = page.cropping.bar
    for button in (bar.turn, bar.apply, bar.whole, bar.cancel):
        assert button.isVisible()
        assert button.width() >= button.sizeHint().width(), button.text()
    page.cropping.cancel()
    status = page.bottom.status
    status.setText("Tile 30 of 110, about 20 s left")
    assert status.text_in(status.width()) == "about 20 s left"
    page.saver.forget(page.session.result)  # type: ignore[arg-type]
