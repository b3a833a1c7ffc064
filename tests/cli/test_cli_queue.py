"""Queues on the command line: --queue, the queue command, and folders that are watched."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from cli_helpers import Cli, files_below, save_photo, start

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.errors import DeviceError, NoSpaceError
from srgan_desktop.core.jobs import cluster
from srgan_desktop.core.jobs import watch as watching
from srgan_desktop.core.jobs.engines import CachedDevice
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.queue import Queue, default_path
from srgan_desktop.core.jobs.sources import Source


def photos(folder: Path, count: int) -> Path:
    for number in range(count):
        save_photo(folder / "in" / f"{number}.png")
    return folder / "in"


def test_a_folder_goes_through_a_queue_with_the_same_events(upscale: Cli, tmp_path: Path) -> None:
    result = upscale(photos(tmp_path, 3), "-o", tmp_path / "out", "--json")
    assert result.code == 0
    assert result.err == ""
    assert result.events[0]["event"] == "started"
    assert result.events[0]["files"] == 3
    assert result.events[-1] == {"event": "finished", "done": 3, "failed": 0, "skipped": 0}
    for number in range(3):
        story = [e for e in result.events if e.get("source", "").endswith(f"{number}.png")]
        assert [e["event"] for e in story] == ["file_started", "tile", "file_done"]
    assert files_below(tmp_path / "out") == {"0_4x.png", "1_4x.png", "2_4x.png"}


def test_the_same_command_again_goes_on(upscale: Cli, tmp_path: Path) -> None:
    folder, queue = photos(tmp_path, 2), tmp_path / "q"
    call = (folder, "-o", tmp_path / "out", "--queue", queue, "--json")
    assert upscale(*call).events[-1]["done"] == 2
    save_photo(folder / "2.png")
    again = upscale(*call)
    assert again.code == 0
    assert again.events[0]["files"] == 1
    assert again.events[-1] == {"event": "finished", "done": 1, "failed": 0, "skipped": 0}
    assert files_below(tmp_path / "out") == {"0_4x.png", "1_4x.png", "2_4x.png"}
    assert upscale(*call).events[-1]["done"] == 0


def test_what_failed_is_tried_again_by_the_same_command(upscale: Cli, tmp_path: Path) -> None:
    folder = photos(tmp_path, 1)
    (folder / "bad.png").write_bytes(b"not yet")
    call = (folder, "-o", tmp_path / "out", "--queue", tmp_path / "q")
    first = upscale(*call)
    assert first.code == 1
    assert "bad.png" in first.err
    assert "1 done, 1 failed" in first.out
    save_photo(folder / "bad.png")
    assert upscale(*call).code == 0
    assert files_below(tmp_path / "out") == {"0_4x.png", "bad_4x.png"}


def test_a_second_program_on_one_queue_is_told_so(upscale: Cli, tmp_path: Path) -> None:
    with Queue(tmp_path / "q"):
        result = upscale(photos(tmp_path, 1), "--queue", tmp_path / "q", "--json")
    assert result.code == 1
    assert result.events[-1]["kind"] == "queue_busy"
    assert "another program works with this queue" in result.err
    assert files_below(tmp_path / "in") == {"0.png"}


def test_a_damaged_queue_is_told_of(upscale: Cli, tmp_path: Path) -> None:
    (tmp_path / "q").write_bytes(b"no database, that is for sure")
    result = upscale(photos(tmp_path, 1), "--queue", tmp_path / "q")
    assert result.code == 0
    assert "the queue was damaged; it is kept as q-damaged-" in result.err


def test_killed_in_the_middle_and_gone_on_with(
    upscale: Cli, model: Path, tmp_path: Path, warm_home: Path
) -> None:
    folder, out = photos(tmp_path, 12), tmp_path / "out"
    call = ["upscale", folder, "-o", out, "--queue", tmp_path / "q", "--model", model, "--json"]
    process = start([*call, "--tta", "--tile", 16], warm_home)
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["event"] == "file_done":
            break
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    result = upscale(*call[1:4], "--queue", tmp_path / "q", "--json", "--tta", "--tile", 16)
    assert result.code == 0
    assert 0 < result.events[-1]["done"] < 12
    assert files_below(out) == {f"{number}_4x.png" for number in range(12)}
    assert {path.name for path in tmp_path.iterdir()} == {"in", "out", "q"}
    assert [path for path in out.iterdir() if path.name.startswith(".")] == []


@pytest.fixture
def filled(model: Path, tmp_path: Path) -> Path:
    """A queue with one picture done, one failed and one waiting."""
    folder = photos(tmp_path, 3)
    with Queue(tmp_path / "q") as queue:
        options = BatchOptions(model=str(model), out=tmp_path / "out")
        first, second, _ = queue.add([Source(path) for path in sorted(folder.iterdir())], options)
        for number in (first, second):
            item = queue.get(number)
            assert item is not None
            queue.started(item)
        queue.finished(first, tmp_path / "out" / "0_4x.png", 1.0)
        queue.failed(second, "1.png: the disk was full", "write")
    return tmp_path / "q"


def test_listing(cli: Cli, filled: Path) -> None:
    text = cli("queue", "--queue", filled)
    assert text.code == 0
    assert "the disk was full" in text.out
    assert "waiting 1, done 1, failed 1" in text.out
    events = cli("queue", "list", "--queue", filled, "--json").events
    assert [event.get("status") for event in events] == ["done", "failed", "waiting", None]
    assert events[-1]["failed"] == 1
    with Queue(filled):  # another program may have it open
        assert cli("queue", "--queue", filled).code == 0


def test_retrying_running_reporting_and_clearing(cli: Cli, filled: Path, tmp_path: Path) -> None:
    assert "1 picture waits again" in cli("queue", "retry", "--queue", filled).err
    done = cli("queue", "run", "--queue", filled, "--threads", 1)
    assert done.code == 0
    assert "2 done, 0 failed" in done.out
    assert files_below(tmp_path / "out") == {"1_4x.png", "2_4x.png"}
    assert "nothing waits" in cli("queue", "run", "--queue", filled).err
    report = tmp_path / "report.csv"
    assert cli("queue", "report", "--queue", filled, "-o", report).code == 0
    with report.open(encoding="utf-8-sig", newline="") as file:
        assert [row["status"] for row in csv.DictReader(file)] == ["done"] * 3
    assert "3 pictures forgotten" in cli("queue", "clear", "--queue", filled).err
    assert "the queue is empty" in cli("queue", "--queue", filled).out


def a_queue(folder: Path, *wanted: BatchOptions) -> Path:
    """With a picture for each of the options."""
    with Queue(folder / "q") as queue:
        for source, options in zip(photos(folder, len(wanted)).iterdir(), wanted, strict=True):
            queue.add([Source(source)], options)
    return folder / "q"


def test_rows_whose_model_is_gone_fail_alone(cli: Cli, model: Path, tmp_path: Path) -> None:
    (tmp_path / "damaged.safetensors").write_bytes(b"no model")
    good = BatchOptions(model=str(model), out=tmp_path / "out")
    rows = [
        replace(good, model="gone-model"),
        replace(good, model=str(tmp_path / "damaged.safetensors")),
        replace(good, before="gone-model"),
        good,
    ]
    result = cli("queue", "run", "--queue", a_queue(tmp_path, *rows), "--threads", 1, "--json")
    assert result.code == 1
    assert result.events[0]["model"] == "tiny"
    failed = [event for event in result.events if event["event"] == "file_failed"]
    assert [event["kind"] for event in failed] == ["model_not_found", "model", "model_not_found"]
    assert result.events[-1] == {"event": "finished", "done": 1, "failed": 3, "skipped": 0}
    assert len(files_below(tmp_path / "out")) == 1


def test_where_no_model_is_there_all_rows_fail(cli: Cli, tmp_path: Path) -> None:
    queue = a_queue(tmp_path, BatchOptions(model="gone-model"))
    result = cli("queue", "run", "--queue", queue, "--device", "cpu", "--json")
    assert result.code == 1
    started = {"event": "started", "files": 1, "model": "gone-model", "device": "cpu"}
    assert result.events[0] == started | {"precision": "auto"}
    assert result.events[-1]["failed"] == 1
    assert "nothing waits" in cli("queue", "run", "--queue", queue).err


def test_a_wrong_device_leaves_the_rows_waiting(cli: Cli, tmp_path: Path, model: Path) -> None:
    queue = a_queue(tmp_path, BatchOptions(model=str(model)))
    assert cli("queue", "run", "--queue", queue, "--device", "abacus").code == 2
    assert "waiting 1" in cli("queue", "--queue", queue).out


def test_a_failing_device_leaves_the_rows_waiting(
    cli: Cli, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> object:
        raise DeviceError("the device has gone")

    monkeypatch.setattr(CachedDevice, "open", fail)
    queue = a_queue(tmp_path, BatchOptions(model=str(model)))
    result = cli("queue", "run", "--queue", queue)
    assert result.code != 0
    assert "the device has gone" in result.err
    assert "waiting 1" in cli("queue", "--queue", queue).out


def test_a_queue_that_is_not_there(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("queue", "--queue", tmp_path / "missing").code == 2
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path / "home"))
    empty = cli("queue")
    assert empty.code == 0
    assert "the queue is empty" in empty.err
    assert not default_path().exists()


def test_a_report_needs_a_name(cli: Cli, filled: Path) -> None:
    result = cli("queue", "report", "--queue", filled)
    assert result.code == 2
    assert "name the report's file with -o" in result.err


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("q", "belongs to the queue itself"),
        ("link", "belongs to the queue itself"),
        ("q-wal", "belongs to the queue itself"),
        ("q.lock", "belongs to the queue itself"),
        ("in/0.png", "is no table"),
        ("photo without ending", "is no table"),
        ("other queue", "is no table"),
        ("m.safetensors", "is no table"),
    ],
)
def test_a_report_replaces_nothing_but_tables(
    name: str, said: str, cli: Cli, filled: Path, model: Path, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(filled)
    save_photo(tmp_path / "photo without ending", format="JPEG")
    shutil.copy(model, tmp_path / "m.safetensors")
    Queue(tmp_path / "other queue").close()
    path = tmp_path / name
    before = path.read_bytes() if path.exists() else b""
    result = cli("queue", "report", "--queue", filled, "-o", path)
    assert result.code == 2
    assert said in result.err
    # SQLite itself makes an empty file beside a queue that is read
    assert (path.read_bytes() if path.exists() else b"") == before
    assert "waiting 1, done 1, failed 1" in cli("queue", "--queue", filled).out


def test_a_report_replaces_an_older_one_and_any_text(
    cli: Cli, filled: Path, tmp_path: Path
) -> None:
    report = tmp_path / "report.csv"
    for text in ("", "source;status\n", "whatever was kept of it"):
        report.write_text(text)
        assert cli("queue", "report", "--queue", filled, "-o", report).code == 0
        assert cli("queue", "report", "--queue", filled, "-o", report).code == 0
        assert report.read_bytes().startswith(b"\xef\xbb\xbfsource,status")


@pytest.fixture
def watch(cli: Cli, model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Cli:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(
        watching.Watcher.__init__,
        "__kwdefaults__",
        (watching.Watcher.__init__.__kwdefaults__ | {"settle_s": 0.05}),
    )

    def run(*arguments: object) -> object:
        return cli("watch", *arguments, "--model", model, "--threads", 1, "--interval", 0.1)

    return run  # type: ignore[return-value]


def test_watching_once_takes_what_is_new(watch: Cli, tmp_path: Path) -> None:
    folder, out = photos(tmp_path, 2), tmp_path / "out"
    first = watch(folder, "-o", out, "--once", "--json")
    assert first.code == 0
    assert first.events[0] == {"event": "watching", "folder": str(folder)}
    assert first.events[-1] == {"event": "finished", "done": 2, "failed": 0, "skipped": 0}
    assert watch(folder, "-o", out, "--once", "--json").events[-1]["done"] == 0
    save_photo(folder / "deep" / "new.png")
    (folder / "bad.png").write_bytes(b"no picture")
    third = watch(folder, "-o", out, "--once")
    assert third.code == 1
    assert "bad.png" in third.err
    assert files_below(out) == {"0_4x.png", "1_4x.png", "deep/new_4x.png"}
    assert [path.suffix for path in places.state().iterdir()] == [".sqlite3"]


def test_watching_once_fails_a_file_that_stays_empty(
    watch: Cli, upscale: Cli, tmp_path: Path
) -> None:
    folder, out = photos(tmp_path, 1), tmp_path / "out"
    empty = folder / "empty.png"
    empty.touch()
    ended = watch(folder, "-o", out, "--once", "--json")
    assert ended.code == 1
    assert ended.events[-2] == upscale(empty, "--json").events[-2]
    assert ended.events[-2]["event"] == "file_failed"
    assert ended.events[-1] == {"event": "finished", "done": 1, "failed": 1, "skipped": 0}
    assert files_below(out) == {"0_4x.png"}
    again = watch(folder, "-o", out, "--once")
    assert again.code == 1
    assert "empty.png: the file is empty" in again.err
    save_photo(empty)
    assert watch(folder, "-o", out, "--once").code == 0
    assert files_below(out) == {"0_4x.png", "empty_4x.png"}


def test_watching_waits_while_the_disk_is_full(
    watch: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, out = photos(tmp_path, 2), tmp_path / "out"
    add = Queue.add
    refusals = iter([True, True])

    def refuse(*arguments: object, **more: object) -> list[int]:
        if next(refusals, False):
            raise NoSpaceError("queue: the disk is full")
        return add(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Queue, "add", refuse)
    result = watch(folder, "-o", out, "--once", "--json")
    assert result.code == 0
    story = [event for event in result.events if event["event"] in ("paused", "resumed")]
    assert story == [
        {"event": "paused", "reason": "queue: the disk is full"},
        {"event": "resumed"},
    ]
    assert result.events[-1]["done"] == 2
    assert files_below(out) == {"0_4x.png", "1_4x.png"}


def test_watching_until_ctrl_c(model: Path, tmp_path: Path, warm_home: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    call = ["watch", folder, "-o", out, "--model", model, "--interval", 0.2, "--json"]
    process = start([*call, "--queue", tmp_path / "q"], warm_home)
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["event"] == "watching"
    threading.Timer(0.1, save_photo, [folder / "late.png"]).start()
    for line in process.stdout:
        if json.loads(line)["event"] == "file_done":
            break
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert files_below(tmp_path) == {"in/late.png", "out/late_4x.png", "q"}


def test_a_watch_refuses_what_cannot_be(watch: Cli, tmp_path: Path) -> None:
    missing = watch(tmp_path / "missing", "-o", tmp_path / "out")
    assert missing.code == 2
    assert "there is no such folder" in missing.err
    itself = watch(tmp_path, "-o", tmp_path / "." / "")
    assert itself.code == 2
    assert "the watched folder itself" in itself.err


def test_a_cluster_that_does_not_answer(
    upscale: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    result = upscale(photos(tmp_path, 1), "--cluster", "tcp://127.0.0.1:9", "--json")
    assert result.code == 2
    assert "tcp://127.0.0.1:9: no cluster answers there" in result.events[-1]["error"]
    assert files_below(tmp_path) == {"in/0.png"}
