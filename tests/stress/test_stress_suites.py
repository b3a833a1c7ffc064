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


LINUX = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="reads /proc, sends signals, mounts a small disk"
)


@LINUX
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_models_of_every_hostile_kind(tmp_path: Path) -> None:
    rows = table("models", 10, tmp_path)
    for kind in ("pickle that runs code", "pickle bomb", "zip bomb", "no model at all"):
        assert rows[kind]["refused"]
        assert not rows[kind]["survived"]


@LINUX
@pytest.mark.slow
@pytest.mark.long
@pytest.mark.timeout(1200)
def test_a_batch_in_some_kinds_of_trouble(tmp_path: Path) -> None:
    assert len(table("batch", 48, tmp_path)) == 4


@LINUX
@pytest.mark.slow
def test_a_watched_folder(tmp_path: Path) -> None:
    (row,) = table("watching", 10, tmp_path).values()
    assert row["survived"]


@LINUX
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_window_under_random_events(tmp_path: Path) -> None:
    rows = table("window", 25, tmp_path)
    assert int(str(rows["no exception"]["survived"])) > 20


@LINUX
@pytest.mark.slow
@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("name", "count"), [("training", 25), ("long", 4), ("window", 600), ("batch", 240)]
)
def test_longer_ones(name: str, count: int, tmp_path: Path) -> None:
    assert table(name, count, tmp_path, seed=11)


def test_the_table_counts_and_tells_what_is_lost() -> None:
    sys.path.insert(0, str(SCRIPTS))
    try:
        from table import Tally, text_of, totals
    finally:
        sys.path.remove(str(SCRIPTS))
    tally = Tally()
    tally.survived("kind")
    tally.refused("kind")
    tally.check("kind", False, "case 7 is gone")
    (row,) = tally.rows
    assert (row.tried, row.survived, row.refused, row.lost) == (3, 1, 1, 1)
    assert "LOST: case 7 is gone" in text_of([("suite", row)])
    assert totals([row, row]) == "6 tried, 2 survived, 2 refused clearly, 2 lost"
