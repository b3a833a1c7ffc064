"""The stress suites in short: nothing is lost, and each kind of trouble was met."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from repository import ROOT

SCRIPTS = ROOT / "scripts" / "stress"


def table(name: str, count: int, folder: Path, seed: int = 1) -> dict[str, dict[str, object]]:
    """The suite's rows by kind; fails where anything is lost."""
    command = [sys.executable, SCRIPTS / f"{name}.py", "--seed", str(seed), "--count", str(count)]
    done = subprocess.run(
        [*command, "--json", "--folder", folder],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(SCRIPTS), str(ROOT)))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr[-3000:]
    rows = json.loads(done.stdout.splitlines()[-1])
    assert [fault for row in rows for fault in row["faults"]] == []
    assert done.returncode == 0
    return {row["kind"]: row for row in rows}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc, kills and mounts")
@pytest.mark.parametrize(
    ("name", "count", "kinds"),
    [
        ("models", 40, ("pickle that runs code", "pickle bomb", "zip bomb", "no model at all")),
        ("batch", 48, ("SIGKILL at random moments", "full disk", "the clock jumps by years")),
        ("training", 8, ("two trainers on one folder", "full disk")),
    ],
)
def test_nothing_is_lost(name: str, count: int, kinds: tuple[str, ...], tmp_path: Path) -> None:
    rows = table(name, count, tmp_path)
    assert all(rows[kind]["survived"] or rows[kind]["refused"] for kind in kinds)


def test_the_table_counts_and_tells_what_is_lost() -> None:
    sys.path.insert(0, str(SCRIPTS))
    try:
        from table import Tally, text_of
    finally:
        sys.path.remove(str(SCRIPTS))
    tally = Tally()
    tally.survived("kind")
    tally.refused("kind")
    tally.check("kind", False, "case 7 is gone")
    (row,) = tally.rows
    assert (row.tried, row.survived, row.refused, row.lost) == (3, 1, 1, 1)
    assert "LOST: case 7 is gone" in text_of([("suite", row)])
