"""The queue keeps what it is told, in order, over restarts, faults and other programs."""

from __future__ import annotations

import csv
import os
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from repository import ROOT

from srgan_desktop.core.base.errors import NoSpaceError, QueueBusyError, QueueError, UsageError
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.queue import STATUSES, AddedAgain, Queue
from srgan_desktop.core.jobs.report import write_report
from srgan_desktop.core.jobs.sources import Source
from srgan_desktop.core.upscaling.size import TargetSize

OPTIONS = BatchOptions()


def sources(*names: str) -> list[Source]:
    return [Source(Path("/photos") / name, Path("deep"), named=False) for name in names]


def names(queue: Queue) -> str:
    return "".join(item.source.stem for item in queue.items())


def filled(path: Path | None = None, text: str = "abcde") -> tuple[Queue, list[int]]:
    queue = Queue(path)
    return queue, queue.add(sources(*text), OPTIONS)


def work(queue: Queue) -> int:
    """Start the next waiting item; returns its id."""
    item = queue.next_waiting()
    assert item is not None
    assert queue.started(item)
    return item.id


def test_what_was_added_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "new" / "queue.sqlite3"
    options = BatchOptions(rule="long", value=600, out=tmp_path / "out", detail=40, quality=80)
    with Queue(path) as queue:
        ids = queue.add(sources("a", "b"), options)
        work(queue)
        queue.finished(ids[0], Path("/out/a.png"), 1.5)
    with Queue(path) as queue:
        first, second = queue.items()
        assert [first.id, second.id] == ids
        assert first.source == Path("/photos/a")
        assert first.folder == Path("deep")
        assert (first.status, first.attempts, first.seconds) == ("done", 1, 1.5)
        assert first.target == Path("/out/a.png")
        assert second.status == "waiting"
        assert queue.options(second.options) == options
        assert queue.counts() == dict.fromkeys(STATUSES, 0) | {"waiting": 1, "done": 1}
        assert queue.notice == ""
    assert [found.name for found in path.parent.iterdir()] == ["queue.sqlite3"]


def test_ids_are_never_used_again() -> None:
    queue, ids = filled()
    queue.remove(ids)
    assert min(queue.add(sources("x"), OPTIONS)) > max(ids)


def test_names_of_all_kinds(tmp_path: Path) -> None:
    odd = [os.fsdecode(b"caf\xe9.png"), "照片 😀.png", "x" * 250 + ".png", "two\nlines.png"]
    with Queue(tmp_path / "q") as queue:
        queue.add(sources(*odd), OPTIONS)
        work(queue)
        queue.failed(queue.items()[0].id, f"{odd[0]}: damaged", "read")
    with Queue(tmp_path / "q") as queue:
        assert [item.source.name for item in queue.items()] == odd
        assert queue.items()[0].error == f"{odd[0]}: damaged"


def test_paths_do_not_depend_on_where_the_program_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.safetensors").touch()
    with Queue(tmp_path / "q") as queue:
        queue.add([Source(Path("a.png"))], BatchOptions(out=Path("out"), model="m.safetensors"))
        (item,) = queue.items()
        assert item.source == tmp_path / "a.png"
        options = queue.options(item.options)
        assert options.out == tmp_path / "out"
        assert options.model == str(tmp_path / "m.safetensors")


@pytest.mark.parametrize("settle", ["finished", "failed", "skipped"])
def test_an_item_is_worked_on_once(settle: str) -> None:
    queue, (first, second, *_) = filled()
    item = queue.next_waiting()
    assert item is not None
    assert item.id == first
    assert queue.next_waiting({first}) == queue.get(second)
    assert queue.started(item)
    assert not queue.started(item)
    if settle == "failed":
        queue.failed(first, "it is broken", "read")
    else:
        getattr(queue, settle)(first, Path("/x.png"), *([2.0] if settle == "finished" else []))
    found = queue.get(first)
    assert found is not None
    assert found.status == ("done" if settle == "finished" else settle)
    following = queue.next_waiting()
    assert following is not None
    assert following.id == second


