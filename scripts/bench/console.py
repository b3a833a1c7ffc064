"""What the benchmarks print with, and how they run commands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = (sys.executable, "-m", "srgan_desktop")


def head(title: str, *columns: str) -> None:
    print(f"\n{title:44}" + "".join(f"{column:>16}" for column in columns), flush=True)


def row(title: str, *values: str) -> None:
    print(f"{title:44}" + "".join(f"{value:>16}" for value in values), flush=True)


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Raises CalledProcessError."""
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )
