"""Reads tiles on a thread of its own, the most wanted first.

The thread lives while there is something to read and ends by itself. All methods are called from
the window's thread; ``tile_loaded`` arrives there too.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from PySide6.QtCore import QObject, QThread, Signal
from PySide6.QtGui import QImage, QRegion

from srgan_desktop.gui.viewer.pyramid import Box, Pixels
from srgan_desktop.gui.viewer.tile_cache import OVERVIEW, LoadedTile, TileKey


class TileSource(Protocol):
    """What tiles are read from: a ``Pyramid``, or something that behaves as one."""

    @property
    def size(self) -> tuple[int, int]: ...
    @property
    def levels(self) -> int: ...
    @property
    def version(self) -> int: ...
    @property
    def has_alpha(self) -> bool: ...
    @property
    def overview_level(self) -> int: ...
    def version_of(self, level: int, box: Box) -> int: ...
    def prepare(self, level: int, box: Box) -> Iterator[None]: ...
    def read(self, level: int, box: Box) -> Pixels: ...
    def overview(self) -> Iterator[Pixels]: ...


@dataclass(frozen=True)
class TileRequest:
    """A tile to read: ``box`` in pixels of its level, ``valid`` as in ``LoadedTile``.

    ``version`` is that of the source when ``valid`` was found; what is read may be newer.
    """

    key: TileKey
    source: TileSource
    box: Box
    valid: QRegion | None
    version: int


class TileLoader(QThread):
    """Works through the latest list of requests."""

    tile_loaded = Signal(LoadedTile)
    failed = Signal(Exception)
    """A tile could not be read: its file has gone, or memory is short."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._queue: list[TileRequest] = []
        self._current: TileKey | None = None
        self._busy = False
        self._stopped = False

    def request(self, requests: Sequence[TileRequest]) -> None:
        """Read these, in this order; whatever was asked for before and is not here is dropped."""
        with self._lock:
            if self._stopped:
                return
            self._queue = [request for request in requests if request.key != self._current]
            if not any(request.key == self._current for request in requests):
                self._current = None
            start = bool(self._queue) and not self._busy
            self._busy = self._busy or start
        if start:
            # the previous run has nothing left to do but return
            self.wait()
            self.start(QThread.Priority.LowPriority)

    def stop(self) -> None:
        """Drop everything and wait for the thread: one piece of work, some 10 ms, at most."""
        with self._lock:
            self._stopped = True
            self._queue = []
            self._current = None
        self.wait()

    def run(self) -> None:
        """The thread's own part; not to be called."""
        while (request := self._next()) is not None:
            try:
                tile = self._load(request)
            except Exception as error:
                self.failed.emit(error)
            else:
                if tile is not None:
                    self.tile_loaded.emit(tile)

    def _next(self) -> TileRequest | None:
        with self._lock:
            if not self._queue:
                self._busy, self._current = False, None
                return None
            request = self._queue.pop(0)
            self._current = request.key
            return request

    def _load(self, request: TileRequest) -> LoadedTile | None:
        """The tile, or None when nobody wants it any more."""
        key = request.key
        pixels = self._overview(request) if key.level == OVERVIEW else self._tile(request)
        if pixels is None:
            return None
        image, box = to_image(pixels), request.box
        return LoadedTile(key, image, box.x0, box.y0, request.valid, request.version)

    def _overview(self, request: TileRequest) -> Pixels | None:
        strips = []
        for strip in request.source.overview():
            strips.append(strip)
            if self._current is None:
                return None
        return np.concatenate(strips)

    def _tile(self, request: TileRequest) -> Pixels | None:
        for _ in request.source.prepare(request.key.level, request.box):
            if self._current is None:
                return None
        return request.source.read(request.key.level, request.box)


def to_image(pixels: Pixels) -> QImage:
    """(H, W, 3|4) uint8, alpha premultiplied, as an image in the format painted fastest."""
    height, width, channels = pixels.shape
    formats = QImage.Format
    if channels == 3:
        image = QImage(pixels.data, width, height, 3 * width, formats.Format_RGB888)
        return image.convertToFormat(formats.Format_RGB32)
    image = QImage(pixels.data, width, height, 4 * width, formats.Format_RGBA8888_Premultiplied)
    return image.convertToFormat(formats.Format_ARGB32_Premultiplied)
