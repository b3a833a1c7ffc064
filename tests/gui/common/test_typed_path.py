"""Paths as people type them."""

from __future__ import annotations

from pathlib import Path

import pytest

from srgan_desktop.gui.common.typed_path import typed_folder, typed_path


def test_the_own_folder_can_be_named_in_short() -> None:
    assert typed_path(" ~/out ") == Path.home() / "out"
    assert typed_path("  ") is None
    assert typed_path("~nobody-of-that-name/out") is None


def test_only_a_folder_that_is_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("words")
    assert typed_folder(str(tmp_path)) == tmp_path
    for text in ("", str(tmp_path / "file"), f"{tmp_path}/{'n' * 300}", "~nobody-of-that-name"):
        assert typed_folder(text) is None


def test_a_folder_that_may_not_be_entered_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "no")

    monkeypatch.setattr(Path, "is_dir", refuse)
    assert typed_folder(str(tmp_path)) is None
