"""What an enlargement will take, told again whenever something of it becomes known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from srgan_desktop.gui.common.engine_worker import cost
from srgan_desktop.gui.common.requests import (
    Cost,
    EngineReady,
    OpenedImage,
    Result,
    SpeedMeasured,
    UpscaleRequest,
)
from srgan_desktop.gui.common.worker import Lane, TaskSlot

if TYPE_CHECKING:
    from srgan_desktop.core.engine.engine import Engine

DELAY_MS = 120


class CostEstimator(QObject):
    """Remembers how fast each network runs here; asks the engine's facts on the files' thread."""

    known = Signal(object)
    """The ``Cost`` of the request as it is; None while that is not known."""

    def __init__(self, lane: Lane) -> None:
        super().__init__()
        self._lane = lane
        self._task = TaskSlot()
        self._picture: OpenedImage | None = None
        self._request: UpscaleRequest | None = None
        self._ready: EngineReady | None = None
        self._before: EngineReady | None = None
        self._speeds: dict[object, float] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY_MS)
        self._timer.timeout.connect(self._ask)

    def estimate(self, picture: OpenedImage | None, request: UpscaleRequest | None) -> None:
        """This picture, enlarged like this."""
        if (picture, request) != (self._picture, self._request):
            self._task.cancel()
            self.known.emit(None)
        self._picture, self._request = picture, request
        self._timer.start()

    def engine_ready(self, ready: EngineReady) -> None:
        """The network is there and can be asked."""
        if ready.request.before:
            self._before = ready
        else:
            self._ready = ready
        self._timer.start()

    def speed_measured(self, event: SpeedMeasured) -> None:
        """A network was timed."""
        self._speeds[event.request.speed_key] = event.seconds_per_pixel
        self._timer.start()

    def result_finished(self, result: Result, request: UpscaleRequest) -> None:
        """A whole result says best how fast a network is."""
        if not request.tta and result.seconds > 0:
            pixels = result.source.picture.width * result.source.picture.height
            passes = _work_of(result, self._ready.scale if self._ready else 0)
            seconds = result.seconds
            if request.before is not None:
                seconds -= self._speeds.get(request.before.speed_key, 0.0) * pixels
            self._speeds[request.engine.speed_key] = max(0.0, seconds) / max(1, pixels * passes)
        self._timer.start()

    def stop(self) -> None:
        """Nothing more is wanted."""
        self._timer.stop()
        self._task.cancel()

    @Slot()
    def _ask(self) -> None:
        picture, request, ready = self._picture, self._request, self._ready
        if picture is None or request is None or ready is None or ready.request != request.engine:
            return
        speed = self._speeds.get(request.engine.speed_key)
        before = self._before_of(request)
        if request.before is not None and before is None:
            speed = None  # the half that is known is not the whole
        self._task.put(
            self._lane.submit(
                lambda: cost(ready.engine, picture, request, speed, before), on_done=self._done
            )
        )

    def _before_of(self, request: UpscaleRequest) -> tuple[Engine, float] | None:
        """The network that goes before, and its speed, as soon as both are known."""
        if request.before is None or self._before is None:
            return None
        speed = self._speeds.get(request.before.speed_key)
        if self._before.request != request.before or speed is None:
            return None
        return self._before.engine, speed

    def _done(self, found: Cost) -> None:
        self.known.emit(found)


def _work_of(result: Result, scale: int) -> float:
    """How many times the source's pixels went through the network, all passes together."""
    from srgan_desktop.core.upscaling.size import plan_passes

    if scale < 2:
        return 1.0
    source = (result.source.picture.width, result.source.picture.height)
    before, work = source, 0
    for after in plan_passes(source, (result.picture.width, result.picture.height), scale):
        work += before[0] * before[1]
        before = after
    return work / (source[0] * source[1])
