"""Has the pictures of all models made, one after the other, when the device is idle."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from srgan_desktop.gui.common import model_sample
from srgan_desktop.gui.common.engine_worker import EngineWorker
from srgan_desktop.gui.common.model_facts import ModelFacts
from srgan_desktop.gui.common.requests import EngineRequest, ModelChoice
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.worker import Task

logger = logging.getLogger(__name__)

IDLE_MS = 300


class SampleQueue(QObject):
    """Kept pictures come at once; others are made while the page is looked at."""

    made = Signal(str, QImage)
    """A model's name, and the pair of pictures."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self._waiting: deque[ModelChoice] = deque()
        self._task: Task | None = None
        self._looks: list[Task] = []
        self._worker = EngineWorker(services.engines)
        self.wanted = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(IDLE_MS)
        self._timer.timeout.connect(self._next)

    def show_models(self, models: Sequence[ModelFacts]) -> None:
        """These from now on."""
        self.stop()
        if not model_sample.sample_path().is_file():
            return
        for choice in (model.choice for model in models if model.usable):
            self._look(choice)

    def set_wanted(self, wanted: bool) -> None:
        """Whether the page is looked at; nothing is made else."""
        self.wanted = wanted
        if wanted and self._waiting:
            self._timer.start()

    def stop(self) -> None:
        """Nothing more is wanted."""
        self._waiting.clear()
        self._timer.stop()
        for look in self._looks:
            look.cancel()
        self._looks.clear()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _look(self, choice: ModelChoice) -> None:
        path = model_sample.cached_path(choice, self._request(choice))

        def looked(image: QImage) -> None:
            if image.isNull():
                self._waiting.append(choice)
                self._timer.start()
            else:
                self.made.emit(choice.name, image)

        lane = self._services.thumbnail_lane
        self._looks.append(lane.submit(lambda: model_sample.read_cached(path), on_done=looked))

    def _request(self, choice: ModelChoice) -> EngineRequest:
        settings = self._services.settings
        return EngineRequest(
            choice.path, settings.text("upscale/device"), settings.text("upscale/precision")
        )

    @Slot()
    def _next(self) -> None:
        if not self._waiting or not self.wanted or self._task is not None:
            return
        if self._services.device_lane.busy:
            self._timer.start()
            return
        choice = self._waiting.popleft()
        request = self._request(choice)
        photo, target = model_sample.sample_path(), model_sample.cached_path(choice, request)

        def done(image: QImage) -> None:
            self._task = None
            self.made.emit(choice.name, image)
            self._go_on()

        self._task = self._services.device_lane.submit(
            lambda: model_sample.make_sample(self._worker, request, photo, target),
            on_done=done,
            on_failed=self._failed,
        )

    def _failed(self, error: BaseException) -> None:
        """An ornament is worth no message."""
        logger.info("no picture of the model: %s", error)
        self._task = None
        self._go_on()

    def _go_on(self) -> None:
        if self._waiting:
            self._timer.start()
