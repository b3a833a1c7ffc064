"""What is at a path that someone named; where the system does not tell, an error in plain words.

``Path.is_file`` and its like raise OSError for names that are too long and folders that must not be
looked into.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr


def is_folder(path: Path) -> bool:
    """Whether it is one. UsageError where that cannot be found out, as for the others."""
    return _answer(path, path.is_dir)


def is_file(path: Path) -> bool:
    return _answer(path, path.is_file)


def is_there(path: Path) -> bool:
    """Whether anything is."""
    return _answer(path, path.exists)


def file_state(path: Path) -> tuple[int, int] | None:
    """When a file was written, in nanoseconds, and how long it is; None where it is not there."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def unreadable(path: Path, error: OSError) -> UsageError:
    """What to raise where the system refuses to look at a path."""
    reason = error.strerror or error
    return UsageError(tr("{path}: cannot be read: {reason}", path=path, reason=reason))


def _answer(path: Path, ask: Callable[[], bool]) -> bool:
    try:
        return ask()
    except OSError as error:
        raise unreadable(path, error) from error
