"""Mutated pictures of every kind, by the fuzzer of the tests (tests/core/images/io/fuzzing.py)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from isolated import ROOT, environment
from table import Row, Tally, command_line

FUZZER = ROOT / "tests/core/images/io/fuzzing.py"
PART = 1000  # of a process's cases
HUNG_S = 900


def suite(seed: int, count: int, folder: Path) -> list[Row]:
    """``count`` files."""
    tally = Tally()
    first = seed << 24
    for at in range(0, count, PART):
        _part(first + at, min(PART, count - at), folder, tally)
    return tally.rows


def _part(first: int, count: int, folder: Path, tally: Tally) -> None:
    kind = "mutated pictures"
    command = [sys.executable, FUZZER, str(first), str(count), str(folder)]
    try:
        done = subprocess.run(
            command,
            env=environment(folder),
            capture_output=True,
            text=True,
            check=False,
            timeout=HUNG_S,
        )
    except subprocess.TimeoutExpired:
        tally.lost(kind, f"hung at {(folder / 'now').read_text()}")
        return
    if done.returncode:
        tally.lost(kind, f"{(folder / 'now').read_text()}: {done.stderr[-500:]}")
        return
    told = json.loads(done.stdout.splitlines()[-1])
    row = tally.row(kind)
    row.survived += told["read"]
    row.refused += told["refused"]
    row.faults += told["strange"]


if __name__ == "__main__":
    command_line("images", __doc__, suite, 20_000)
