"""Where the program starts: ``srgan-desktop`` and ``python -m srgan_desktop``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        from srgan_desktop.cli import main as run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # while still starting
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
