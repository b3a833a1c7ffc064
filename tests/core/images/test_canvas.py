"""Room for results, in memory or on the disk."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.errors import NoSpaceError
from srgan_desktop.core.images import canvas
from srgan_desktop.core.images.canvas import new_canvas, release_pages


def test_small_results_stay_in_memory(tmp_path: Path) -> None:
    made = new_canvas((30, 40, 3), np.dtype(np.uint16), tmp_path)
    assert not isinstance(made, np.memmap)
    assert made.shape == (30, 40, 3)
    assert made.dtype == np.uint16
    assert not made.any()


def test_large_results_are_mapped_and_leave_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(canvas, "IN_MEMORY_BYTES", 1000)
    folder = tmp_path / "made" / "when needed"
    made = new_canvas((300, 40, 3), np.dtype(np.uint8), folder)
    assert isinstance(made, np.memmap)
    assert not made.any()
    assert list(folder.iterdir()) == []
    made[...] = 7
    made[100:200] = 9
    release_pages(made)
    assert (made[:100] == 7).all()
    assert (made[100:200] == 9).all()


def test_releasing_a_canvas_in_memory_does_nothing() -> None:
    made = new_canvas((3, 4, 1), np.dtype(np.uint8))
    made[...] = 5
    release_pages(made)
    assert (made == 5).all()


def test_its_blocks_are_reserved_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canvas, "IN_MEMORY_BYTES", 1000)
    reserved = []
    monkeypatch.setattr(os, "posix_fallocate", lambda *call: reserved.append(call[1:]))
    monkeypatch.setattr(np, "memmap", lambda *arguments, **options: None)
    new_canvas((1000, 1000, 3), np.dtype(np.uint16), tmp_path)
    assert reserved == [(0, 6_000_000)]


def test_without_that_call_the_file_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on macOS and Windows."""
    monkeypatch.setattr(canvas, "IN_MEMORY_BYTES", 1000)
    monkeypatch.delattr(os, "posix_fallocate")
    made = new_canvas((1500, 1000, 3), np.dtype(np.uint8), tmp_path)
    made[-1, -1] = 3
    assert not made[:-1].any()


def test_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canvas, "IN_MEMORY_BYTES", 1000)

    def refuse(*call: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path))
    with pytest.raises(NoSpaceError, match=r"6\.0 GB of temporary space.*No space left"):
        new_canvas((2_000_000, 1000, 3), np.dtype(np.uint8))
    assert list(places.cache_folder().iterdir()) == []


def test_a_folder_that_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canvas, "IN_MEMORY_BYTES", 1000)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(NoSpaceError, match="file"):
        new_canvas((1000, 1000, 3), np.dtype(np.uint8), tmp_path / "file")
