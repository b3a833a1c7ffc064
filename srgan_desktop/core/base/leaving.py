"""How the programs end."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NoReturn

from srgan_desktop.core.base.errors import SrganDesktopError

INTERRUPTED = 130


def leave(code: int) -> NoReturn:
    """End this process with ``code``, also where Ctrl+C was met and handled.

    CPython notes a KeyboardInterrupt that comes out of an ``exec``, such as a dataclass is made by
    while modules are imported, and at its end kills itself by SIGINT for it, whatever became of
    it. The next ``exec`` clears the note.
    """
    exec("")
    sys.exit(code)


def run_script(main: Callable[[], int | None]) -> NoReturn:
    """Run a developer's script and leave; what is wrong with its input is said in a line.

    The exit code is what ``main`` returns (None: 0), that of the error, or 130 after Ctrl+C.
    """
    try:
        code = main() or 0
    except SrganDesktopError as error:
        print(f"error: {error}", file=sys.stderr)
        code = error.exit_code
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        code = INTERRUPTED
    leave(code)
