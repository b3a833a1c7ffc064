"""``make test-package``: try what ``make package`` has built."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import build


def main() -> None:
    """Run the tests of the package in place of this program."""
    bin_folder = "Scripts" if os.name == "nt" else "bin"
    python = build.ENVIRONMENT / bin_folder / ("python.exe" if os.name == "nt" else "python")
    if not python.exists() or not build.FOLDER.is_dir():
        sys.exit("there is no package yet: make package")
    os.chdir(build.ROOT)
    # the tests' own environment knows neither Qt's nor Hypothesis's plug-ins of pytest
    command = (
        "-m",
        "pytest",
        "-m",
        "package",
        "--confcutdir",
        "tests/packaging",
        "tests/packaging",
        *sys.argv[1:],
    )
    sys.exit(build.run(Path(python), *command, check=False))


if __name__ == "__main__":
    main()
