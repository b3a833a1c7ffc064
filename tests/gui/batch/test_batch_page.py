"""The Batch page at work: adding, running, changing, and what it says of all that."""

from __future__ import annotations

import csv
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path

import pytest
from batch_helpers import MakePhotos, names, run_to_its_end, settle, written
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox
from waiting import WaitUntil

from srgan_desktop.gui.batch.comparison import ComparisonDialog
from srgan_desktop.gui.batch.filters import Filter
from srgan_desktop.gui.batch.page import BatchPage
from srgan_desktop.gui.batch.run import State
from srgan_desktop.gui.shell.main_window import MainWindow


def add(page: BatchPage, wait_until: WaitUntil, *paths: Path) -> None:
    page.open_paths(paths)
    settle(page, wait_until)


def test_a_dropped_folder_is_searched_and_what_is_left_out_is_counted(
    page: BatchPage, make_photos: MakePhotos, wait_until: WaitUntil
) -> None:
    assert page._stack.currentWidget() is page.empty
    top = make_photos("b.png", "a.png", "sub/c.jpg", ".hidden.png", ".git/d.png", "a_4x.png")
    (top / "notes.txt").write_text("words")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(top))])
    at, plain = QPointF(50, 50), Qt.KeyboardModifier.NoModifier
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(at.toPoint(), copy, data, left, plain)
    page.dragEnterEvent(enter)
    assert enter.isAccepted()
    page.dropEvent(QDropEvent(at, copy, data, left, plain))
    settle(page, wait_until)
    assert names(page) == ["a.png", "b.png", "c.jpg"]
    assert page._stack.currentWidget() is not page.empty
    assert page.messages.text == (
        "3 pictures added. Left out: 2 hidden, 1 result of earlier work, 1 that is no picture."
    )
    add(page, wait_until, top / "a.png")
    assert page.messages.text == "Nothing was added. Left out: 1 already in the list."
    assert page.model.rowCount() == 3


def test_the_tree_is_kept_and_a_bad_file_does_not_stop_the_rest(
    page: BatchPage,
    make_photos: MakePhotos,
    wait_until: WaitUntil,
    tmp_path: Path,
    notices: list[tuple[str, str]],
) -> None:
    top = make_photos("a.png", "深い/b.png", "sub/deep/c.png")
    (top / "bad.png").write_bytes(b"no picture")
    out = tmp_path / "out"
    page.panel.output.folder.setText(str(out))
    page.panel.output.folder.editingFinished.emit()
    add(page, wait_until, top)
    run_to_its_end(page, wait_until)
    assert written(out) == ["a_4x.png", "sub/deep/c_4x.png", "深い/b_4x.png"]
    assert page.model.counts == {"done": 3, "failed": 1}
    assert page.messages.text == "All done: 3 done, 1 failed."
    assert notices == [("The batch is done", "3 done, 1 failed")]
    page.messages.action.click()
    assert names(page) == ["bad.png"]
    assert "bad.png" in (page.model.item(0).error or "")
    assert not page.awake.held


def test_options_count_for_what_waits_and_for_what_comes(
    page: BatchPage, make_photos: MakePhotos, wait_until: WaitUntil, tmp_path: Path
) -> None:
    top = make_photos("a.png", "b.png")
    add(page, wait_until, top / "a.png")
    page.panel.size_control._group.button(2).click()
    page.panel.output.name.setText("{stem}-big-{width}")
    page.panel.output.name.textEdited.emit("")
    wait_until(lambda: page.panel.output.preview.text() == "a.png → a-big-48.png")
    add(page, wait_until, top / "b.png")
    run_to_its_end(page, wait_until)
    assert written(top) == ["a-big-48.png", "a.png", "b-big-48.png", "b.png"]


def test_a_template_that_makes_no_sense_is_said_beside_it(page: BatchPage) -> None:
    page.panel.output.name.setText("{what}")
    page.panel.output.name.textEdited.emit("")
    assert "are filled in" in page.panel.output.preview.text()
    assert not page.panel.start.isEnabled()
    assert page.panel.options() is None


def test_pause_resume_and_stop(
    page: BatchPage, make_photos: MakePhotos, wait_until: WaitUntil
) -> None:
    top = make_photos(*(f"{n:02}.png" for n in range(30)), size=(160, 120))
    add(page, wait_until, top)
    page.start()
    wait_until(lambda: page.model.counts["done"] >= 2)
    page.bottom.pause.click()
    assert page.run.state is State.PAUSED
    wait_until(lambda: not page.services.device_lane.busy)
    done = page.model.counts["done"]
    assert done < 30
    assert page.bottom.pause.text() == "&Resume"
    assert "paused" in page.bottom.status.text()
    page.hold_or_go_on()
    wait_until(lambda: page.model.counts["done"] > done)
    assert page.title().startswith("Batch\n")
    page.escape()
    wait_until(lambda: not page.run.active)
    settle(page, wait_until)
    counts = page.model.counts
    assert counts["waiting"] > 0
    assert counts["done"] + counts["waiting"] == 30
    assert len(written(top)) == 30 + counts["done"]
    assert page.title() == "Batch"


