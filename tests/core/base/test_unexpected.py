"""A fault of the program is one line for the person, and a file for whoever mends it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from srgan_desktop.core.base import app_paths, translation
from srgan_desktop.core.base.unexpected import explain_unexpected


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.set_language("en")


def raised() -> Exception:
    try:
        return ValueError(str(1 / 0))
    except ZeroDivisionError as error:
        return error


def details_in(said: str) -> str:
    return Path(said.split("details: ")[1].rstrip(")")).read_text(encoding="utf-8")


def test_the_details_are_in_the_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path))
    said = explain_unexpected(raised())
    assert said.startswith("this should not have happened: ZeroDivisionError: division by zero (")
    assert str(tmp_path / "logs") in said
    assert "Traceback" in details_in(said)


def test_without_a_folder_of_logs_they_are_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> Path:
        raise ModuleNotFoundError("No module named 'platformdirs'")

    monkeypatch.setattr(app_paths, "logs", missing)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert "Traceback" in details_in(explain_unexpected(raised()))
    assert list(tmp_path.glob("error-*.log"))


def test_where_nothing_can_be_written_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(blocked))
    monkeypatch.setattr(tempfile, "tempdir", str(blocked))
    assert explain_unexpected(raised()).endswith("(details: could not be written)")
