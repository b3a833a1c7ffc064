"""``srgan-desktop`` without a command: the window, with the page and files that are named."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from srgan_desktop.core.base.translation import tr

# as desktop entries and jump lists name them
PAGES = ("upscale", "batch", "models", "train")
PAGE_OPTION = "--page"


def main(argv: Sequence[str]) -> int:
    """``[--page NAME] [FILE ...]``.

    Exit code 0 when the window was closed, 1 where there can be none, 2 for a page of another name.
    """
    page, files = "", list(argv)
    if files[:1] == [PAGE_OPTION]:
        page, files = "".join(files[1:2]), files[2:]
        if page not in PAGES:
            names = ", ".join(PAGES)
            return _refuse(tr("{option} takes one of {names}", option=PAGE_OPTION, names=names), 2)
    if not _has_display():
        return _refuse(tr("there is no display for the window; see srgan-desktop --help"))
    try:
        from srgan_desktop.gui.shell.app import run_window
    except ImportError as error:
        return _refuse(
            tr("the window needs PySide6-Essentials, which does not load: {reason}", reason=error)
        )
    return run_window([Path(name) for name in files], page)


def _has_display() -> bool:
    """Qt ends the whole program where there is none, so this is asked before."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _refuse(message: str, code: int = 1) -> int:
    if sys.stderr is not None:
        print(tr("error: {message}", message=message), file=sys.stderr)
    return code
