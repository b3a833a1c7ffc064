"""What goes wrong around the Batch page is said plainly on it, and nothing is lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from batch_helpers import MakePhotos, names, run_to_its_end, settle, written
from waiting import WaitUntil

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.gui.batch.page import BatchPage
from srgan_desktop.gui.batch.presets import FILE
from srgan_desktop.gui.batch.run import State
from srgan_desktop.gui.shell.main_window import MainWindow


def start_with(page: BatchPage, wait_until: WaitUntil, *paths: Path) -> None:
    page.open_paths(paths)
    settle(page, wait_until)
    page.start()


def test_a_second_program_on_the_queue_is_refused_and_may_try_again(
    open_window: Callable[[], MainWindow], home: Path, make_photos: MakePhotos,
    wait_until: WaitUntil,
) -> None:  # fmt: skip
    from srgan_desktop.core.jobs.queue import Queue, default_path

    other = Queue(default_path())
    page = open_window().page
    assert isinstance(page, BatchPage)
    wait_until(lambda: page.held.text)
    assert "another program works with this queue" in page.held.text
    assert not page.panel.start.isEnabled()
    other.close()
    page.held.action.click()
    settle(page, wait_until)
    assert page.held.text == ""
    page.open_paths([make_photos("a.png")])
    settle(page, wait_until)
    run_to_its_end(page, wait_until)
    assert page.model.counts["done"] == 1


def test_a_damaged_queue_is_kept_aside_and_said(
    open_window: Callable[[], MainWindow], home: Path, wait_until: WaitUntil
) -> None:
    from srgan_desktop.core.jobs.queue import default_path

    path = default_path()
    path.parent.mkdir(parents=True)
    path.write_bytes(b"this is no database, and long enough to be looked at" * 100)
    page = open_window().page
    assert isinstance(page, BatchPage)
    settle(page, wait_until)
    assert "damaged" in page.messages.text
    assert any("damaged" in name for name in written(places.state()))


def test_damaged_presets_are_kept_aside_and_said(
    open_window: Callable[[], MainWindow], home: Path, wait_until: WaitUntil
) -> None:
    (home / "settings" / FILE).write_text('{"mine": {"model": 7}}')
    page = open_window().page
    assert isinstance(page, BatchPage)
    settle(page, wait_until)
    assert "presets could not be read" in page.messages.text
    assert (home / "settings" / "batch-presets.damaged.json").exists()


def test_a_source_that_is_gone_fails_alone(
    page: BatchPage, make_photos: MakePhotos, wait_until: WaitUntil
) -> None:
    top = make_photos("a.png", "b.png")
    page.open_paths([top])
    settle(page, wait_until)
    (top / "a.png").unlink()
    run_to_its_end(page, wait_until)
    assert page.model.counts["failed"] == 1
    assert page.model.counts["done"] == 1
    page.top.choose(page.model.filter.FAILED)
    assert names(page) == ["a.png"]
    assert "does not exist" in (page.model.item(0).error or "")


def test_an_output_folder_that_is_gone_is_made_again(
    page: BatchPage, make_photos: MakePhotos, wait_until: WaitUntil, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    page.panel.output.folder.setText(str(out))
    page.panel.output.folder.editingFinished.emit()
    top = make_photos(*(f"{n}.png" for n in range(9)), size=(160, 120))
    start_with(page, wait_until, top)
    wait_until(lambda: page.model.counts["done"] >= 2)
    shutil.rmtree(out, ignore_errors=True)
    wait_until(lambda: not page.run.active, 60)
    settle(page, wait_until)
    assert page.model.counts["waiting"] == page.model.counts["working"] == 0
    for item in page.model.items():
        assert item.status == "done" or str(out) in (item.error or "")


def test_a_full_disk_holds_the_run_until_there_is_room(
    page: BatchPage, make_photos: MakePhotos, wait_until: WaitUntil,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    import errno
    import os

    from srgan_desktop.core.base import atomic

    full = [True]
    create = atomic._create_temporary

    def create_or_fail(folder: Path):  # type: ignore[no-untyped-def]
        if full[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return create(folder)

    monkeypatch.setattr(atomic, "_create_temporary", create_or_fail)
    top = make_photos("a.png", "b.png")
    start_with(page, wait_until, top)
    wait_until(lambda: page.held.text)
    assert page.run.state is State.RUNNING
    assert written(top) == ["a.png", "b.png"]
    full[0] = False
    page.held.action.click()
    wait_until(lambda: not page.run.active, 60)
    settle(page, wait_until)
    assert page.held.text == ""
    assert page.model.counts["done"] == 2


def test_closing_in_the_middle_loses_nothing(
    open_window: Callable[[], MainWindow], make_photos: MakePhotos, wait_until: WaitUntil
) -> None:
    window = open_window()
    page = window.page
    assert isinstance(page, BatchPage)
    settle(page, wait_until)
    top = make_photos(*(f"{n}.png" for n in range(20)), size=(160, 120))
    start_with(page, wait_until, top)
    wait_until(lambda: page.model.counts["done"] >= 2)
    window.close()
    page = open_window().page
    assert isinstance(page, BatchPage)
    settle(page, wait_until)
    assert page.model.counts["working"] == 0
    assert page.model.counts["waiting"] > 0
    run_to_its_end(page, wait_until)
    assert page.model.counts["done"] == 20
    assert len(written(top)) == 40


def test_a_watched_folder_is_taken_as_it_fills(
    page: BatchPage, make_photos: MakePhotos, wait_until: WaitUntil, tmp_path: Path
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    page.watcher.look_each_s = page.watcher.settle_s = 0.05
    watch = page.panel.watch
    watch.folder_name.setText(str(inbox))
    watch.switch.click()
    wait_until(lambda: watch.state.text() == "Waiting for new pictures")
    top = make_photos("a.png", "b.png")
    shutil.copy(top / "a.png", inbox)
    wait_until((inbox / "a_4x.png").exists)
    wait_until(lambda: not page.run.active)
    shutil.copy(top / "b.png", inbox)
    wait_until((inbox / "b_4x.png").exists)
    wait_until(lambda: watch.state.text() == "2 new pictures taken so far")
    wait_until(lambda: not page.run.active)
    shutil.rmtree(inbox)
    wait_until(lambda: "waiting for it" in watch.state.text())
    watch.switch.click()
    assert watch.state.text() == ""
    assert page.model.counts["done"] == 2
