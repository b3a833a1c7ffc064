"""Lock files that keep other processes out; the system releases them when a process dies."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TextIO


class LockFile:
    """Holds ``path`` for this process from ``take`` to ``free``, which removes the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None

    def take(self) -> bool:
        """Whether the lock is ours now. Raises OSError if the file cannot be created."""
        while True:
            file = self._path.open("a+")
            if not try_lock(file):
                file.close()
                return False
            if _is_still(file, self._path):
                self._file = file
                return True
            # removed by its last holder between our opening and locking it
            file.close()

    def free(self) -> None:
        if self._file is None:
            return
        if os.name != "nt":  # there an open file cannot be removed
            with contextlib.suppress(OSError):
                self._path.unlink()
        self._file.close()
        self._file = None
        if os.name == "nt":
            with contextlib.suppress(OSError):
                self._path.unlink()


def _is_still(file: TextIO, path: Path) -> bool:
    if os.name == "nt":
        return True
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except OSError:
        return False


def try_lock(file: TextIO) -> bool:
    """Lock an open file for this process until it is closed; whether that worked."""
    if os.name == "nt":
        import msvcrt

        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
