"""The built package is tried only where it is asked for: ``make test-package``."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    wanted = config.getoption("markexpr") == "package"
    if collection_path.name.startswith("test_built_") and not wanted:
        return True
    return None


@pytest.fixture(autouse=True, scope="session")
def _packaging_modules() -> None:
    """The build's own modules, which are no installed package."""
    if str(PACKAGING) not in sys.path:
        sys.path.append(str(PACKAGING))