@pytest.mark.parametrize("closes", [True, False])
def test_closing_asks_while_it_works(
    page: BatchPage, make_photos: MakePhotos, wait_until: WaitUntil,
    monkeypatch: pytest.MonkeyPatch, closes: bool,
) -> None:  # fmt: skip
    assert page.may_close(), "nothing to do"
    add(page, wait_until, make_photos(*(f"{n:02}.png" for n in range(30)), size=(160, 120)))
    assert page.may_close(), "it has not begun"
    asked: list[tuple[str, list[str]]] = []

    def answer(box: QMessageBox) -> int:
        asked.append((box.text(), [button.text() for button in box.buttons()]))
        word = "Close" if closes else "Go on working"
        next(button for button in box.buttons() if button.text() == word).click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", answer)
    page.start()
    wait_until(lambda: page.model.counts["done"] >= 1)
    left = 30 - page.model.counts["done"]
    assert page.may_close() is closes
    assert asked[0][0] == f"The batch is still at work: {left} pictures are left."
    assert sorted(asked[0][1]) == ["Close", "Go on working"]
    page.hold_or_go_on()
    assert page.run.state is State.PAUSED
    assert page.may_close(), "what pauses is no work that ends"
    assert len(asked) == 1


def test_a_single_picture_goes_first(
    page: BatchPage, make_photos: MakePhotos, wait_until: WaitUntil
) -> None:
    top = make_photos(*(f"{n:02}.png" for n in range(40)), size=(160, 120))
    add(page, wait_until, top)
    page.start()
    wait_until(lambda: page.model.counts["done"] >= 1)
    had: list[int] = []

    def picture() -> Generator[None, None, None]:
        yield
        had.append(page.model.counts["done"])

    assert page.services.device_note == (
        "The batch is at work; a picture that you open goes first."
    )
    page.services.device_lane.submit(picture)
    wait_until(lambda: had)
    assert had[0] < 40
    wait_until(lambda: page.model.counts["done"] == 40, 60)
    wait_until(lambda: not page.run.active)
    assert page.services.device_note == ""


def test_cancel_retry_remove_and_reorder(
    page: BatchPage, make_photos: MakePhotos, wait_until: WaitUntil
) -> None:
    top = make_photos("a.png", "b.png", "c.png", "d.png")
    add(page, wait_until, top)
    page.table.selectRow(3)
    page.first_action.trigger()
    settle(page, wait_until)
    assert names(page) == ["d.png", "a.png", "b.png", "c.png"]
    page.down_action.trigger()
    settle(page, wait_until)
    assert names(page) == ["a.png", "d.png", "b.png", "c.png"]
    page.up_action.trigger()
    page.last_action.trigger()
    settle(page, wait_until)
    assert names(page) == ["a.png", "b.png", "c.png", "d.png"]
    assert [item.source.name for item in page._chosen()] == ["d.png"]
    page.cancel_action.trigger()
    page.table.selectRow(0)
    page.remove_action.trigger()
    settle(page, wait_until)
    assert names(page) == ["b.png", "c.png", "d.png"]
    assert (top / "a.png").exists()
    run_to_its_end(page, wait_until)
    assert page.model.counts == {"done": 2, "cancelled": 1}
    page.table.selectRow(2)
    assert page.retry_action.isEnabled()
    assert not page.cancel_action.isEnabled()
    page.retry_action.trigger()
    settle(page, wait_until)
    run_to_its_end(page, wait_until)
    assert page.model.counts["done"] == 3
    page.clear_action.trigger()
    settle(page, wait_until)
    assert page._stack.currentWidget() is page.empty


