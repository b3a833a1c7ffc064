"""How the programs end."""

from __future__ import annotations

import sys
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End this process with ``code``, also where Ctrl+C was met and handled.

    CPython notes a KeyboardInterrupt that comes out of an ``exec``, such as a dataclass is made by
    while modules are imported, and at its end kills itself by SIGINT for it, whatever became of
    it. The next ``exec`` clears the note.
    """
    exec("")
    sys.exit(code)
