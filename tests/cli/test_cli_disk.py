"""A disk that fills up: the error says so, nothing half-written stays."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cli_helpers import ROOT, Cli, files_below, kept_in_cache, save_photo

from srgan_desktop.core.images import canvas


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "tiff", "bmp"])
@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "the disk is full; free some space"),
        (errno.EROFS, "the disk is read-only"),
        (errno.EIO, "writing failed (Input/output error)"),
    ],
)
def test_a_failing_disk(
    kind: str,
    number: int,
    said: str,
    upscale: Cli,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    source = save_photo(tmp_path / "a.png")
    result = upscale(source, "--format", kind, "--json")
    assert result.code == 1
    failed = result.events[-2]
    assert failed["event"] == "file_failed"
    assert failed["kind"] == "write"
    assert said in failed["error"]
    assert files_below(tmp_path) == {"a.png"}


def test_a_real_limit_on_the_size_of_files(model: Path, tmp_path: Path) -> None:
    """The system itself refuses to write on, as a full disk does; small results still work."""
    large = save_photo(tmp_path / "in" / "a-large.png", 200, 200)
    small = save_photo(tmp_path / "in" / "b-small.png", 4, 4)

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = subprocess.run(
        [
            *(sys.executable, "-m", "srgan_desktop", "upscale", large, small),
            *("--model", model, "-o", tmp_path / "out"),
        ],
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1, done.stderr
    assert "the file is too large for this disk" in done.stderr
    assert "Traceback" not in done.stderr
    assert "1 done, 1 failed" in done.stdout
    assert files_below(tmp_path / "out") == {"b-small_4x.png"}


def test_no_room_for_a_large_result(
    upscale: Cli, tmp_path: Path, warm_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int, offset: int, size: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    monkeypatch.setattr(canvas, "IN_MEMORY_BYTES", 1000)
    source = save_photo(tmp_path / "a.png")
    result = upscale(source, "--json")
    assert result.code == 1
    assert result.events[-2]["kind"] == "no_room"
    assert str(warm_home / "cache") in result.events[-2]["error"]
    assert files_below(tmp_path) == {"a.png"}
    assert kept_in_cache(warm_home / "cache") == {"speeds.json"}


def test_a_result_larger_than_memory_goes_through_a_file(
    upscale: Cli, tmp_path: Path, warm_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = save_photo(tmp_path / "a.png")
    assert upscale(source, "-o", tmp_path / "memory.png").code == 0
    monkeypatch.setattr(canvas, "IN_MEMORY_BYTES", 1000)
    assert upscale(source, "-o", tmp_path / "mapped.png").code == 0
    assert (tmp_path / "memory.png").read_bytes() == (tmp_path / "mapped.png").read_bytes()
    assert kept_in_cache(warm_home / "cache") == {"speeds.json"}


def test_a_cache_folder_that_cannot_be_written_costs_only_time(
    upscale: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path / "home"))
    assert upscale(save_photo(tmp_path / "in" / "a.png")).code == 0
    assert files_below(tmp_path) == {"home", "in/a.png", "in/a_4x.png"}


def test_not_enough_memory_fails_one_file(
    upscale: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = save_photo(tmp_path / "a.png"), save_photo(tmp_path / "b.png")
    new_canvas = canvas.new_canvas
    from srgan_desktop.core.upscaling import upscale as upscale_module

    calls = []

    def refuse(shape: tuple[int, ...], dtype: object) -> object:
        calls.append(shape)
        if len(calls) == 1:
            raise MemoryError
        return new_canvas(shape, dtype)  # type: ignore[arg-type]

    monkeypatch.setattr(upscale_module, "new_canvas", refuse)
    result = upscale(first, second)
    assert result.code == 1
    assert f"{first}: not enough memory for this picture" in result.err
    assert files_below(tmp_path) == {"a.png", "b.png", "b_4x.png"}