def test_rows_are_dropped_elsewhere(
    page: BatchPage, make_photos: MakePhotos, wait_until: WaitUntil
) -> None:
    add(page, wait_until, make_photos("a.png", "b.png", "c.png", "d.png"))
    page.table.choose([page.model.item(row).id for row in (0, 3)])
    page.table.dropped.emit(2)
    settle(page, wait_until)
    assert names(page) == ["b.png", "a.png", "d.png", "c.png"]
    assert {item.source.name for item in page._chosen()} == {"a.png", "d.png"}
    page.table.dropped.emit(4)
    settle(page, wait_until)
    assert names(page) == ["b.png", "c.png", "a.png", "d.png"]
    page.table.selectRow(3)
    page.cancel_action.trigger()
    settle(page, wait_until)
    drag = Qt.ItemFlag.ItemIsDragEnabled
    assert [bool(page.model.flags(page.model.index(row, 0)) & drag) for row in range(4)] == [
        True, True, True, False,
    ]  # fmt: skip
    assert page.table.dragged_rows() == [], "what is over has no turn"
    page.top.choose(Filter.WAITING)
    page.table.selectRow(0)
    page.table.dropped.emit(3)
    settle(page, wait_until)
    assert names(page) == ["c.png", "a.png", "b.png"]
    page.top.choose(Filter.ALL)
    assert names(page) == ["c.png", "a.png", "b.png", "d.png"], "the hidden one stays where it was"


def test_files_go_past_the_table_to_the_page(
    page: BatchPage, make_photos: MakePhotos, wait_until: WaitUntil
) -> None:
    top = make_photos("a.png")
    add(page, wait_until, top)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(top))])
    event = QDragEnterEvent(
        QPoint(20, 20), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    page.table.dragEnterEvent(event)
    assert not event.isAccepted()
    assert page.table.gap is None


def test_the_list_is_there_again_and_goes_on_only_when_told(
    open_window: Callable[[], MainWindow], make_photos: MakePhotos, wait_until: WaitUntil
) -> None:
    window = open_window()
    page = window.page
    assert isinstance(page, BatchPage)
    settle(page, wait_until)
    add(page, wait_until, make_photos("a.png", "b.png"))
    window.close()
    page = open_window().page
    assert isinstance(page, BatchPage)
    settle(page, wait_until)
    assert names(page) == ["a.png", "b.png"]
    assert page.messages.text == "2 pictures wait from last time."
    assert not page.run.active
    page.messages.action.click()
    wait_until(lambda: page.model.counts["done"] == 2)
    wait_until(lambda: not page.run.active)


def test_the_offer_goes_with_what_it_is_about(
    open_window: Callable[[], MainWindow], make_photos: MakePhotos, wait_until: WaitUntil
) -> None:
    window = open_window()
    page = window.page
    assert isinstance(page, BatchPage)
    settle(page, wait_until)
    add(page, wait_until, make_photos("a.png"))
    window.close()
    page = open_window().page
    assert isinstance(page, BatchPage)
    settle(page, wait_until)
    assert page.messages.text == "1 picture waits from last time."
    page.table.selectAll()
    page.remove_action.trigger()
    settle(page, wait_until)
    assert page.messages.text == ""


def test_filters_show_what_they_say(
    page: BatchPage, make_photos: MakePhotos, wait_until: WaitUntil
) -> None:
    top = make_photos("a.png", "b.png", "c.png")
    add(page, wait_until, top)
    page.table.selectRow(1)
    page.cancel_action.trigger()
    settle(page, wait_until)
    page.top.choose(Filter.LEFT_OUT)
    assert names(page) == ["b.png"]
    assert [item.source.name for item in page._chosen()] == ["b.png"]
    page.top.choose(Filter.WAITING)
    assert names(page) == ["a.png", "c.png"]
    run_to_its_end(page, wait_until)
    wait_until(lambda: names(page) == [])
    page.top.choose(Filter.ALL)
    assert names(page) == ["a.png", "b.png", "c.png"]


def test_a_finished_item_opens_in_the_viewer(
    page: BatchPage, make_photos: MakePhotos, wait_until: WaitUntil
) -> None:
    top = make_photos("a.png")
    add(page, wait_until, top)
    run_to_its_end(page, wait_until)
    page.table.selectRow(0)
    page.table.doubleClicked.emit(page.model.index(0, 0))
    dialog = page.findChild(ComparisonDialog)
    assert dialog is not None
    wait_until(lambda: not dialog.state.isVisible())
    dialog.close()
    wait_until(lambda: page.findChild(ComparisonDialog) is None)
    (top / "a_4x.png").unlink()
    page.table.open_wanted.emit(page.model.item(0).id)
    dialog = page.findChild(ComparisonDialog)
    assert dialog is not None
    wait_until(lambda: "a_4x.png" in dialog.state.text())
    dialog.close()


def test_the_report_is_a_table(
    page: BatchPage, make_photos: MakePhotos, wait_until: WaitUntil, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    add(page, wait_until, make_photos("a.png", "b.png"))
    wanted = tmp_path / "report"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(wanted), ""))
    page.export_action.trigger()
    wait_until(lambda: page.messages.text == "The report was saved as report.csv.")
    rows = list(csv.reader((tmp_path / "report.csv").read_text("utf-8-sig").splitlines()))
    assert len(rows) == 3
    assert str(tmp_path / "pictures" / "a.png") in rows[1]


