"""A file is there whole or not at all, and nobody's file is lost."""

from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from srgan_desktop.core.base import atomic


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write(path: Path, content: bytes, existing: atomic.Existing) -> atomic.NewFile:
    with atomic.replace_file(path, existing) as new:
        new.file.write(content)
    return new


@pytest.mark.parametrize("existing", ["rename", "skip", "overwrite"])
def test_a_new_name_is_taken(tmp_path: Path, existing: atomic.Existing) -> None:
    path = tmp_path / "a.bin"
    assert atomic.free_target(path, existing) == path
    new = write(path, b"new", existing)
    assert (new.path, new.skipped) == (path, False)
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["a.bin"]


def test_existing_files(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.bin"
    path.write_bytes(b"old")
    assert atomic.free_target(path, "skip") is None
    assert write(path, b"new", "skip").skipped
    assert path.read_bytes() == b"old"

    assert atomic.free_target(path, "rename") == tmp_path / "a.tar (1).bin"
    assert write(path, b"one", "rename").path == tmp_path / "a.tar (1).bin"
    assert write(path, b"two", "rename").path == tmp_path / "a.tar (2).bin"
    assert path.read_bytes() == b"old"

    assert atomic.free_target(path, "overwrite") == path
    assert write(path, b"new", "overwrite").path == path
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["a.tar (1).bin", "a.tar (2).bin", "a.tar.bin"]


def test_a_name_taken_while_writing_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    with atomic.replace_file(path, "rename") as renamed:
        renamed.file.write(b"mine")
        path.write_bytes(b"theirs")
    assert path.read_bytes() == b"theirs"
    assert renamed.path.read_bytes() == b"mine"
    with atomic.replace_file(path, "skip") as skipped:
        skipped.file.write(b"mine")
    assert skipped.skipped
    assert names(tmp_path) == ["a (1).bin", "a.bin"]


def test_many_writers_of_one_name_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    threads = [
        threading.Thread(target=write, args=(path, f"{number}".encode(), "rename"))
        for number in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    contents = sorted(int(file.read_bytes()) for file in tmp_path.iterdir())
    assert contents == list(range(12))


@pytest.mark.parametrize("existing", ["rename", "skip"])
def test_disks_without_links(
    tmp_path: Path, existing: atomic.Existing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "a.bin"
    assert write(path, b"new", existing).path == path
    again = write(path, b"more", existing)
    assert again.skipped == (existing == "skip")
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["a.bin"] if existing == "skip" else ["a (1).bin", "a.bin"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, OSError])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, error: type[BaseException]
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with pytest.raises(error), atomic.replace_file(path) as new:
        new.file.write(b"half")
        raise error
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


def test_a_failure_at_the_very_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write(tmp_path / "a.bin", b"new", "overwrite")
    assert names(tmp_path) == []


def test_long_names(tmp_path: Path) -> None:
    path = tmp_path / ("ü" * 124 + ".bin")  # 252 bytes
    assert write(path, b"one", "rename").path == path
    second = write(path, b"two", "rename").path
    assert len(os.fsencode(second.name)) <= 255
    assert second.name.endswith("ü (1).bin")
    assert path.read_bytes() == b"one"
    with pytest.raises(OSError) as caught:
        atomic.free_target(tmp_path / ("a" * 256), "rename")
    assert caught.value.errno == errno.ENAMETOOLONG


@pytest.mark.skipif(os.name == "nt", reason="links need special rights on Windows")
def test_links(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "a.bin", tmp_path / "link.bin"
    real.write_bytes(b"old")
    link.symlink_to(real)
    write(link, b"new", "overwrite")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    dangling = tmp_path / "dangling.bin"
    dangling.symlink_to(tmp_path / "nowhere")
    assert write(dangling, b"new", "rename").path == tmp_path / "dangling (1).bin"
    assert dangling.is_symlink()


@pytest.mark.skipif(os.name == "nt", reason="rights are others on Windows")
def test_rights(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    before = os.umask(0o027)
    try:
        write(path, b"new", "overwrite")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.chmod(0o604)
    write(path, b"newer", "overwrite")
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_every_reason_has_its_words() -> None:
    told = {
        number: atomic.explain(OSError(number, "some detail"))
        for number in (errno.ENOSPC, errno.EACCES, errno.EROFS, errno.ENOENT, errno.ENAMETOOLONG)
    }
    assert len(set(told.values())) == len(told)
    assert not any("detail" in text for text in told.values())
    assert "some detail" in atomic.explain(OSError(errno.EIO, "some detail"))
    assert "odd" in atomic.explain(OSError("odd"))


def refuse(monkeypatch: pytest.MonkeyPatch, times: int) -> list[Path]:
    """``Path.replace`` fails so often, as on Windows while somebody has the file open."""
    tried: list[Path] = []
    replace = Path.replace

    def refusing(self: Path, target: Path) -> Path:
        tried.append(target)
        if len(tried) <= times:
            raise PermissionError(errno.EACCES, "The process cannot access the file", str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refusing)
    monkeypatch.setattr(atomic, "_PAUSES_S", (0.0, 0.0, 0.0))
    return tried


def test_a_file_that_is_open_for_a_moment_is_replaced_on_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atomic, "_WINDOWS", True)
    refuse(monkeypatch, times=2)
    (tmp_path / "a").write_bytes(b"old")
    write(tmp_path / "a", b"new", "overwrite")
    assert (tmp_path / "a").read_bytes() == b"new"
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize(("windows", "tries"), [(True, 4), (False, 1)])
def test_one_that_stays_open_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, windows: bool, tries: int
) -> None:
    monkeypatch.setattr(atomic, "_WINDOWS", windows)
    tried = refuse(monkeypatch, times=99)
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(PermissionError):
        write(tmp_path / "a", b"new", "overwrite")
    assert len(tried) == tries
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["a"]
