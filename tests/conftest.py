"""What tests of several parts share."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent / "trainer" / "fixtures"


@pytest.fixture
def old_runs(tmp_path: Path) -> Path:
    """A home whose ``runs`` an earlier version wrote, elsewhere; not moved but for the photos.

    by-command    finished, of the command line
    Stopped       of the window, stopped in the middle, with two older checkpoints
    Pair          of the window, two stages, stopped in the second
    """
    home = tmp_path / "old home"
    shutil.copytree(FIXTURES / "runs", home / "runs")
    shutil.copytree(FIXTURES / "photos", home / "photos")
    for path in home.rglob("config.json"):
        values = json.loads(path.read_text())
        values["inputs"]["data"] = str(home / "photos")
        path.write_text(json.dumps(values))
    return home
