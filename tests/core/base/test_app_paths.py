"""Where things are kept."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from srgan_desktop.core.base import app_paths as places

KINDS = ("settings", "models", "state", "logs", "cache_folder")


def test_a_home_of_ones_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path / "home"))
    found = [getattr(places, kind)() for kind in KINDS]
    names = ["settings", "models", "state", "logs", "cache"]
    assert found == [tmp_path / "home" / name for name in names]
    assert not (tmp_path / "home").exists()  # asking makes nothing


def test_a_portable_program_keeps_everything_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SRGAN_DESKTOP_HOME", raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "program"))
    (tmp_path / "portable").touch()
    assert tmp_path not in places.models().parents  # only a packaged program is portable
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert places.models() == tmp_path / "data" / "models"
    (tmp_path / "portable").unlink()
    assert tmp_path not in places.models().parents


def test_the_systems_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SRGAN_DESKTOP_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    found = [getattr(places, kind)() for kind in KINDS]
    assert all(tmp_path in path.parents for path in found)
    assert len(set(found)) == len(KINDS)
    assert all("srgan-desktop" in path.parts for path in found)


def test_shipped_files_are_there() -> None:
    assert (places.resources() / "samples").is_dir()
