"""Tried only where asked for: by ``make test-package`` and ``make test-install``."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from installed import Installed

# before Qt is imported by the test that draws the icon; the built window has a screen of its own
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

ROOT = Path(__file__).resolve().parents[2]
_TOLD: list[str] = []

# the build's own modules are no installed package; last, so that they hide nothing
sys.path += [str(ROOT / "packaging"), str(ROOT)]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    asked_for = {"test_built_": "package", "test_pip_install": "install"}
    for start, mark in asked_for.items():
        if collection_path.name.startswith(start) and config.getoption("markexpr") != mark:
            return True
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in _TOLD:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def told() -> list[str]:
    """Figures that are printed at the end."""
    return _TOLD


@pytest.fixture(scope="session")
def installed() -> Iterator[Installed]:
    """The package in a place of its own; one for all tests, since it is large."""
    from installed import install, uninstall

    # resolved, as the program tells its folders: short names on Windows, links on macOS
    place = Path(tempfile.mkdtemp(prefix="package-")).resolve()
    try:
        yield install(place)
    finally:
        uninstall(place)
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="session")
def untouched(installed: Installed) -> dict[str, tuple[int, int]]:
    """Its files before anything was run."""
    return installed.state()


@pytest.fixture(scope="session", autouse=True)
def _state_first(request: pytest.FixtureRequest) -> None:
    if any(item.get_closest_marker("package") for item in request.session.items):
        request.getfixturevalue("untouched")
