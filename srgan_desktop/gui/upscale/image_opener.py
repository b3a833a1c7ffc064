"""Reads the picture that is wanted last: a file, or what came from the clipboard."""

from __future__ import annotations

import shutil
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.gui.common import files
from srgan_desktop.gui.common.worker import Lane, TaskSlot

# below the cache folder: what came from the clipboard, for as long as the window is open
PASTED = "pasted"


class ImageOpener(QObject):
    """One picture at a time, on the files' thread; another request takes the place of the last."""

    opened = Signal(object)
    """The ``OpenedImage``."""
    failed = Signal(object)
    """The error for which it could not be read."""

    def __init__(self, lane: Lane) -> None:
        super().__init__()
        self._lane = lane
        self._task = TaskSlot()

    @property
    def busy(self) -> bool:
        """Whether a picture is being read."""
        return self._task.busy

    def open_file(self, path: Path, *, pasted: bool = False) -> None:
        """Read a file."""
        pasted = pasted or path.parent == _pasted_folder()
        self._task.put(
            self._lane.submit(
                lambda: files.open_file(path, pasted=pasted),
                on_done=self.opened.emit,
                on_failed=self.failed.emit,
            )
        )

    def open_pasted(self, image: QImage) -> None:
        """Write a picture from the clipboard to a file of ours, and read that."""
        folder = _pasted_folder()
        self._task.put(
            self._lane.submit(
                lambda: files.keep_pasted(image, folder),
                on_done=self._open_kept,
                on_failed=self.failed.emit,
            )
        )

    def cancel(self) -> None:
        """What is being read is not wanted any more."""
        self._task.cancel()

    def _open_kept(self, path: Path) -> None:
        self.open_file(path, pasted=True)


def forget_pasted() -> None:
    """Remove what came from the clipboard."""
    shutil.rmtree(_pasted_folder(), ignore_errors=True)


def _pasted_folder() -> Path:
    return places.cache_folder() / PASTED
