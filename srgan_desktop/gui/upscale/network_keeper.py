"""Lets a network be there sooner at the next start, while nobody waits for anything.

Models that adapt take a moment to be kept; whoever tries one setting after another shall not wait
for that.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from srgan_desktop.core.engine.cache import EngineRequest
from srgan_desktop.gui.common.engine_worker import EngineWorker
from srgan_desktop.gui.common.worker import Lane, TaskSlot

# who has asked for nothing for so long is looking
REST_MS = 5000


class NetworkKeeper(QObject):
    """Of the network that was used last."""

    def __init__(self, lane: Lane, worker: EngineWorker, parent: QObject) -> None:
        super().__init__(parent)
        self._lane, self._worker = lane, worker
        self._task = TaskSlot()
        self._request: EngineRequest | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._keep)

    def keep_soon(self, request: EngineRequest) -> None:
        """Unless ``wait`` is called before."""
        self._request = request
        self._rest.start()

    def wait(self) -> None:
        """Something else is wanted now."""
        self._rest.stop()
        self._task.cancel()

    @Slot()
    def _keep(self) -> None:
        request = self._request
        if request is not None:
            self._task.put(self._lane.submit(lambda: self._worker.keep(request)))
