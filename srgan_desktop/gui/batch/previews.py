"""Small previews for the rows that are looked at, and the sizes of their files."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap

from srgan_desktop.core.base.errors import SrganDesktopError
from srgan_desktop.core.images.io import probe
from srgan_desktop.gui.common import files
from srgan_desktop.gui.common.worker import Lane, Task

SIDE = QSize(48, 36)
KEPT = 400
AT_ONCE = 24


@dataclass(frozen=True, eq=False)
class Preview:
    """``pixmap`` is null where there can be none; ``size`` in pixels, None where it is unknown."""

    pixmap: QPixmap
    size: tuple[int, int] | None


class Previews(QObject):
    """Makes what is asked for, keeps what was asked for last, forgets the rest."""

    made = Signal(Path)
    idle = Signal()
    """All that was taken on is made; what was asked for beyond it may be asked for again."""

    def __init__(self, lane: Lane, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lane = lane
        self._kept: OrderedDict[Path, Preview] = OrderedDict()
        self._tasks: dict[Path, Task] = {}
        self._refused = False
        self.ratio = 1.0

    def get(self, path: Path) -> Preview | None:
        """The preview, or None: it is told of by ``made`` once it is there."""
        known = self._kept.get(path)
        if known is not None:
            self._kept.move_to_end(path)
            return known
        if path in self._tasks:
            return None
        if len(self._tasks) >= AT_ONCE:
            self._refused = True
            return None
        ratio = self.ratio
        self._tasks[path] = self._lane.submit(
            lambda: _make(path, ratio), on_done=lambda made: self._keep(path, made)
        )
        return None

    def peek(self, path: Path) -> Preview | None:
        """The preview if it is there; asks for nothing."""
        return self._kept.get(path)

    def drop_waiting(self) -> None:
        """Other rows are looked at now."""
        for task in self._tasks.values():
            task.cancel()
        self._tasks.clear()

    def _keep(self, path: Path, made: tuple[QImage, tuple[int, int] | None, float]) -> None:
        self._tasks.pop(path, None)
        image, size, ratio = made
        pixmap = QPixmap.fromImage(image)
        pixmap.setDevicePixelRatio(ratio)
        self._kept[path] = Preview(pixmap, size)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.made.emit(path)
        if not self._tasks and self._refused:
            self._refused = False
            self.idle.emit()


def _make(
    path: Path, ratio: float
) -> Generator[None, None, tuple[QImage, tuple[int, int] | None, float]]:
    size: tuple[int, int] | None = None
    try:
        info = probe(path)
        size = (info.width, info.height)
    except (SrganDesktopError, OSError):
        pass  # the row says what is wrong once the picture's turn has come
    image = yield from files.thumbnail(path)
    if not image.isNull():
        image = image.scaled(
            SIDE * ratio,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    return image, size, ratio
