"""Has the picture of the chosen model made when the device has nothing else to do."""

from __future__ import annotations

import logging

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from srgan_desktop.gui.common import model_sample
from srgan_desktop.gui.common.requests import EngineRequest, ModelChoice
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.worker import TaskSlot
from srgan_desktop.gui.upscale.request_model import RequestModel
from srgan_desktop.gui.upscale.session import Session

logger = logging.getLogger(__name__)

IDLE_MS = 400
"""For so long nobody must have wanted anything."""


class SampleMaker(QObject):
    """Never in the way: gives up its turn as soon as a person wants the device."""

    changed = Signal(object)
    """A ``QImage``: null while it is awaited; None where there will be none."""

    def __init__(self, services: Services, session: Session, requests: RequestModel) -> None:
        super().__init__()
        self._services = services
        self._session = session
        self._requests = requests
        self._wanted: tuple[ModelChoice, EngineRequest] | None = None
        self._task = TaskSlot()
        self._making = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(IDLE_MS)
        self._timer.timeout.connect(self._make)
        session.changed.connect(self._make_way)
        requests.changed.connect(self._follow)

    @Slot()
    def _follow(self) -> None:
        """Show the chosen model from now on."""
        model, request = self._requests.model, self._requests.request
        wanted = None
        if model is not None and request is not None and model_sample.sample_path().is_file():
            wanted = (model, request.engine)
        if wanted == self._wanted:
            return
        self.stop()
        self._wanted = wanted
        if wanted is None:
            self.changed.emit(None)
            return
        self.changed.emit(QImage())
        path = model_sample.cached_path(*wanted)
        self._task.put(
            self._services.thumbnail_lane.submit(
                lambda: model_sample.read_cached(path), on_done=self._looked, on_failed=self._failed
            )
        )

    def stop(self) -> None:
        """Nothing more is wanted."""
        self._wanted = None
        self._timer.stop()
        self._cancel()

    def _cancel(self) -> None:
        self._making = False
        self._task.cancel()

    def _looked(self, image: QImage) -> None:
        if image.isNull():
            self._timer.start()
        else:
            self.changed.emit(image)

    @Slot()
    def _make(self) -> None:
        if self._wanted is None:
            return
        session = self._session
        if session.working or session.opening or self._services.device_lane.busy:
            self._timer.start()
            return
        model, request = self._wanted
        photo, target = model_sample.sample_path(), model_sample.cached_path(model, request)
        self._making = True
        self._task.put(
            self._services.device_lane.submit(
                lambda: model_sample.make_sample(session.worker, request, photo, target),
                on_done=self._made,
                on_failed=self._failed,
            )
        )

    @Slot()
    def _make_way(self) -> None:
        if self._making and (self._session.working or self._session.opening):
            self._cancel()
            self._timer.start()

    def _made(self, image: QImage) -> None:
        self._making = False
        self.changed.emit(image)

    def _failed(self, error: BaseException) -> None:
        """An ornament is worth no message; the model's own work will say what is wrong."""
        logger.info("no picture of the model: %s", error)
        self._making = False
        self.changed.emit(None)
