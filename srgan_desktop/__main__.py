"""Where the program starts: ``srgan-desktop`` and ``python -m srgan_desktop``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    if getattr(sys, "frozen", False):
        _prepare_frozen()
    try:
        from srgan_desktop.cli import main as run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # while still starting
        code = 130
    from srgan_desktop.core.base.leaving import leave

    leave(code)


def _prepare_frozen() -> None:
    """What must come before all else in an executable."""
    from multiprocessing import freeze_support

    freeze_support()
    from srgan_desktop.core.base.self_command import restore_library_path

    restore_library_path()


if __name__ == "__main__":
    main()
