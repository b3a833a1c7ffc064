"""Nothing that was finished is lost silently when another picture is opened."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QMessageBox
from waiting import WaitUntil
from window_helpers import MakePhoto, finish

from srgan_desktop.core.images.io import read_image
from srgan_desktop.gui.common.requests import Result
from srgan_desktop.gui.common.thumbnail_strip import UNSAVED
from srgan_desktop.gui.shell.main_window import MainWindow
from srgan_desktop.gui.upscale import saver, switching
from srgan_desktop.gui.upscale.page import UpscalePage

Open = Callable[[Path], Result]
Asked = list[tuple[list[str], str]]


@pytest.fixture
def enlarge(page: UpscalePage, wait_until: WaitUntil) -> Open:
    """Opens a picture and waits for its result."""

    def run(path: Path) -> Result:
        page.open_paths([path])
        wait_until(lambda: page.session.picture and page.session.picture.path == path)
        finish(page, wait_until)
        assert page.session.result is not None
        return page.session.result

    return run


def answering(monkeypatch: pytest.MonkeyPatch, *answers: str) -> Asked:
    """The person presses these buttons; what was asked."""
    asked: Asked = []

    def answer(_: object, names: list[str], question: str) -> str:
        asked.append((names, question))
        return answers[len(asked) - 1]

    monkeypatch.setattr(switching, "ask_unsaved", answer)
    return asked


def marked(page: UpscalePage) -> dict[str, bool]:
    model = page.strip.pictures
    rows = [model.index(row) for row in range(model.rowCount())]
    return {row.data(Qt.ItemDataRole.DisplayRole): row.data(UNSAVED) for row in rows}


def choose(page: UpscalePage, path: Path) -> None:
    strip = page.strip
    strip.setCurrentIndex(strip.pictures.index(strip.pictures.paths.index(path)))


def test_another_picture_leaves_the_unsaved_result_in_the_strip(
    page: UpscalePage, make_photo: MakePhoto, enlarge: Open, wait_until: WaitUntil
) -> None:
    first, second = make_photo("a.png", (60, 40)), make_photo("b.png", (30, 20))
    result = enlarge(first)
    assert not page.strip.isVisible()
    enlarge(second)
    assert page.strip.isVisible()
    assert marked(page) == {"a.png": True, "b.png": True}
    assert page.strip.currentIndex().row() == 1
    choose(page, first)
    assert page.session.result is result, "at once, and nothing is computed"
    assert not page.session.working
    assert page.view.has_result
    assert page.bottom.status.text() == "Not saved yet"
    assert page.messages.text == ""
    page.commands.save.trigger()
    wait_until(first.with_name("a_4x.png").exists)
    wait_until(lambda: not page.saver.busy)
    assert read_image(first.with_name("a_4x.png")).width == 240
    assert marked(page) == {"a.png": False, "b.png": True}
    choose(page, second)
    assert page.panel.save.isEnabled()
    page.commands.save.trigger()
    wait_until(second.with_name("b_4x.png").exists)
    wait_until(lambda: not page.saver.busy)
    assert page.switching.unsaved == []
    assert len(page.switching.store) == 0


def test_opening_it_again_shows_the_result_too(
    page: UpscalePage, make_photo: MakePhoto, enlarge: Open, wait_until: WaitUntil
) -> None:
    first, second = make_photo("a.png", (60, 40)), make_photo("b.png", (30, 20))
    result = enlarge(first)
    enlarge(second)
    page.open_paths([first])
    wait_until(lambda: page.session.result is result)
    page.open_paths([first])
    wait_until(lambda: not page.services.file_lane.busy)
    assert page.session.result is result
    assert not page.session.working


def test_a_result_of_other_settings_stays_until_start(
    page: UpscalePage, make_photo: MakePhoto, enlarge: Open, wait_until: WaitUntil
) -> None:
    first, second = make_photo("a.png", (60, 40)), make_photo("b.png", (30, 20))
    result = enlarge(first)
    enlarge(second)
    page.panel.size_control._group.button(2).click()
    finish(page, wait_until)
    choose(page, first)
    assert page.session.result is result
    assert not page.session.working
    assert "Settings have changed" in page.messages.text
    assert page.viewer.navigation.state.transform is not None
    assert page.viewer.navigation.state.transform.picture == (240, 160)
    page.panel.start.click()
    finish(page, wait_until)
    assert page.session.result is not result
    assert page.session.result is not None
    assert page.session.result.picture.width == 120


def test_what_cannot_be_opened_takes_no_ones_place(
    page: UpscalePage, make_photo: MakePhoto, enlarge: Open, wait_until: WaitUntil
) -> None:
    photo = make_photo("a.png", (60, 40))
    result = enlarge(photo)
    broken = photo.with_name("broken.png")
    broken.write_bytes(photo.read_bytes()[:200])
    page.open_paths([broken])
    wait_until(lambda: page.messages.text.startswith("broken.png"))
    assert page.session.result is result
    assert page.panel.save.isEnabled()
    assert marked(page) == {"a.png": True} and not page.strip.isVisible()


def test_a_saved_result_is_not_kept(
    page: UpscalePage, make_photo: MakePhoto, enlarge: Open, wait_until: WaitUntil
) -> None:
    first = make_photo("a.png", (60, 40))
    enlarge(first)
    page.saving.save()
    wait_until(lambda: page.saver.saved_path)
    enlarge(make_photo("b.png", (30, 20)))
    assert marked(page) == {"a.png": False, "b.png": True}
    assert len(page.switching.store) == 0


def test_going_on_while_it_is_being_saved(
    page: UpscalePage, make_photo: MakePhoto, enlarge: Open, wait_until: WaitUntil
) -> None:
    first, second = make_photo("a.png", (60, 40)), make_photo("b.png", (30, 20))
    enlarge(first)
    page.saving.save()
    enlarge(second)
    wait_until(lambda: not page.saver.busy)
    assert [result.source.path for result in page.switching.unsaved] == [second]


def test_without_room_it_asks(
    page: UpscalePage,
    make_photo: MakePhoto,
    enlarge: Open,
    wait_until: WaitUntil,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = make_photo("a.png", (60, 40)), make_photo("b.png", (30, 20))
    page.switching.store.limit_bytes = 1000
    asked = answering(monkeypatch, "cancel", "save", "discard")
    result = enlarge(first)
    page.open_paths([second])
    wait_until(lambda: len(asked) == 1)
    assert asked[0][0] == ["a.png"]
    assert "no room" in asked[0][1]
    assert page.session.result is result
    assert not page.session.opening
    assert not page.strip.isVisible()
    enlarge(second)
    assert first.with_name("a_4x.png").exists()
    enlarge(first)
    assert len(asked) == 3
    assert not second.with_name("b_4x.png").exists()
    assert len(page.switching.store) == 0


def test_a_save_that_fails_stops_the_opening(
    page: UpscalePage,
    make_photo: MakePhoto,
    enlarge: Open,
    wait_until: WaitUntil,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page.switching.store.limit_bytes = 1000
    answering(monkeypatch, "save")
    result = enlarge(make_photo("a.png", (60, 40)))
    second = make_photo("b.png", (30, 20))

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        page.open_paths([second])
        wait_until(lambda: "the disk is full" in page.messages.text)
    assert page.session.result is result
    assert not page.session.opening
    assert page.panel.save.isEnabled()


def test_a_file_that_changed_is_read_again(
    page: UpscalePage,
    make_photo: MakePhoto,
    enlarge: Open,
    wait_until: WaitUntil,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    photo = make_photo("a.png", (60, 40))
    enlarge(photo)
    photo.write_bytes(make_photo("other.png", (44, 22)).read_bytes())
    os.utime(photo, ns=(1, 1))
    asked = answering(monkeypatch, "save")
    page.open_paths([photo])
    wait_until(lambda: page.session.picture is not None and page.session.picture.size == (44, 22))
    assert "has changed" in asked[0][1]
    assert read_image(photo.with_name("a_4x.png")).width == 240, "the old one is safe"
    finish(page, wait_until)


def test_pasted_pictures_are_kept_apart(
    page: UpscalePage, make_photo: MakePhoto, enlarge: Open, wait_until: WaitUntil
) -> None:
    clipboard = QGuiApplication.clipboard()
    clipboard.setImage(QImage(str(make_photo("a.png", (33, 21)))))
    page.paste()
    finish(page, wait_until)
    first = page.session.result
    assert first is not None
    clipboard.setImage(QImage(str(make_photo("b.png", (22, 11)))))
    page.paste()
    wait_until(lambda: page.session.picture and page.session.picture.size == (22, 11))
    finish(page, wait_until)
    assert list(marked(page).values()) == [True, True]
    choose(page, first.source.path)
    assert page.session.result is first
    assert page.session.picture is not None
    assert page.session.picture.pasted


def test_a_pasted_picture_that_is_read_again_is_still_pasted(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    QGuiApplication.clipboard().setImage(QImage(str(make_photo("a.png", (33, 21)))))
    page.paste()
    finish(page, wait_until)
    pasted = page.session.picture
    assert pasted is not None
    page.saver.forget(page.switching.unsaved[0])
    page.switching.switch_to(pasted.path)
    wait_until(lambda: page.session.picture is not pasted)
    assert page.session.picture is not None
    assert page.session.picture.pasted, "or it would be saved where nobody looks"
    finish(page, wait_until)


def test_closing_asks_once_for_all_and_saves_all(
    window: MainWindow,
    page: UpscalePage,
    make_photo: MakePhoto,
    enlarge: Open,
    wait_until: WaitUntil,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(
        saver.QStandardPaths, "writableLocation", lambda _: str(tmp_path / "pictures")
    )
    (tmp_path / "pictures").mkdir()
    QGuiApplication.clipboard().setImage(QImage(str(make_photo("x.png", (33, 21)))))
    page.paste()
    finish(page, wait_until)
    photos = [make_photo("a.png", (60, 40)), make_photo("b.png", (30, 20))]
    for photo in photos:
        enlarge(photo)
    asked = answering(monkeypatch, "cancel", "save")
    assert not window.close()
    assert asked[0][0] == ["Pasted picture.png", "a.png", "b.png"]
    window.close()
    wait_until(lambda: not window.isVisible())
    assert len(asked) == 2
    assert all(photo.with_name(f"{photo.stem}_4x.png").exists() for photo in photos)
    assert (tmp_path / "pictures" / "Pasted picture_4x.png").exists()


def test_closing_stays_where_one_of_several_cannot_be_saved(
    window: MainWindow,
    page: UpscalePage,
    make_photo: MakePhoto,
    enlarge: Open,
    wait_until: WaitUntil,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    lost = make_photo("a.png", (60, 40), folder=tmp_path / "gone")
    enlarge(lost)
    enlarge(make_photo("b.png", (30, 20)))
    lost.unlink()
    lost.parent.rmdir()
    answering(monkeypatch, "save")
    window.close()
    wait_until(lambda: not page.saver.busy)
    assert window.isVisible()
    assert "the folder does not exist" in page.messages.text, "not talked over by the other"
    assert [result.source.path for result in page.switching.unsaved] == [lost]


@pytest.mark.parametrize(
    ("names", "said", "button"),
    [
        (["a.png"], "The result for a.png has not been saved.", "Save"),
        (["a.png", "b.png"], "2 results have not been saved:\na.png\nb.png", "Save all"),
    ],
)
def test_the_question_names_what_it_is_about(
    page: UpscalePage,
    monkeypatch: pytest.MonkeyPatch,
    names: list[str],
    said: str,
    button: str,
) -> None:
    seen: list[str] = []

    def look(box: QMessageBox) -> int:
        seen.extend([box.text(), box.informativeText(), box.defaultButton().text()])
        return 0

    monkeypatch.setattr(QMessageBox, "exec", look)
    assert switching.ask_unsaved(page, names, "Sure?") == "cancel"
    assert seen == [said, "Sure?", button]
