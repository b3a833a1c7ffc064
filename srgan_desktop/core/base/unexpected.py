"""The last resort: a fault of the program itself becomes one line, its details a file."""

from __future__ import annotations

import contextlib
import tempfile
import time
import traceback
from pathlib import Path

from srgan_desktop.core.base import app_paths
from srgan_desktop.core.base.translation import tr


def explain_unexpected(error: Exception) -> str:
    """Write the details to the folder of logs; returns what to tell the person, in one line."""
    kind, reason = type(error).__name__, " ".join(str(error).split())[:200]
    where = _write_details("".join(traceback.format_exception(error)))
    return tr(
        "this should not have happened: {kind}: {reason} (details: {where})",
        kind=kind,
        reason=reason,
        where=where or tr("could not be written"),
    )


def _write_details(details: str) -> str:
    name = time.strftime("error-%Y%m%d-%H%M%S.log")
    for folder in _folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(details, encoding="utf-8")
        except OSError:
            continue
        return str(folder / name)
    return ""


def _folders() -> list[Path]:
    folders = [Path(tempfile.gettempdir())]
    # platformdirs is not on every training machine
    with contextlib.suppress(ImportError):
        folders.insert(0, app_paths.logs())
    return folders
