"""The text for a bug report."""

from __future__ import annotations

from pathlib import Path

import pytest

from srgan_desktop import __version__
from srgan_desktop.core import diagnostics
from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.diagnostics import Section, as_text, diagnose


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path))


def test_everything_is_there() -> None:
    sections = {section.title: dict(section.lines) for section in diagnose()}
    assert sections["Program"]["srgan-desktop"] == __version__
    assert sections["Packages"]["torch"][0].isdigit()
    assert "torch fp32" in sections["Devices"]["cpu"]
    assert sections["Ways to compute"]["srresnet-x4"].startswith("not measured yet")
    assert sections["Formats"]["PNG"] == "read and write"
    assert sections["Formats"]["GIF"].startswith("read only")
    assert sections["Folders"]["models"] == f"{places.models()}  (not made yet)"


def test_a_part_that_fails_says_so_and_the_rest_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(diagnostics, "_folders", fail)
    sections = {section.title: dict(section.lines) for section in diagnose()}
    assert "Permission denied" in sections["Folders"]["failed"]
    assert sections["Packages"]


def test_damaged_models_are_named(tmp_path: Path) -> None:
    places.models().mkdir(parents=True)
    (places.models() / "bad.safetensors").write_bytes(b"no model")
    sections = {section.title: dict(section.lines) for section in diagnose()}
    assert sections["Models"]["bad"].startswith("cannot be used: ")


def test_text_is_aligned() -> None:
    text = as_text([Section("One", (("a", "1"), ("long", "2"))), Section("Empty", ())])
    assert text == "One\n  a     1\n  long  2\n\nEmpty"
