"""Where the program starts: ``srgan-desktop`` and ``python -m srgan_desktop``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from srgan_desktop.cli import main as run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
