"""Errors in plain words, for the message bar."""

from __future__ import annotations

from srgan_desktop.core.base.atomic import explain as explain_os_error
from srgan_desktop.core.base.errors import FileError, SrganDesktopError
from srgan_desktop.core.base.translation import tr


def explain(error: BaseException) -> str | None:
    """What to tell a person; None for what nobody has foreseen."""
    if isinstance(error, FileError):
        return f"{error.path.name}: {error.problem}"
    if isinstance(error, SrganDesktopError):
        return str(error)
    if isinstance(error, MemoryError):
        return tr("Not enough memory; choose a smaller size or close other programs.")
    if isinstance(error, OSError):
        return explain_os_error(error)
    return None