def test_retry_cancel_remove_and_clear_touch_only_what_they_may() -> None:
    queue, ids = filled(text="abcdef")
    done, failed, working, *waiting = ids
    for _ in range(3):
        work(queue)
    queue.finished(done, Path("/a.png"), 1.0)
    queue.failed(failed, "broken", "read")
    assert queue.retry([failed, working, waiting[0]]) == 1
    again = queue.get(failed)
    assert again is not None
    assert (again.status, again.error, again.attempts) == ("waiting", None, 1)
    assert queue.cancel([done, waiting[0]]) == 1
    assert queue.clear(["cancelled", "working"]) == 1
    assert queue.counts()["working"] == 1
    assert queue.remove([waiting[1], 999]) == 1
    assert queue.get(waiting[1]) is None


def test_a_cancelled_item_in_work_is_dropped_and_does_not_land() -> None:
    queue, (first, second, *_) = filled()
    work(queue)
    work(queue)
    assert not queue.withdrawn(first)
    queue.cancel([first])
    queue.remove([second])
    assert queue.withdrawn(first)
    assert queue.withdrawn(second)
    assert not queue.staging(first, Path("/a.png"), 1, 1)
    queue.failed(first, "late", "read")
    queue.waits_again(first)
    found = queue.get(first)
    assert found is not None
    assert found.status == "cancelled"
    queue.retry([first])
    assert not queue.withdrawn(first)


def test_changed_options_stop_a_start_with_the_old_ones() -> None:
    queue, ids = filled(text="a")
    item = queue.next_waiting()
    assert item is not None
    other = BatchOptions(format="webp")
    assert queue.set_options(ids, other) == 1
    assert not queue.started(item)
    renewed = queue.next_waiting()
    assert renewed is not None
    assert queue.options(renewed.options) == other


def test_moving() -> None:
    queue, (a, b, c, d, e) = filled()
    queue.move([d, b], a)
    assert names(queue) == "dbace"
    queue.move([d], None)
    assert names(queue) == "baced"
    queue.move([e, 999], c)
    assert names(queue) == "baecd"


def test_moving_to_one_place_again_and_again() -> None:
    """Until there is no number left between two places."""
    queue, ids = filled()
    order = list(ids)
    for turn in range(200):
        moved, before = (ids[0], ids[2]) if turn % 2 else (ids[1], ids[2])
        queue.move([moved], before)
        order.remove(moved)
        order.insert(order.index(before), moved)
        assert [item.id for item in queue.items()] == order


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sets(st.integers(0, 7)), st.integers(0, 8)), max_size=12))
def test_moving_is_what_a_list_does(moves: list[tuple[set[int], int]]) -> None:
    queue, ids = filled(text="abcdefgh")
    order = list(ids)
    for chosen, at in moves:
        moved = [ids[index] for index in chosen]
        before = ids[at] if at < len(ids) else None
        queue.move(moved, before)
        rest = [item for item in order if item not in moved]
        place = rest.index(before) if before in rest else len(rest)
        order = rest[:place] + moved + rest[place:]
    assert [item.id for item in queue.items()] == order
    queue.close()


def test_adding_again() -> None:
    queue, (a, *_) = filled(text="ab")
    work(queue)
    queue.failed(a, "broken", "read")
    assert queue.add_again(sources("a", "b", "c"), OPTIONS) == AddedAgain(1, 1, 0, 0)
    assert names(queue) == "abc"
    assert queue.counts()["waiting"] == 3
    assert queue.add_again(sources("a"), BatchOptions(format="webp")) == AddedAgain(1, 0, 0, 0)


def test_a_result_whose_name_is_an_older_file_is_made_again(tmp_path: Path) -> None:
    """A disk was away while the result was made, and came back with a file of that name."""
    result = tmp_path / "a.png"
    result.write_bytes(b"the result")
    landed = result.stat()
    with Queue(tmp_path / "q") as queue:
        (item,) = queue.add(sources("a"), OPTIONS)
        queue.started(queue.items()[0])
        queue.staging(item, result, landed.st_size, landed.st_mtime_ns)
        queue.finished(item, result, 1.0)
        for text, seconds, due in (
            (b"the result", 0, 0),
            (b"the result", -100, 0),  # copied back from elsewhere
            (b"edited since", 100, 0),
            (b"of somebody else", -100, 1),
        ):
            result.write_bytes(text)
            moment = landed.st_mtime_ns + seconds * 10**9
            os.utime(result, ns=(moment, moment))
            assert queue.add_again(sources("a"), OPTIONS).again == due, text


