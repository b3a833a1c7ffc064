"""A training by the command line, for scripts that compare trainings of equal length."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from trainer.run.run_folder import RunFolder


def train_for(
    minutes: float, preset: str, data: Path, out: Path, settings: Iterable[str], *options: str
) -> RunFolder:
    """Train on ``data`` for so many minutes on the clock, into ``out``; the run at its end.

    ``settings``: KEY=VALUE each; ``options``: further words for ``trainer run``.
    Raises subprocess.CalledProcessError, after the trainer's own words, where it fails.
    """
    words = ["run", "--preset", preset, "--data", str(data), "--out", str(out)]
    words += ["--budget", f"{minutes * 60:.0f}s", *options]
    words += [word for setting in settings for word in ("--set", setting)]
    command = [sys.executable, "-m", "trainer", *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return RunFolder(out)
