"""Opened photos stay in the strip until they are closed."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from waiting import WaitUntil
from window_helpers import MakePhoto, finish

from srgan_desktop.gui.common.thumbnail_strip import cross_in
from srgan_desktop.gui.shell.main_window import MainWindow
from srgan_desktop.gui.upscale import switching
from srgan_desktop.gui.upscale.page import UpscalePage


def names(page: UpscalePage) -> list[str]:
    return [path.name for path in page.strip.pictures.paths]


def shown(page: UpscalePage) -> str:
    return page.session.picture.path.name if page.session.picture else ""


def enlarge(page: UpscalePage, path: Path, wait_until: WaitUntil) -> None:
    page.open_paths([path])
    wait_until(lambda: shown(page) == path.name)
    finish(page, wait_until)


@pytest.fixture
def three(page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil) -> UpscalePage:
    """Photos opened one after the other; nobody wants their results."""
    for name in ("a.png", "b.png", "c.png"):
        enlarge(page, make_photo(name, (60, 40)), wait_until)
        assert page.session.result is not None
        page.saver.forget(page.session.result)
    return page


def test_what_is_opened_joins_what_is_open(
    three: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    assert names(three) == ["a.png", "b.png", "c.png"]
    QGuiApplication.clipboard().setImage(QImage(str(make_photo("d.png", (22, 11)))))
    three.paste()
    wait_until(lambda: three.session.picture and three.session.picture.size == (22, 11))
    finish(three, wait_until)
    assert names(three)[:3] == ["a.png", "b.png", "c.png"] and len(names(three)) == 4
    three.saver.forget(three.session.result)  # type: ignore[arg-type]


def test_closing_the_shown_one_brings_the_next(
    three: UpscalePage, window: MainWindow, wait_until: WaitUntil
) -> None:
    three.switching.switch_to(three.strip.pictures.paths[1])
    wait_until(lambda: shown(three) == "b.png")
    finish(three, wait_until)
    three.saver.forget(three.session.result)  # type: ignore[arg-type]
    three.commands.close.trigger()
    wait_until(lambda: shown(three) == "c.png")
    assert names(three) == ["a.png", "c.png"]
    finish(three, wait_until)
    three.saver.forget(three.session.result)  # type: ignore[arg-type]
    three.strip.setFocus()
    QTest.keyClick(three.strip, Qt.Key.Key_Delete)
    wait_until(lambda: shown(three) == "a.png")
    assert not three.strip.isVisible()
    finish(three, wait_until)
    three.saver.forget(three.session.result)  # type: ignore[arg-type]
    three.commands.close.trigger()
    assert shown(three) == "" and three.empty.isVisible()
    assert window.windowTitle() == "SRGAN Desktop"
    assert not three.commands.close.isEnabled() and not three.panel.save.isEnabled()
    assert three.panel.size_control.result.text() == ""


def test_the_cross_closes_one_that_is_not_shown(three: UpscalePage) -> None:
    strip = three.strip
    place = cross_in(strip.visualRect(strip.pictures.index(0))).center()
    QTest.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert names(three) == ["b.png", "c.png"]
    assert shown(three) == "c.png" and strip.currentIndex().row() == 1
    QTest.mouseClick(
        strip.viewport(),
        Qt.MouseButton.LeftButton,
        pos=strip.visualRect(strip.pictures.index(1)).center() + QPoint(0, 10),
    )
    assert names(three) == ["b.png", "c.png"]


def test_a_result_that_is_not_saved_is_asked_for(
    page: UpscalePage,
    make_photo: MakePhoto,
    wait_until: WaitUntil,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = make_photo("a.png", (60, 40)), make_photo("b.png", (60, 40))
    answers, asked = ["cancel", "discard", "save"], []

    def answer(_: object, pictures: list[str], question: str) -> str:
        asked.append(pictures)
        return answers.pop(0)

    monkeypatch.setattr(switching, "ask_unsaved", answer)
    enlarge(page, first, wait_until)
    enlarge(page, second, wait_until)
    page.switching.close_picture(first)
    assert names(page) == ["a.png", "b.png"], "called off"
    page.switching.close_picture(first)
    assert names(page) == ["b.png"] and len(page.switching.store) == 0
    page.switching.close_picture(second)
    wait_until(lambda: page.session.picture is None)
    assert second.with_name("b_4x.png").exists() and not first.with_name("a_4x.png").exists()
    assert asked == [["a.png"], ["a.png"], ["b.png"]]


def test_what_was_said_of_a_photo_goes_with_it(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    enlarge(page, make_photo("a.png", (60, 40)), wait_until)
    page.saving.save()
    wait_until(lambda: page.messages.text == "Saved as a_4x.png")
    QGuiApplication.clipboard().setImage(QImage(str(make_photo("b.png", (22, 11)))))
    page.paste()
    assert page.messages.text == ""
    finish(page, wait_until)
    page.saver.forget(page.session.result)  # type: ignore[arg-type]


def test_one_that_is_still_being_read_is_closed(three: UpscalePage, wait_until: WaitUntil) -> None:
    first = three.strip.pictures.paths[0]
    three.switching.switch_to(first)
    assert three.session.opening
    three.switching.close_picture(first)
    assert not three.session.opening
    wait_until(lambda: not three.services.file_lane.busy)
    QApplication.processEvents()
    assert names(three) == ["b.png", "c.png"]
    assert shown(three) == "c.png" and three.strip.currentIndex().row() == 1


def test_the_next_comes_where_the_first_is_closed_before_it_is_there(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    first, second = make_photo("a.png", (60, 40)), make_photo("b.png", (60, 40))
    page.switching.switch_to(first, [first, second])
    page.switching.close_picture(first)
    wait_until(lambda: shown(page) == "b.png")
    assert names(page) == ["b.png"]
    finish(page, wait_until)
    page.switching.switch_to(first, [first])
    page.saver.forget(page.session.result)  # type: ignore[arg-type]
    page.switching.close_picture(first)
    page.switching.close_picture(second)
    assert shown(page) == "" and page.empty.isVisible()
