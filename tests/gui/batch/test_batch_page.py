"""The Batch page at work: adding, running, changing, and what it says of all that."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path

import pytest
from batch_driver import BatchDriver, written
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox
from waiting import wait_until

from srgan_desktop.gui.batch.rows import Filter
from srgan_desktop.gui.batch.run import State
from srgan_desktop.gui.common import save_file

MakePhotos = Callable[..., Path]
OpenBatch = Callable[[], BatchDriver]


def test_a_dropped_folder_is_searched_and_what_is_left_out_is_counted(
    batch: BatchDriver, make_photos: MakePhotos
) -> None:
    assert not batch.view.shows_list
    top = make_photos("b.png", "a.png", "sub/c.jpg", ".hidden.png", ".git/d.png", "a_4x.png")
    (top / "notes.txt").write_text("words")
    batch.drop(top)
    assert batch.names == ["a.png", "b.png", "c.jpg"]
    assert batch.view.shows_list
    assert batch.message == (
        "3 pictures added. Skipped: 2 hidden, 1 earlier result, 1 not a picture."
    )
    batch.add(top / "a.png")
    assert batch.message == "Nothing was added. Skipped: 1 already in the list."
    assert len(batch.names) == 3


def test_the_tree_is_kept_and_a_bad_file_does_not_stop_the_rest(
    batch: BatchDriver, make_photos: MakePhotos, tmp_path: Path, notices: list[tuple[str, str]]
) -> None:
    top = make_photos("a.png", "深い/b.png", "sub/deep/c.png")
    (top / "bad.png").write_bytes(b"no picture")
    out = tmp_path / "out"
    batch.choose_folder(out)
    batch.add(top)
    batch.run_to_the_end()
    assert written(out) == ["a_4x.png", "sub/deep/c_4x.png", "深い/b_4x.png"]
    assert batch.counts == {"done": 3, "failed": 1}
    assert batch.message == "Finished: 3 done, 1 failed."
    assert notices == [("Batch finished", "3 done, 1 failed")]
    batch.press("Show failed")
    assert batch.names == ["bad.png"]
    assert batch.chosen == ["bad.png"]
    assert batch.note.startswith("bad.png: ")
    assert batch.note.endswith("Replace it and press Retry, or remove it from the list.")
    assert not batch.can("View result")
    (top / "bad.png").write_bytes((top / "a.png").read_bytes())
    batch.press("Retry")
    batch.settle()
    assert batch.counts == {"done": 3, "waiting": 1}
    assert batch.message == "", "it is not finished any more"
    wait_until(lambda: batch.view.top.chosen is Filter.ALL)
    batch.run_to_the_end()
    assert batch.counts == {"done": 4}
    batch.select("bad.png")
    wait_until(lambda: batch.note == "")
    assert batch.can("View result")
    assert not batch.page.running.awake.held


def test_options_count_for_what_waits_and_for_what_comes(
    batch: BatchDriver, make_photos: MakePhotos
) -> None:
    top = make_photos("a.png", "b.png")
    batch.add(top / "a.png")
    batch.choose_factor(2)
    batch.name_results("{name}-big-{width}")
    wait_until(lambda: batch.preview == "a.png → a-big-48.png")
    batch.add(top / "b.png")
    batch.run_to_the_end()
    assert written(top) == ["a-big-48.png", "a.png", "b-big-48.png", "b.png"]


def test_a_template_that_makes_no_sense_is_said_beside_it(
    batch: BatchDriver, make_photos: MakePhotos
) -> None:
    batch.add(make_photos("a.png"))
    assert batch.start_button.isEnabled()
    batch.name_results("{what}")
    assert "you can use" in batch.preview
    assert not batch.start_button.isEnabled()


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("~nobody-of-that-name/out", "Enter the full path of the folder"),
        ("/tmp/" + "n" * 300, "the name is too long; choose a shorter one"),
    ],
)
def test_an_output_folder_that_cannot_be_is_said_beside_it(
    batch: BatchDriver, make_photos: MakePhotos, folder: str, said: str
) -> None:
    batch.add(make_photos("a.png"))
    batch.choose_folder(Path(folder))
    assert batch.preview == said
    assert not batch.start_button.isEnabled()
    batch.press("Watch a folder")
    batch.type_into("Watched folder", folder)
    assert not batch.panel.watch.switch.isEnabled()


def test_pause_resume_and_stop(batch: BatchDriver, make_photos: MakePhotos) -> None:
    top = make_photos(*(f"{n:02}.png" for n in range(30)), size=(160, 120))
    batch.add(top)
    batch.start()
    batch.wait_for("done", 2)
    batch.press("Pause")
    assert batch.state is State.PAUSED
    wait_until(lambda: not batch.window.services.device_lane.busy)
    done = batch.counts["done"]
    assert done < 30
    assert "paused" in batch.progress
    batch.view.bottom.pause.click()
    batch.wait_for("done", done + 1)
    assert batch.page.title().startswith("Batch\n")
    batch.page.escape()
    batch.wait_for_the_end()
    counts = batch.counts
    assert counts["waiting"] > 0
    assert counts["done"] + counts["waiting"] == 30
    assert len(written(top)) == 30 + counts["done"]
    assert batch.page.title() == "Batch"


@pytest.mark.parametrize("closes", [True, False])
def test_closing_asks_while_it_works(
    batch: BatchDriver, make_photos: MakePhotos, monkeypatch: pytest.MonkeyPatch, closes: bool
) -> None:
    assert batch.page.may_close(), "nothing to do"
    batch.add(make_photos(*(f"{n:02}.png" for n in range(30)), size=(160, 120)))
    assert batch.page.may_close(), "it has not begun"
    asked: list[tuple[str, list[str]]] = []

    def answer(box: QMessageBox) -> int:
        asked.append((box.text(), [button.text() for button in box.buttons()]))
        word = "Close" if closes else "Keep running"
        next(button for button in box.buttons() if button.text() == word).click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", answer)
    batch.start()
    batch.wait_for("done")
    left = 30 - batch.counts["done"]
    assert batch.page.may_close() is closes
    ((text, buttons),) = asked
    assert text == f"The batch is still running: {left} pictures left."
    assert set(buttons) == {"Close", "Keep running"}
    batch.press("Pause")
    assert batch.page.may_close(), "nothing is at work"
    assert len(asked) == 1


def test_a_single_picture_goes_first(batch: BatchDriver, make_photos: MakePhotos) -> None:
    batch.add(make_photos(*(f"{n:02}.png" for n in range(40)), size=(160, 120)))
    batch.start()
    batch.wait_for("done")
    had: list[int] = []

    def picture() -> Generator[None, None, None]:
        yield
        had.append(batch.counts["done"])

    services = batch.window.services
    assert services.device_note == "A batch is running; a picture you open goes first."
    services.device_lane.submit(picture)
    wait_until(lambda: had)
    assert had[0] < 40
    batch.wait_for("done", 40)
    batch.wait_for_the_end()
    assert services.device_note == ""


def test_cancel_retry_remove_and_reorder(batch: BatchDriver, make_photos: MakePhotos) -> None:
    top = make_photos("a.png", "b.png", "c.png", "d.png")
    batch.add(top)
    batch.select("d.png")
    batch.do("Move to top")
    assert batch.names == ["d.png", "a.png", "b.png", "c.png"]
    batch.do("Move down")
    assert batch.names == ["a.png", "d.png", "b.png", "c.png"]
    batch.do("Move up")
    batch.do("Move to bottom")
    assert batch.names == ["a.png", "b.png", "c.png", "d.png"]
    assert batch.chosen == ["d.png"]
    batch.do("Cancel")
    batch.select("a.png")
    batch.do("Remove from list")
    assert batch.names == ["b.png", "c.png", "d.png"]
    assert (top / "a.png").exists()
    batch.run_to_the_end()
    assert batch.counts == {"done": 2, "cancelled": 1}
    batch.select("d.png")
    assert not batch.can("Cancel")
    batch.do("Retry")
    batch.run_to_the_end()
    assert batch.counts == {"done": 3}
    batch.do("Remove finished from list")
    assert not batch.view.shows_list


def test_rows_are_dropped_elsewhere(batch: BatchDriver, make_photos: MakePhotos) -> None:
    batch.add(make_photos("a.png", "b.png", "c.png", "d.png"))
    batch.select("a.png", "d.png")
    batch.table.dropped.emit(2)
    batch.settle()
    assert batch.names == ["b.png", "a.png", "d.png", "c.png"]
    assert set(batch.chosen) == {"a.png", "d.png"}
    batch.table.dropped.emit(4)
    batch.settle()
    assert batch.names == ["b.png", "c.png", "a.png", "d.png"]
    batch.select("d.png")
    batch.do("Cancel")
    assert batch.table.dragged_rows() == [], "what is over has no turn"
    batch.select("c.png", "d.png")
    assert batch.table.dragged_rows() == [1]
    batch.show_only(Filter.WAITING)
    batch.select("b.png")
    batch.table.dropped.emit(3)
    batch.settle()
    assert batch.names == ["c.png", "a.png", "b.png"]
    batch.show_only(Filter.ALL)
    assert batch.names == ["c.png", "a.png", "b.png", "d.png"], "the hidden one stays"


def test_files_go_past_the_table_to_the_page(batch: BatchDriver, make_photos: MakePhotos) -> None:
    top = make_photos("a.png")
    batch.add(top)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(top))])
    event = QDragEnterEvent(
        QPoint(20, 20),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    batch.table.dragEnterEvent(event)
    assert not event.isAccepted()
    assert batch.table.gap is None


def test_the_list_is_there_again_and_goes_on_only_when_told(
    open_batch: OpenBatch, make_photos: MakePhotos
) -> None:
    batch = open_batch()
    batch.add(make_photos("a.png", "b.png"))
    batch.window.close()
    batch = open_batch()
    batch.settle()
    assert batch.names == ["a.png", "b.png"]
    assert batch.message == "2 pictures wait from last time."
    assert batch.state is State.IDLE
    batch.press("Continue")
    batch.wait_for("done", 2)
    batch.wait_for_the_end()


def test_the_offer_goes_with_what_it_is_about(
    open_batch: OpenBatch, make_photos: MakePhotos
) -> None:
    batch = open_batch()
    batch.add(make_photos("a.png"))
    batch.window.close()
    batch = open_batch()
    batch.settle()
    assert batch.message == "1 picture waits from last time."
    batch.do("Select all")
    batch.do("Remove from list")
    assert batch.message == ""


def test_filters_show_what_they_say(batch: BatchDriver, make_photos: MakePhotos) -> None:
    batch.add(make_photos("a.png", "b.png", "c.png"))
    batch.select("b.png")
    batch.do("Cancel")
    batch.show_only(Filter.SKIPPED)
    assert batch.names == ["b.png"]
    assert batch.chosen == ["b.png"]
    batch.show_only(Filter.WAITING)
    assert batch.names == ["a.png", "c.png"]
    batch.run_to_the_end()
    wait_until(lambda: batch.view.top.chosen is Filter.ALL)
    assert batch.names == ["a.png", "b.png", "c.png"], "nothing waits any more"


def test_a_failed_one_is_done_with_what_is_chosen_since(
    batch: BatchDriver, make_photos: MakePhotos, tmp_path: Path
) -> None:
    top = make_photos("a.png")
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, no folder")
    batch.choose_folder(blocked / "out")
    batch.add(top)
    batch.run_to_the_end()
    assert batch.counts == {"failed": 1}
    batch.select("a.png")
    assert batch.note.endswith("Check the output folder and the free disk space, then press Retry.")
    batch.choose_folder(tmp_path / "elsewhere")
    batch.settle()
    batch.press("Retry")
    batch.settle()
    batch.run_to_the_end()
    assert written(tmp_path / "elsewhere") == ["a_4x.png"]


def test_what_is_there_already_is_skipped_and_said(
    batch: BatchDriver, make_photos: MakePhotos
) -> None:
    top = make_photos("a.png")
    (top / "a_4x.png").write_bytes(b"of another day")
    batch.pick("If the file exists", "Skip")
    batch.add(top / "a.png")
    batch.run_to_the_end()
    assert batch.counts == {"skipped": 1}
    batch.select("a.png")
    assert "a_4x.png already exists" in batch.note
    batch.pick("If the file exists", "Keep both")
    batch.settle()
    batch.press("Retry")
    batch.settle()
    batch.run_to_the_end()
    assert batch.counts == {"done": 1}
    assert len(written(top)) == 3


def test_the_list_goes_along_with_the_work_until_somebody_scrolls(
    batch: BatchDriver, make_photos: MakePhotos
) -> None:
    batch.add(make_photos(*(f"{n:02}.png" for n in range(60)), size=(64, 48)))
    bar = batch.table.verticalScrollBar()
    batch.start()
    batch.wait_for("done", 25)
    assert batch.sees_work, "the row in work is in sight"
    bar.setValue(0)
    batch.press("Pause")
    batch.wait_for("done", 25)
    batch.view.bottom.pause.click()
    batch.wait_for("done", 35)
    assert bar.value() == 0, "whoever looks at another part is left alone"
    batch.wait_for_the_end()


def test_a_finished_item_opens_in_the_viewer(batch: BatchDriver, make_photos: MakePhotos) -> None:
    top = make_photos("a.png")
    batch.add(top)
    batch.run_to_the_end()
    batch.open_row(0)
    dialog = batch.comparison()
    wait_until(lambda: not dialog.state.isVisible())
    dialog.close()
    wait_until(lambda: not batch.comparisons)
    (top / "a_4x.png").unlink()
    batch.open_row(0)
    dialog = batch.comparison()
    wait_until(lambda: "a_4x.png" in dialog.state.text())
    dialog.close()


def test_the_report_is_a_table(
    batch: BatchDriver, make_photos: MakePhotos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch.add(make_photos("a.png", "b.png"))
    wanted = tmp_path / "report"
    (tmp_path / "report.csv").write_text("of last week")
    names, agreed = iter([str(wanted), ""]), iter([False, True])
    monkeypatch.setattr(save_file, "ask", lambda *_, **__: next(agreed))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (next(names), ""))
    batch.do("Save report (CSV)…")
    assert (tmp_path / "report.csv").read_text() == "of last week"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(wanted), ""))
    batch.do("Save report (CSV)…")
    assert batch.message == "The report was saved as report.csv."
    rows = list(csv.reader((tmp_path / "report.csv").read_text("utf-8-sig").splitlines()))
    assert len(rows) == 3
    assert str(tmp_path / "pictures" / "a.png") in rows[1]


def test_presets_are_kept_picked_and_forgotten(
    open_batch: OpenBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = open_batch()
    batch.settle()
    batch.choose_factor(8)
    batch.pick("Format", "WebP")
    monkeypatch.setattr(QInputDialog, "exec", lambda self: 1)
    monkeypatch.setattr(QInputDialog, "textValue", lambda self: "Posters 大")
    presets = batch.panel.presets
    presets.save_action.trigger()
    wait_until(lambda: presets.name == "Posters 大")
    batch.choose_factor(2)
    wait_until(lambda: presets.name == "")
    batch.settle()
    batch.window.close()
    batch = open_batch()
    batch.settle()
    assert batch.panel.size_control.size_wanted.value == 2
    batch.pick("Preset", "Posters 大")
    options = batch.panel.options()
    assert options is not None
    assert (options.value, options.format) == (8, "webp")
    batch.panel.presets.remove_action.trigger()
    wait_until(lambda: batch.panel.presets.box.count() == 1)


def test_the_estimate_says_how_much_before_the_start(
    batch: BatchDriver, make_photos: MakePhotos
) -> None:
    top = make_photos("a.png", "b.png")
    (top / "bad.png").write_bytes(b"no picture")
    batch.add(top)
    wait_until(lambda: "about" in batch.cost)
    assert batch.cost.startswith("3 pictures, about ")
    assert "memory" in batch.cost
    assert batch.panel.warning.text().startswith("1 cannot be processed: ")


def test_other_options_in_the_queue_are_told_and_can_be_made_the_same(
    batch: BatchDriver, make_photos: MakePhotos
) -> None:
    from srgan_desktop.core.jobs.options import BatchOptions
    from srgan_desktop.core.jobs.sources import Source

    top = make_photos("a.png")
    session = batch.page.session
    assert session.queue is not None
    session.queue.add([Source(top / "a.png")], BatchOptions(model="tiny-x4", value=2.0))
    session.refresh()
    batch.settle()
    assert batch.panel.others.isVisible()
    batch.press("Apply to all waiting")
    batch.settle()
    assert not batch.panel.others.isVisible()
    batch.run_to_the_end()
    assert written(top) == ["a.png", "a_4x.png"]


def test_a_command_is_run_at_the_end(
    batch: BatchDriver, make_photos: MakePhotos, tmp_path: Path
) -> None:
    notice = tmp_path / "told of it.txt"
    code = "import sys; open(sys.argv[1], 'w').write(' '.join(sys.argv[2:]))"
    command = f'"{sys.executable}" -c "{code}" "{notice}" {{done}} {{folder}}'
    batch.press("When finished")
    batch.type_into("Command to run when finished", command)
    top = make_photos("a.png")
    batch.add(top)
    batch.run_to_the_end()
    wait_until(lambda: notice.exists() and notice.read_text() == f"1 {top}")
    batch.type_into("Command to run when finished", "no-such-program-anywhere")
    batch.select("a.png")
    batch.do("Retry")
    batch.run_to_the_end()
    assert "no-such-program-anywhere" in batch.message


def test_a_model_made_for_the_size_is_advised_and_taken(batch: BatchDriver) -> None:
    panel = batch.panel
    now = panel.model_chosen
    assert now is not None
    assert now.scale == 4
    four = replace(now, name="twin-x4", title="Twin x4")
    two = replace(now, name="twin-x2", title="Twin x2", scale=2)
    panel.set_models([four, two])
    panel.model.setCurrentIndex(0)
    batch.choose_factor(2)
    assert panel.advice.isVisible()
    batch.press("Use Twin x2")
    assert panel.model_chosen is two
    assert not panel.advice.isVisible()
