"""What is put into a folder is found once it is whole, and not again."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.queue import Queue
from srgan_desktop.core.jobs.watch import Found, Watcher


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def put(path: Path, data: bytes = b"picture") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def names(found: list[Found]) -> list[str]:
    return [each.source.path.name for each in found]


def settled(watcher: Watcher, clock: Clock) -> list[str]:
    """What two looks with enough time between them find."""
    found = names(watcher.look())
    clock.now += 2.0
    return found + names(watcher.look())


def test_a_file_is_taken_when_it_has_stopped_growing(clock: Clock, tmp_path: Path) -> None:
    watcher = Watcher(tmp_path, {}, clock=clock)
    path = put(tmp_path / "deep" / "a.png", b"")
    for size in (0, 10, 20):
        path.write_bytes(b"x" * size)
        clock.now += 1.5
        assert watcher.look() == []
        assert watcher.growing == 1
    clock.now += 1.9
    assert watcher.look() == []
    clock.now += 0.1
    (found,) = watcher.look()
    assert found.source.path == path
    assert found.source.folder == Path("deep")
    assert found.mark == (path, 20, path.stat().st_mtime_ns)
    clock.now += 100
    assert watcher.look() == []
    assert watcher.growing == 0


def test_an_empty_file_is_never_whole(clock: Clock, tmp_path: Path) -> None:
    path = put(tmp_path / "a.png", b"")
    watcher = Watcher(tmp_path, {}, clock=clock)
    assert watcher.look() == []
    assert (watcher.growing, watcher.empty) == (1, [])
    assert settled(watcher, clock) == []
    assert (watcher.growing, watcher.empty) == (0, [path])
    put(path)
    assert watcher.look() == []
    assert (watcher.growing, watcher.empty) == (1, [])
    assert settled(watcher, clock) == ["a.png"]


def test_a_changed_file_is_new_again(clock: Clock, tmp_path: Path) -> None:
    path = put(tmp_path / "a.png")
    watcher = Watcher(tmp_path, {}, clock=clock)
    assert settled(watcher, clock) == ["a.png"]
    path.write_bytes(b"another picture")
    assert settled(watcher, clock) == ["a.png"]
    os.utime(path, ns=(1, 1))
    assert settled(watcher, clock) == ["a.png"]


def test_what_could_not_be_taken_is_found_again_at_once(clock: Clock, tmp_path: Path) -> None:
    first, second = put(tmp_path / "a.png"), put(tmp_path / "b.png")
    watcher = Watcher(tmp_path, {}, clock=clock)
    watcher.look()
    clock.now += 2
    found = watcher.look()
    watcher.put_back(found)
    assert watcher.growing == 2
    assert watcher.look() == found
    watcher.put_back(found)
    first.unlink()
    second.write_bytes(b"another picture")
    assert watcher.look() == []
    clock.now += 2
    assert names(watcher.look()) == ["b.png"]
    assert watcher.growing == 0


def test_a_restart_does_not_take_files_again(clock: Clock, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    put(folder / "a.png")
    with Queue(tmp_path / "q") as queue:
        watcher = Watcher(folder, queue.seen(), clock=clock)
        watcher.look()
        clock.now += 2
        found = watcher.look()
        queue.add([f.source for f in found], BatchOptions(), seen=[f.mark for f in found])
        queue.clear(["waiting"])
    with Queue(tmp_path / "q") as queue:
        put(folder / "b.png")
        watcher = Watcher(folder, queue.seen(), clock=clock)
        assert settled(watcher, clock) == ["b.png"]


def test_hidden_files_others_and_the_output_folder_are_passed_over(
    clock: Clock, tmp_path: Path
) -> None:
    for name in (".a.png", ".stage/b.png", "notes.txt", "c.png.part", "out/d.png", "e.jpg"):
        put(tmp_path / name)
    watcher = Watcher(tmp_path, {}, leave_out=tmp_path / "out", clock=clock)
    assert settled(watcher, clock) == ["e.jpg"]


def test_results_beside_their_sources_are_no_sources(clock: Clock, tmp_path: Path) -> None:
    put(tmp_path / "a.png")
    put(tmp_path / "a_4x.png")
    put(tmp_path / "b_4x.png")
    watcher = Watcher(tmp_path, {}, template="{stem}_{scale}x", clock=clock)
    assert settled(watcher, clock) == ["a.png", "b_4x.png"]


def test_a_folder_that_goes_and_comes_again(clock: Clock, tmp_path: Path) -> None:
    folder, away = tmp_path / "share", tmp_path / "away"
    put(folder / "a.png")
    watcher = Watcher(folder, {}, clock=clock)
    assert settled(watcher, clock) == ["a.png"]
    folder.rename(away)
    assert watcher.look() == []
    assert not watcher.reachable
    put(away / "b.png")
    away.rename(folder)
    assert settled(watcher, clock) == ["b.png"]
    assert watcher.reachable


def test_a_folder_below_that_cannot_be_read_hides_no_other(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "bad" / "a.png")
    put(tmp_path / "good" / "b.png")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("bad"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    watcher = Watcher(tmp_path, {}, clock=clock)
    assert settled(watcher, clock) == ["b.png"]
    assert watcher.reachable


def test_a_file_that_goes_while_it_grows(clock: Clock, tmp_path: Path) -> None:
    path = put(tmp_path / "a.png")
    watcher = Watcher(tmp_path, {}, clock=clock)
    watcher.look()
    path.unlink()
    clock.now += 5
    assert watcher.look() == []
    assert watcher.growing == 0


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        Watcher(tmp_path / "missing", {})
    shutil.rmtree(tmp_path)
