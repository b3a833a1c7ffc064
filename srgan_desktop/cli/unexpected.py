"""The last resort: a fault of the program itself becomes one line, its details a file."""

from __future__ import annotations

import time
import traceback

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.translation import tr


def explain_unexpected(error: Exception) -> str:
    """Write the details to the folder of logs; returns what to tell the person."""
    kind, reason = type(error).__name__, " ".join(str(error).split())[:200]
    where = _write_details("".join(traceback.format_exception(error)))
    return tr(
        "this should not have happened: {kind}: {reason} (details: {where})",
        kind=kind,
        reason=reason,
        where=where or tr("could not be written"),
    )


def _write_details(details: str) -> str:
    path = places.logs() / time.strftime("error-%Y%m%d-%H%M%S.log")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(details, encoding="utf-8")
    except OSError:
        return ""
    return str(path)
