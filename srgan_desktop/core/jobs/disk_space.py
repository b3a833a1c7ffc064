"""Whether a disk that was full has room again."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path

from srgan_desktop.core.base.errors import NoSpaceError

_FULL = {errno.ENOSPC, errno.EDQUOT}
# beside the result itself: the queue's own file, the folder's entry
_SPARE_BYTES = 2**20


def is_full_disk(error: BaseException) -> bool:
    """Whether an error, or what it came from, says that a disk or quota is used up."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, NoSpaceError) or (isinstance(seen, OSError) and seen.errno in _FULL):
            return True
        seen = seen.__cause__
    return False


def has_space(folder: Path, size: int) -> bool:
    """Whether a file of so many bytes could be written there now; quotas count.

    A folder that is still to be made needs room where it is made.
    """
    size += _SPARE_BYTES
    try:
        folder = _existing(folder)
        if shutil.disk_usage(folder).free < size:
            return False
        with tempfile.TemporaryFile(dir=folder) as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
    except OSError as error:
        # a disk that cannot reserve is no full one; a folder that has gone is met again by writing
        return error.errno not in _FULL
    return True


def could_ever_fit(folder: Path, size: int) -> bool:
    """Whether the disk as a whole is large enough."""
    try:
        return shutil.disk_usage(_existing(folder)).total > size
    except OSError:
        return True


def _existing(folder: Path) -> Path:
    """The folder, or the nearest around it that there is."""
    return next((place for place in (folder, *folder.parents) if place.is_dir()), folder)
