"""Telling files apart."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from srgan_desktop.core.jobs.plan import file_id


def test_a_file_is_known_under_its_other_names(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"a")
    (tmp_path / "c").hardlink_to(tmp_path / "a")
    assert file_id(tmp_path / "a") == file_id(tmp_path / "c") != file_id(tmp_path / "b")
    assert file_id(tmp_path / "d") is None


def test_on_drives_that_number_no_files_names_have_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    whole = Path.stat

    def without_number(path: Path, **options: bool) -> os.stat_result:
        found = list(whole(path, **options))
        found[1] = 0
        return os.stat_result(found)

    monkeypatch.setattr(Path, "stat", without_number)
    first = file_id(tmp_path / "a")
    assert first is not None
    assert first == file_id(tmp_path / "." / "a")
    assert first != file_id(tmp_path / "b")
