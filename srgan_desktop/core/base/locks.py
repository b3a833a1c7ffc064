"""A lock file: who holds it keeps other processes out; the system frees it when a process dies."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TextIO


class LockFile:
    """Holds ``path`` for this process from ``take`` to ``free``; the file goes with it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None

    def take(self) -> bool:
        """Whether the lock is ours now. OSError where the file cannot be made."""
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
    """Whether the open file is locked for this process now; it is until it is closed."""
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
