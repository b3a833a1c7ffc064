"""What is done once the last picture is done: a notification, the folder, a command."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

from srgan_desktop.core.base.translation import tr, trn

# read through a name, so that type checkers look at the code for all systems
_SYSTEM: str = sys.platform


def counts_text(counts: Mapping[str, int]) -> str:
    """ "800 done, 12 failed" by status; empty where nothing was done."""
    parts = [
        trn("{n} done", "{n} done", counts.get("done", 0)),
        trn("{n} failed", "{n} failed", counts.get("failed", 0)),
        trn("{n} left out", "{n} left out", counts.get("left out", 0)),
    ]
    numbers = (counts.get("done", 0), counts.get("failed", 0), counts.get("left out", 0))
    return tr(", ").join(part for part, n in zip(parts, numbers, strict=True) if n)


def command_words(command: str, values: Mapping[str, object]) -> list[str]:
    """Program and arguments, the fields filled in; a field is never more than one argument.

    Raises ValueError where quotes are left open.
    """
    words = shlex.split(command, posix=_SYSTEM != "win32")
    filled = []
    for word in words:
        for name, value in values.items():
            word = word.replace("{" + name + "}", str(value))  # noqa: PLW2901
        filled.append(word.strip('"') if _SYSTEM == "win32" else word)
    return filled


def run_command(command: str, values: Mapping[str, object]) -> str:
    """Start it and let it be; what went wrong, or empty."""
    try:
        words = command_words(command, values)
    except ValueError as error:
        return tr("The command cannot be read: {reason}", reason=error)
    if not words:
        return ""
    if not QProcess.startDetached(words[0], words[1:])[0]:
        return tr("The command could not be started: {command}", command=words[0])
    return ""


def open_folder(folder: Path) -> bool:
    """In the system's file manager; whether there is one."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
