"""What goes wrong around the Batch page is said plainly on it, and nothing is lost."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from batch_driver import BatchDriver, written
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QCheckBox
from waiting import wait_until

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import NoSpaceError, QueueError
from srgan_desktop.core.jobs.queue import Queue, default_path
from srgan_desktop.gui.batch.presets import FILE
from srgan_desktop.gui.batch.rows import Filter
from srgan_desktop.gui.batch.run import State

MakePhotos = Callable[..., Path]
OpenBatch = Callable[[], BatchDriver]


def test_a_second_program_on_the_queue_is_refused_and_may_try_again(
    open_batch: OpenBatch, make_photos: MakePhotos
) -> None:
    other = Queue(default_path())
    batch = open_batch()
    wait_until(lambda: batch.held)
    assert "another program works with this queue" in batch.held
    assert not batch.start_button.isEnabled()
    other.close()
    batch.press("Try again")
    batch.settle()
    assert batch.held == ""
    batch.add(make_photos("a.png"))
    batch.run_to_the_end()
    assert batch.counts == {"done": 1}


def test_a_damaged_queue_is_kept_aside_and_said(open_batch: OpenBatch) -> None:
    path = default_path()
    path.parent.mkdir(parents=True)
    path.write_bytes(b"this is no database, and long enough to be looked at" * 100)
    batch = open_batch()
    batch.settle()
    assert "damaged" in batch.message
    assert any("damaged" in name for name in written(places.state()))


def test_damaged_presets_are_kept_aside_and_said(open_batch: OpenBatch, home: Path) -> None:
    (home / "settings" / FILE).write_text('{"mine": {"model": 7}}')
    batch = open_batch()
    batch.settle()
    assert "presets could not be read" in batch.message
    assert (home / "settings" / "batch-presets.damaged.json").exists()


def test_a_source_that_is_gone_fails_alone(batch: BatchDriver, make_photos: MakePhotos) -> None:
    top = make_photos("a.png", "b.png")
    batch.add(top)
    (top / "a.png").unlink()
    batch.run_to_the_end()
    assert batch.counts == {"done": 1, "failed": 1}
    batch.show_only(Filter.FAILED)
    assert batch.names == ["a.png"]
    assert "does not exist" in batch.spoken(0, 3)


def test_an_output_folder_that_is_gone_is_made_again(
    batch: BatchDriver, make_photos: MakePhotos, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    batch.choose_folder(out)
    batch.add(make_photos(*(f"{n}.png" for n in range(9)), size=(160, 120)))
    batch.start()
    batch.wait_for("done", 2)
    shutil.rmtree(out, ignore_errors=True)
    batch.wait_for_the_end()
    assert set(batch.counts) <= {"done", "failed"}
    for row in range(9):
        assert batch.column(3)[row] == "done" or str(out) in batch.spoken(row, 3)


def test_a_full_disk_holds_the_run_until_there_is_room(
    batch: BatchDriver, make_photos: MakePhotos, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = [True]
    create = atomic._create_temporary

    def create_or_fail(folder: Path):  # type: ignore[no-untyped-def]
        if full[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return create(folder)

    monkeypatch.setattr(atomic, "_create_temporary", create_or_fail)
    top = make_photos("a.png", "b.png")
    batch.add(top)
    batch.start()
    wait_until(lambda: batch.held)
    assert batch.state is State.RUNNING
    assert written(top) == ["a.png", "b.png"]
    full[0] = False
    batch.press("Try again")
    batch.wait_for_the_end()
    assert batch.held == ""
    assert batch.counts == {"done": 2}


def test_closing_in_the_middle_loses_nothing(
    open_batch: OpenBatch, make_photos: MakePhotos
) -> None:
    batch = open_batch()
    top = make_photos(*(f"{n}.png" for n in range(20)), size=(160, 120))
    batch.add(top)
    batch.start()
    batch.wait_for("done", 2)
    batch.window.close()
    batch = open_batch()
    batch.settle()
    assert "working" not in batch.counts
    assert batch.counts["waiting"] > 0
    batch.run_to_the_end()
    assert batch.counts == {"done": 20}
    assert len(written(top)) == 40


def test_a_watched_folder_is_taken_as_it_fills(
    batch: BatchDriver, make_photos: MakePhotos, tmp_path: Path
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    batch.page.watcher.look_each_s = batch.page.watcher.settle_s = 0.05
    state = batch.panel.watch.state
    batch.press("Watch a folder")
    batch.type_into("Watched folder", str(inbox))
    switch = batch.find(QCheckBox, "Process new pictures automatically")
    switch.click()
    wait_until(lambda: state.text() == "Waiting for new pictures")
    top = make_photos("a.png", "b.png")
    shutil.copy(top / "a.png", inbox)
    wait_until((inbox / "a_4x.png").exists)
    wait_until(lambda: batch.state is State.IDLE)
    shutil.copy(top / "b.png", inbox)
    wait_until((inbox / "b_4x.png").exists)
    wait_until(lambda: state.text() == "2 new pictures so far")
    wait_until(lambda: batch.state is State.IDLE)
    shutil.rmtree(inbox)
    wait_until(lambda: "waiting for it" in state.text())
    switch.click()
    assert state.text() == ""
    assert batch.counts == {"done": 2}


def test_a_folder_is_watched_as_soon_as_the_list_is_open(
    open_batch: OpenBatch, make_photos: MakePhotos, tmp_path: Path
) -> None:
    other = Queue(default_path())
    batch = open_batch()
    wait_until(lambda: batch.held)
    watcher, state = batch.page.watcher, batch.panel.watch.state
    watcher.look_each_s = watcher.settle_s = 0.05
    batch.press("Watch a folder")
    batch.type_into("Watched folder", str(make_photos("a.png")))
    batch.find(QCheckBox, "Process new pictures automatically").click()
    assert state.text() == "The list of pictures cannot be opened."
    other.close()
    batch.press("Try again")
    assert state.text() == "Opening…"
    wait_until(lambda: state.text() == "1 new picture so far")
    batch.wait_for("done")
    wait_until(lambda: batch.state is State.IDLE)
    batch.panel.watch.switch.click()


def watch_refused(
    batch: BatchDriver, folder: Path, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> list[Exception]:
    """Switch watching on; the list takes no picture until what is returned is cleared."""
    refusing = [error]
    add = Queue.add

    def refuse(*arguments: object, **more: object) -> list[int]:
        if refusing:
            raise refusing[0]
        return add(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Queue, "add", refuse)
    batch.page.watcher.look_each_s = batch.page.watcher.settle_s = 0.05
    batch.press("Watch a folder")
    batch.type_into("Watched folder", str(folder))
    batch.find(QCheckBox, "Process new pictures automatically").click()
    return refusing


def test_watching_waits_while_the_disk_is_full(
    batch: BatchDriver, make_photos: MakePhotos, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = NoSpaceError("queue: the disk is full")
    refusing = watch_refused(batch, make_photos("a.png"), error, monkeypatch)
    watch = batch.panel.watch
    wait_until(lambda: watch.state.text() == "Paused: queue: the disk is full")
    assert watch.state.property("wrong")
    assert watch.switch.isChecked()
    refusing.clear()
    wait_until(lambda: watch.state.text() == "1 new picture so far")
    assert not watch.state.property("wrong")
    batch.wait_for("done")
    wait_until(lambda: batch.state is State.IDLE)
    watch.switch.click()


def test_watching_that_fails_is_switched_off_and_says_why(
    batch: BatchDriver, make_photos: MakePhotos, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = QueueError(Path("queue"), "the queue is damaged")
    refusing = watch_refused(batch, make_photos("a.png"), error, monkeypatch)
    watch = batch.panel.watch
    wait_until(lambda: not watch.switch.isChecked())
    assert watch.state.text() == "Watching has ended: queue: the queue is damaged"
    assert watch.state.property("wrong")
    assert "the queue is damaged" in batch.message
    refusing.clear()
    watch.switch.click()
    wait_until(lambda: watch.state.text() == "1 new picture so far")
    batch.wait_for("done")
    wait_until(lambda: batch.state is State.IDLE)
    watch.switch.click()


@pytest.mark.parametrize("template", ["{name}_{scale}x", "{name}"])
def test_results_in_the_watched_folder_are_not_enlarged_again(
    batch: BatchDriver, make_photos: MakePhotos, tmp_path: Path, template: str
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    watcher, state = batch.page.watcher, batch.panel.watch.state
    watcher.look_each_s = watcher.settle_s = 0.05
    batch.name_results(template)
    batch.choose_folder(inbox)
    batch.press("Watch a folder")
    batch.type_into("Watched folder", str(inbox))
    batch.find(QCheckBox, "Process new pictures automatically").click()
    shutil.copy(make_photos("a.png") / "a.png", inbox)
    wait_until(lambda: batch.counts.get("done") == 1 and batch.state is State.IDLE)
    looks = QSignalSpy(watcher.notice)
    wait_until(lambda: looks.count() >= 5)
    assert state.text() == "1 new picture so far"
    assert len(written(inbox)) == 2
    batch.panel.watch.switch.click()
