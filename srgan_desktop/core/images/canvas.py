"""Room for a result: in memory, or in an unnamed file where it is large."""

from __future__ import annotations

import math
import os
import tempfile
from pathlib import Path

import numpy as np

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.errors import NoSpaceError
from srgan_desktop.core.base.translation import tr

IN_MEMORY_BYTES = 512 * 2**20


def new_canvas(shape: tuple[int, ...], dtype: np.dtype, folder: Path | None = None) -> np.ndarray:
    """An array of zeros; above ``IN_MEMORY_BYTES`` memory-mapped in ``folder`` (the cache).

    The file has no name, or goes when the program ends, so nothing stays behind. Its blocks are
    reserved at once: a disk that fills up later cannot break into the mapped memory.

    Raises:
        NoSpaceError: not enough space.
    """
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if size <= IN_MEMORY_BYTES:
        return np.zeros(shape, dtype)
    folder = places.cache_folder() if folder is None else folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder, prefix="canvas-") as file:
            _reserve(file.fileno(), size)
            return np.memmap(file, dtype, "r+", shape=shape)
    except OSError as error:
        raise NoSpaceError(
            tr(
                "the result needs {size:.1f} GB of temporary space in {folder}: {reason}",
                size=size / 1e9,
                folder=folder,
                reason=error.strerror or error,
            )
        ) from error


def _reserve(descriptor: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
        return
    block = bytes(2**22)
    for start in range(0, size, len(block)):
        os.write(descriptor, block[: size - start])


def release_pages(canvas: np.ndarray) -> None:
    """Let the system drop a mapped canvas's pages from memory; they stay in its file."""
    import mmap

    mapping = getattr(canvas, "_mmap", None)
    if mapping is not None and hasattr(mmap, "MADV_DONTNEED"):
        # what was written is in the file's page cache already; nothing needs to reach the disk
        mapping.madvise(mmap.MADV_DONTNEED)
