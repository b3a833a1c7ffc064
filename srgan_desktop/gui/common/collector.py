"""Cyclic garbage is collected in the window's thread, never in a worker's.

Python's collector runs in whichever thread makes the object that is one too many. A dialog or a
timer that nobody holds any more would then be destroyed there, and Qt forbids that: timers go on,
or the program ends. So the collector is switched off and asked from a timer of the window.
"""

from __future__ import annotations

import gc
import sys

from PySide6.QtCore import QObject, QTimer, Slot

EVERY_MS = 1000
# with these come hundreds of thousands of objects that stay; looking through them takes long
_LARGE = ("torch", "torchvision", "openvino", "spandrel", "distributed", "pyqtgraph")


class Collector(QObject):
    """From ``start`` to ``stop`` the only one that collects. Make it in the window's thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._loaded: frozenset[str] = frozenset()
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.collect)

    def start(self) -> None:
        """Switch the automatic collector off, and this one on."""
        gc.disable()
        self._timer.start()

    def stop(self) -> None:
        """As it was before ``start``."""
        self._timer.stop()
        gc.enable()

    @Slot()
    def collect(self) -> None:
        """What Python would have collected by now."""
        loaded = frozenset(name for name in _LARGE if name in sys.modules)
        if loaded != self._loaded:
            # what came with a library is no garbage, and need not be looked through again
            self._loaded = loaded
            gc.freeze()
            return
        # the oldest first: it takes the younger ones along
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                return