def test_a_killed_run_leaves_its_items_to_be_done_again(tmp_path: Path) -> None:
    result = tmp_path / "b.png"
    result.write_bytes(b"whole")
    stranger = tmp_path / "c.png"
    stranger.write_bytes(b"somebody else's")
    stage = tmp_path / ".srgan-desktop-12ab"
    stage.mkdir()
    (stage / "part").write_bytes(b"half")
    with Queue(tmp_path / "q") as queue:
        a, b, c, _ = queue.add(sources(*"abcd"), OPTIONS)
        for _ in range(3):
            work(queue)
        queue.keep_stage(stage)
        status = result.stat()
        assert queue.staging(b, result, status.st_size, status.st_mtime_ns)
        assert queue.staging(c, stranger, 7, 7)
    with Queue(tmp_path / "q") as queue:
        assert [item.status for item in queue.items()] == ["waiting", "done", "waiting", "waiting"]
        assert [item.target for item in queue.items()] == [None, result, None, None]
        following = queue.next_waiting()
        assert following is not None
        assert (following.id, following.attempts) == (a, 1)
    assert not stage.exists()
    assert stranger.read_bytes() == b"somebody else's"


def test_a_queue_cannot_name_folders_of_somebody_else_to_be_removed(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (tmp_path / ".srgan-desktop-link").symlink_to(photos)
    for named in (photos, tmp_path / ".srgan-desktop-link"):
        (photos / "a.png").write_bytes(b"a person's")
        with Queue(tmp_path / "q") as queue:
            queue.keep_stage(named)
        with Queue(tmp_path / "q"):
            assert (photos / "a.png").exists()


def test_a_second_program_is_refused_and_may_look(tmp_path: Path) -> None:
    path = tmp_path / "q"
    with Queue(path) as queue:
        queue.add(sources("a"), OPTIONS)
        with pytest.raises(QueueBusyError, match="another program works with this queue"):
            Queue(path)
        code = (
            "import sys\nfrom pathlib import Path\n"
            "from srgan_desktop.core.jobs.queue import AddedAgain, Queue\n"
            "print(Queue(Path(sys.argv[1]), read_only=True).counts()['waiting'])\n"
            "Queue(Path(sys.argv[1]))"
        )
        other = subprocess.run(
            [sys.executable, "-c", code, path],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert other.stdout == "1\n"
        assert "QueueBusyError" in other.stderr
    Queue(path).close()


@pytest.mark.parametrize(
    "damage", [b"", b"no database at all", b"SQLite format 3\0" + b"\xff" * 9000]
)
def test_a_damaged_file_is_kept_aside(damage: bytes, tmp_path: Path) -> None:
    path = tmp_path / "q.sqlite3"
    path.write_bytes(damage)
    with Queue(path) as queue:
        queue.add(sources("a"), OPTIONS)
        assert names(queue) == "a"
        kept = [found for found in tmp_path.iterdir() if "damaged" in found.name]
        if not damage:  # an empty file is an empty database
            assert not kept
            assert queue.notice == ""
        else:
            assert [found.read_bytes() for found in kept] == [damage]
            assert "the queue was damaged; it is kept as " + kept[0].name in queue.notice


def test_damage_in_the_middle_is_found_when_opening(tmp_path: Path) -> None:
    path = tmp_path / "q.sqlite3"
    with Queue(path) as queue:
        queue.add(sources(*(f"picture number {index}" for index in range(3000))), OPTIONS)
    data = bytearray(path.read_bytes())
    data[8192:16384] = b"\xa5" * 8192
    path.write_bytes(data)
    with Queue(path) as queue:
        assert "damaged" in queue.notice
        assert queue.items() == []


def test_a_newer_or_a_strangers_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    for name, sql, said in (
        ("newer", "PRAGMA user_version = 99", "newer version"),
        ("stranger", "CREATE TABLE bookmarks (id)", "another program's database"),
    ):
        path = tmp_path / name
        connection = sqlite3.connect(path)
        connection.execute(sql)
        connection.close()
        with pytest.raises(QueueError, match=said):
            Queue(path)
    assert {found.name for found in tmp_path.iterdir()} == {"newer", "stranger"}


def test_a_queue_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(QueueError, match=str(tmp_path)):
        Queue(tmp_path / "file" / "q")
    with pytest.raises(QueueError, match="no such file"):
        Queue(tmp_path / "missing", read_only=True)
    with pytest.raises(QueueError):
        Queue(tmp_path)


def test_a_full_disk_changes_nothing_and_is_told(tmp_path: Path) -> None:
    with Queue(tmp_path / "q") as queue:
        ids = queue.add(sources(*"abc"), OPTIONS)
        ((pages,),) = queue._store.rows("PRAGMA page_count")
        queue._store._writing.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(NoSpaceError, match="the disk is full"):
            queue.add(sources(*(f"{index:0200}" for index in range(1000))), OPTIONS)
        assert [item.id for item in queue.items()] == ids
        queue._store._writing.execute("PRAGMA max_page_count = 1000000")
        assert len(queue.add(sources("x"), OPTIONS)) == 1


def test_two_threads_at_once(tmp_path: Path) -> None:
    """One adds and looks, as the window does, while the other works."""
    with Queue(tmp_path / "q") as queue:
        queue.add(sources("0"), OPTIONS)
        faults: list[BaseException] = []

        def run() -> None:
            try:
                for _ in range(60):
                    if (item := queue.next_waiting()) and queue.started(item):
                        queue.finished(item.id, Path("/x.png"), 0.1)
            except BaseException as error:
                faults.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        for number in range(30):
            queue.add(sources(str(number)), OPTIONS)
            queue.items()
        thread.join()
        run()
        assert not faults
        assert queue.counts()["done"] == 31


def test_many(tmp_path: Path) -> None:
    listed = sources(*(f"picture {number}.jpg" for number in range(50_000)))
    with Queue(tmp_path / "q") as queue:
        began = time.process_time()
        queue.add(listed, OPTIONS)
        assert time.process_time() - began < 2
        began = time.process_time()
        assert len(queue.items()) == 50_000
        assert time.process_time() - began < 2


def test_a_report_for_spreadsheets(tmp_path: Path) -> None:
    queue, (a, b, *_) = filled(text="äbc")
    first = queue.get(a)
    assert first is not None
    queue.started(first, (10, 20), (40, 80))
    work(queue)
    queue.finished(a, Path("/out/ä.png"), 1.25)
    queue.failed(b, 'it says "no", twice', "read")
    write_report(queue, tmp_path / "report.csv")
    text = (tmp_path / "report.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(text.decode("utf-8-sig").splitlines()))
    assert [row["status"] for row in rows] == ["done", "failed", "waiting"]
    assert rows[0]["source"] == "/photos/ä"
    assert rows[0]["out_width"] == "40"
    assert rows[1]["error"] == 'it says "no", twice'
    assert [found.name for found in tmp_path.iterdir()] == ["report.csv"]


def test_options_to_json_and_back(tmp_path: Path) -> None:
    for options in (
        BatchOptions(),
        BatchOptions(
            "m",
            30,
            "width",
            800,
            tmp_path,
            None,
            "{stem}",
            "jpeg",
            90,
            "skip",
            True,
            64,
            True,
            None,
        ),
        BatchOptions(out=Path(os.fsdecode(b"caf\xe9"))),
    ):
        assert BatchOptions.from_json(options.to_json()) == options
    assert BatchOptions(detail=50).to_json() == BatchOptions(detail=50.0).to_json()
    assert BatchOptions.from_json("{}") == BatchOptions()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        ('{"colour": 1}', "unknown option 'colour'"),
        ('{"tta": 1}', "'tta' cannot be 1"),
        ('{"quality": true}', "'quality' cannot be True"),
        ('{"quality": 101}', "from 1 to 100"),
        ('{"rule": "diagonal"}', "not a rule"),
        ('{"rule": "width"}', "needs a number"),
        ('{"existing": "burn"}', "not a way"),
        ('{"format": "docx"}', "cannot be written"),
        ('{"detail": 101}', "from 0 to 100"),
        ('{"value": -1}', "more than 0"),
        ('{"template": "a/b"}', "not a path"),
    ],
)
def test_options_are_strict(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        BatchOptions.from_json(text)


def test_the_size_that_options_ask_for() -> None:
    assert BatchOptions().target_size(3) == TargetSize("scale", 3)
    assert BatchOptions(value=2).target_size(3) == TargetSize("scale", 2)
    assert BatchOptions(rule="long", value=99).target_size(4) == TargetSize("long", 99)