def test_presets_are_kept_picked_and_forgotten(
    open_window: Callable[[], MainWindow], wait_until: WaitUntil, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    page = window.page
    assert isinstance(page, BatchPage)
    settle(page, wait_until)
    page.panel.size_control._group.button(8).click()
    page.panel.output.format.setCurrentIndex(page.panel.output.format.findData("webp"))
    page.panel.output.format.activated.emit(0)
    monkeypatch.setattr(QInputDialog, "exec", lambda self: 1)
    monkeypatch.setattr(QInputDialog, "textValue", lambda self: "Posters 大")
    page.panel.presets.save_action.trigger()
    wait_until(lambda: page.panel.presets.name == "Posters 大")
    page.panel.size_control._group.button(2).click()
    wait_until(lambda: page.panel.presets.name == "")
    settle(page, wait_until)
    window.close()
    page = open_window().page
    assert isinstance(page, BatchPage)
    settle(page, wait_until)
    assert page.panel.size_control.size_wanted.value == 2
    box = page.panel.presets.box
    box.setCurrentIndex(box.findData("Posters 大"))
    box.activated.emit(box.currentIndex())
    options = page.panel.options()
    assert options is not None
    assert (options.value, options.format) == (8, "webp")
    page.panel.presets.remove_action.trigger()
    wait_until(lambda: page.panel.presets.box.count() == 1)


def test_the_estimate_says_how_much_before_the_start(
    page: BatchPage, make_photos: MakePhotos, wait_until: WaitUntil
) -> None:
    top = make_photos("a.png", "b.png")
    (top / "bad.png").write_bytes(b"no picture")
    add(page, wait_until, top)
    wait_until(lambda: "about" in page.panel.cost.text())
    assert page.panel.cost.text().startswith("3 pictures, about ")
    assert "memory" in page.panel.cost.text()
    assert page.panel.warning.text().startswith("1 cannot be done: ")


def test_other_options_in_the_queue_are_told_and_can_be_made_the_same(
    page: BatchPage, make_photos: MakePhotos, wait_until: WaitUntil
) -> None:
    from srgan_desktop.core.jobs.options import BatchOptions
    from srgan_desktop.core.jobs.sources import Source

    top = make_photos("a.png")
    queue = page.session.queue
    assert queue is not None
    queue.add([Source(top / "a.png")], BatchOptions(model="tiny-x4", value=2.0))
    page.session.refresh()
    settle(page, wait_until)
    assert page.panel.others.isVisibleTo(page)
    page.panel.same_for_all.click()
    settle(page, wait_until)
    assert not page.panel.others.isVisibleTo(page)
    run_to_its_end(page, wait_until)
    assert written(top) == ["a.png", "a_4x.png"]


def test_a_command_is_run_at_the_end(
    page: BatchPage, make_photos: MakePhotos, wait_until: WaitUntil, tmp_path: Path
) -> None:
    import sys

    notice = tmp_path / "told of it.txt"
    code = "import sys; open(sys.argv[1], 'w').write(' '.join(sys.argv[2:]))"
    page.panel.ending.command.setText(
        f'"{sys.executable}" -c "{code}" "{notice}" {{done}} {{folder}}'
    )
    page.panel.ending.command.editingFinished.emit()
    top = make_photos("a.png")
    add(page, wait_until, top)
    run_to_its_end(page, wait_until)
    wait_until(lambda: notice.exists() and notice.read_text() == f"1 {top}")
    page.panel.ending.command.setText("no-such-program-anywhere")
    page.panel.ending.command.editingFinished.emit()
    page.table.selectRow(0)
    page.retry_action.trigger()
    settle(page, wait_until)
    run_to_its_end(page, wait_until)
    assert "no-such-program-anywhere" in page.messages.text


def test_a_model_made_for_the_size_is_advised_and_taken(page: BatchPage) -> None:
    panel = page.panel
    now = panel.model_chosen
    assert now is not None and now.scale == 4
    four = replace(now, name="twin-x4", title="Twin x4")
    two = replace(now, name="twin-x2", title="Twin x2", scale=2)
    panel.set_models([four, two])
    panel.model.setCurrentIndex(0)
    panel.size_control._group.button(2).click()
    assert panel.advice.use.text() == "Take Twin x2" and not panel.advice.isHidden()
    panel.advice.use.click()
    assert panel.model_chosen is two and panel.advice.isHidden()
