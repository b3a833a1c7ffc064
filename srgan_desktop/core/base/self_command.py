"""How the program starts another process of itself: as an executable or as a module."""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping

MODULE = "srgan_desktop"
# under this name PyInstaller's starter keeps what it has put other libraries in front of
_KEPT = "LD_LIBRARY_PATH_ORIG"


def is_frozen() -> bool:
    """Whether this is the packaged program, with its own interpreter inside."""
    return bool(getattr(sys, "frozen", False))


def own_command(*arguments: str) -> list[str]:
    """The command line that runs ``srgan-desktop ARGUMENTS`` in a new process."""
    if is_frozen():
        return [sys.executable, *arguments]
    return [sys.executable, "-m", MODULE, *arguments]


def restore_library_path(environment: MutableMapping[str, str] = os.environ) -> None:
    """Let system programs started from here find the system's own libraries.

    The starter of a frozen program puts its own folder first. By now all that this process needs
    of it has been read.
    """
    if not is_frozen():
        return
    kept = environment.pop(_KEPT, None)
    if kept is not None:
        environment["LD_LIBRARY_PATH"] = kept
    else:
        environment.pop("LD_LIBRARY_PATH", None)
