"""What goes wrong is said in the window, and the window lives on."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from waiting import WaitUntil
from window_helpers import MakePhoto, drop, finish, mime_of

from srgan_desktop.core.base.errors import DeviceMemoryError
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.gui.shell.main_window import MainWindow
from srgan_desktop.gui.upscale import session as session_module
from srgan_desktop.gui.upscale import switching
from srgan_desktop.gui.upscale.page import UpscalePage


def works(page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil) -> None:
    """A picture can be enlarged as if nothing had been."""
    page.open_paths([make_photo("afterwards.png", (20, 20))])
    wait_until(
        lambda: (
            page.session.picture is not None and page.session.picture.path.name == "afterwards.png"
        )
    )
    finish(page, wait_until)


def test_a_drop_of_what_is_no_picture(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil, tmp_path: Path
) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("no picture at all")
    data = mime_of([notes])
    drop(page, data)
    wait_until(lambda: page.messages.text == "notes.txt is not a supported picture.")
    assert page.session.picture is None
    data = mime_of([notes, make_photo("a.png"), tmp_path / "gone.txt"])
    drop(page, data)
    finish(page, wait_until)
    assert page.messages.text == "2 files are not supported pictures and were left out."
    page.commands.stop.trigger()
    assert page.messages.text == ""


def test_a_damaged_picture(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(make_photo("whole.png", (200, 200)).read_bytes()[:300])
    page.open_paths([broken])
    wait_until(lambda: page.messages.text.startswith("broken.png: the file is cut short"))
    assert page.messages.kind == "warning"
    works(page, make_photo, wait_until)


def test_the_file_is_deleted_while_it_is_open(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    photo = make_photo("photo.png", (80, 60))
    page.open_paths([photo])
    finish(page, wait_until)
    photo.unlink()
    page.panel.size_control._group.button(2).click()
    finish(page, wait_until)
    page.saving.save()
    wait_until(photo.with_name("photo_2x.png").exists)


def test_the_folder_is_deleted_before_saving(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil, tmp_path: Path
) -> None:
    photo = make_photo("photo.png", (30, 20), folder=tmp_path / "gone")
    page.open_paths([photo])
    finish(page, wait_until)
    shutil.rmtree(photo.parent)
    page.saving.save()
    wait_until(lambda: "the folder does not exist" in page.messages.text)
    assert not page.saver.is_safe(page.session.result)
    works(page, make_photo, wait_until)


def test_the_disk_is_full(
    page: UpscalePage,
    make_photo: MakePhoto,
    wait_until: WaitUntil,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    photo = make_photo("photo.png", (30, 20))
    page.open_paths([photo])
    finish(page, wait_until)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    page.saving.save()
    wait_until(lambda: "the disk is full" in page.messages.text)
    assert sorted(path.name for path in photo.parent.iterdir()) == ["photo.png"]
    monkeypatch.undo()
    assert page.panel.save.isEnabled()


def test_a_model_file_is_deleted_before_it_is_needed(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil, home: Path
) -> None:
    page.open_paths([make_photo("photo.png", (30, 20))])
    finish(page, wait_until)
    model = home / "models" / "tiny-x2.safetensors"
    kept = model.read_bytes()
    try:
        model.unlink()
        page.panel.model.setCurrentIndex(page.panel.model.findData("tiny-x2"))
        page.panel.model.activated.emit(page.panel.model.currentIndex())
        wait_until(lambda: "tiny-x2.safetensors" in page.messages.text)
        wait_until(lambda: page.panel.model.count() == 1)
        assert page.panel.model.currentData() == "tiny-x4"
        works(page, make_photo, wait_until)
    finally:
        model.write_bytes(kept)


def test_a_model_file_is_deleted_while_it_is_used(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil, home: Path
) -> None:
    page.open_paths([make_photo("photo.png", (30, 20))])
    finish(page, wait_until)
    model = home / "models" / "tiny-x4.safetensors"
    kept, times = model.read_bytes(), model.stat()
    try:
        model.unlink()
        works(page, make_photo, wait_until)
    finally:
        model.write_bytes(kept)
        os.utime(model, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_there_is_no_model(
    home: Path,
    qapp: QApplication,
    make_photo: MakePhoto,
    wait_until: WaitUntil,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    from srgan_desktop.core.base import app_paths as places

    monkeypatch.setattr(places, "models", lambda: tmp_path / "nothing")
    page: UpscalePage = request.getfixturevalue("page")
    page.open_paths([make_photo("photo.png", (30, 20))])
    wait_until(lambda: page.session.picture is not None and page.requests.listed)
    assert page.panel.model.count() == 0
    assert "Put a model file into" in page.panel.description.text()
    assert not page.session.can_start
    assert not page.panel.save.isEnabled()


def test_one_pixel(page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil) -> None:
    page.open_paths([make_photo("dot.png", (1, 1))])
    finish(page, wait_until)
    assert page.session.result is not None
    assert page.session.result.picture.pixels.shape == (4, 4, 3)


def test_a_huge_result_waits_to_be_wanted(
    page: UpscalePage,
    make_photo: MakePhoto,
    wait_until: WaitUntil,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session_module, "START_BY_ITSELF_PIXELS", 10_000)
    page.open_paths([make_photo("large.png", (60, 40))])
    wait_until(lambda: "press Start" in page.messages.text)
    assert not page.session.working
    assert page.panel.start.isEnabled()
    page.panel.start.click()
    finish(page, wait_until)
    assert not page.panel.start.isEnabled()


def test_memory_runs_out_in_the_middle(
    page: UpscalePage,
    make_photo: MakePhoto,
    wait_until: WaitUntil,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = Engine.enlarge
    calls: list[int] = []

    def short_of_memory(self: Engine, *given: object) -> object:
        calls.append(1)
        if len(calls) == 3:
            raise DeviceMemoryError("full")
        if len(calls) == 6:
            raise MemoryError
        return run(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Engine, "enlarge", short_of_memory)
    page.panel.advanced.tile.setValue(64)
    page.open_paths([make_photo("photo.png", (300, 200))])
    wait_until(lambda: page.messages.text.startswith("Not enough memory"))
    assert not page.session.working
    assert page.session.can_start
    monkeypatch.undo()
    page.session.start()
    finish(page, wait_until)


def test_five_hundred_files_at_once(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil, tmp_path: Path
) -> None:
    first = make_photo("0000.png", (16, 16), folder=tmp_path / "many")
    paths = [first.with_name(f"{number:04}.png") for number in range(500)]
    for path in paths[1:]:
        shutil.copyfile(first, path)
    data = mime_of(paths)
    drop(page, data)
    finish(page, wait_until)
    assert len(page.strip.pictures.paths) == 500
    page.strip.setCurrentIndex(page.strip.pictures.index(499))
    wait_until(lambda: page.session.picture is not None and page.session.picture.path == paths[-1])
    assert page.messages.text == ""


def test_closing_asks_about_what_was_not_saved(
    window: MainWindow,
    page: UpscalePage,
    make_photo: MakePhoto,
    wait_until: WaitUntil,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    photo = make_photo("photo.png", (30, 20))
    page.open_paths([photo])
    finish(page, wait_until)
    answers = ["cancel", "save"]
    asked: list[str] = []

    def answer(_: object, names: list[str], question: str) -> str:
        asked.extend(names)
        return answers[len(asked) - 1]

    monkeypatch.setattr(switching, "ask_unsaved", answer)
    assert not window.close()
    assert window.isVisible()
    window.close()
    wait_until(lambda: not window.isVisible())
    assert photo.with_name("photo_4x.png").exists()
    assert asked == ["photo.png", "photo.png"]


def test_closing_in_the_middle_of_the_work(
    window: MainWindow, page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    page.panel.advanced.tile.setValue(32)
    page.open_paths([make_photo("photo.png", (800, 600))])
    wait_until(lambda: page.status.progress.done > 2)
    assert window.close()
    lanes = (page.services.device_lane, page.services.file_lane, page.services.thumbnail_lane)
    assert not any(lane.isRunning() for lane in lanes)
