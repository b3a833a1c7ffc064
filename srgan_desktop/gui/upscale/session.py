"""What the page is busy with: one picture, one wish, one result. No widgets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.errors import ModelFileError, UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common import files
from srgan_desktop.gui.common.engine_worker import EngineWorker, cost
from srgan_desktop.gui.common.explain import explain
from srgan_desktop.gui.common.requests import (
    Cost,
    EngineReady,
    EngineRequest,
    Notice,
    OpenedImage,
    Order,
    Result,
    ResultStarted,
    SpeedMeasured,
    TileFinished,
    UpscaleRequest,
)
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.worker import Task
from srgan_desktop.gui.upscale.unsaved_results import Kept

# beyond this the work starts only when asked for: it takes hours and a lot of disk
START_BY_ITSELF_PIXELS = 400_000_000
COST_DELAY_MS = 120
# below the cache folder: what came from the clipboard, for as long as the window is open
PASTED = "pasted"


class Session(QObject):
    """Reads, enlarges, and tells; what is out of date is never told."""

    models_listed = Signal(list)
    devices_listed = Signal(list)
    opened = Signal(object)
    """The ``OpenedImage`` that is enlarged from now on."""
    left = Signal(object)
    """The ``Kept`` result of a picture whose place another takes now."""
    restored = Signal(object)
    """The ``Result`` that is shown again, after ``opened`` told of its picture."""
    result_started = Signal(object)
    tile_finished = Signal(object)
    finished = Signal(object)
    stopped = Signal()
    cost_known = Signal(object)
    notice = Signal(str, str)
    """A message and its kind: "info", "warning"."""
    changed = Signal()
    """Whether it works, can start or can save."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self.worker = EngineWorker()
        self.picture: OpenedImage | None = None
        self.result: Result | None = None
        self.request: UpscaleRequest | None = None
        self._result_request: UpscaleRequest | None = None
        self._opening: Task | None = None
        self._working: Task | None = None
        self._preparing: Task | None = None
        self._costing: Task | None = None
        self._ready: EngineReady | None = None
        self._speeds: dict[object, float] = {}
        self._looking = (0.5, 0.5)
        self._cost_timer = QTimer(self)
        self._cost_timer.setSingleShot(True)
        self._cost_timer.setInterval(COST_DELAY_MS)
        self._cost_timer.timeout.connect(self._ask_cost)

    # state

    @property
    def working(self) -> bool:
        """Whether the picture is being enlarged."""
        return self._working is not None

    @property
    def opening(self) -> bool:
        """Whether a picture is being read."""
        return self._opening is not None

    @property
    def up_to_date(self) -> bool:
        """Whether the result is what is wished for."""
        return self.result is not None and self.request == self._result_request

    @property
    def can_start(self) -> bool:
        """Whether there is something to do that is not being done."""
        ready = self.picture is not None and self.request is not None
        return ready and not self.working and not self.up_to_date and self._size() is not None

    # wishes

    def list_models(self) -> None:
        """Ask for the catalogue and the devices; loads torch, in the background."""
        lane = self._services.device_lane
        lane.submit(
            self.worker.models, on_done=self.models_listed.emit, on_failed=self._fail_quietly
        )
        lane.submit(
            self.worker.devices, on_done=self.devices_listed.emit, on_failed=self._fail_quietly
        )

    def open_file(self, path: Path, *, pasted: bool = False) -> None:
        """Read a picture; what is shown stays until it is there."""
        self._cancel("_opening")
        pasted = pasted or path.parent == places.cache_folder() / PASTED
        self._opening = self._services.file_lane.submit(
            lambda: files.open_file(path, pasted=pasted),
            on_done=self._opened,
            on_failed=self._opening_failed,
        )
        self.changed.emit()

    def stay(self) -> None:
        """What is shown is wanted, not what is being read."""
        self._cancel("_opening")
        self.changed.emit()

    def restore(self, kept: Kept) -> None:
        """Show an earlier result again; it stays, also where the wish is another by now."""
        self._cancel("_opening")
        self._leave()
        result = kept.result
        self.picture, self.result, self._result_request = result.source, result, kept.request
        self.opened.emit(result.source)
        self.restored.emit(result)
        self._cost_timer.start()
        self.changed.emit()

    def open_pasted(self, image: QImage) -> None:
        """A picture from the clipboard."""
        self._cancel("_opening")
        folder = places.cache_folder() / PASTED
        self._opening = self._services.file_lane.submit(
            lambda: files.keep_pasted(image, folder),
            on_done=self._pasted,
            on_failed=self._opening_failed,
        )
        self.changed.emit()

    def set_request(self, request: UpscaleRequest | None) -> None:
        """Enlarge like this from now on; starts by itself where that is wanted."""
        if request == self.request:
            return
        self.request = request
        self._cancel("_working")
        self._go_on()

    def look_at(self, x: float, y: float) -> None:
        """Where in the result a person looks, as shares of width and height."""
        self._looking = (x, y)

    def start(self) -> None:
        """Enlarge the picture now."""
        picture, request = self.picture, self.request
        size = self._size()
        if picture is None or request is None or size is None:
            return
        self._cancel("_working")
        self._cancel("_preparing")
        order = self._order(size)
        self._working = self._services.device_lane.submit(
            lambda: self.worker.enlarge(picture, request, order),
            on_event=self._take,
            on_done=self._finished,
            on_failed=self._work_failed,
        )
        self.changed.emit()

    @Slot()
    def stop(self) -> None:
        """Stop after the tile that is being made."""
        if self.working:
            self._cancel("_working")
            self.stopped.emit()
            self.changed.emit()

    def shutdown(self) -> None:
        """Nothing more is wanted."""
        self._cost_timer.stop()
        for name in ("_opening", "_working", "_preparing", "_costing"):
            self._cancel(name)

    # inside

    def _order(self, size: tuple[int, int]) -> Order:
        """How far a tile's middle is from where one looks; asked by the device's thread."""
        width, height = size

        def distance(x: float, y: float, w: float, h: float) -> float:
            at = self._looking  # replaced as a whole, so never half of two
            return (x + w / 2 - at[0] * width) ** 2 + (y + h / 2 - at[1] * height) ** 2

        return distance

    def _size(self) -> tuple[int, int] | None:
        if self.picture is None or self.request is None:
            return None
        try:
            return self.request.size.resolve(*self.picture.size)
        except UsageError:
            return None

    def _cancel(self, name: str) -> None:
        task: Task | None = getattr(self, name)
        if task is not None:
            task.cancel()
            setattr(self, name, None)

    def _go_on(self) -> None:
        """After another picture or wish: start, or wait to be told to."""
        size = self._size()
        wanted = self._services.settings.flag("upscale/work_on_drop")
        small = size is not None and size[0] * size[1] <= START_BY_ITSELF_PIXELS
        if self.can_start and wanted and small:
            self.start()
        elif self.can_start and wanted and size is not None:
            self.notice.emit(
                tr(
                    "The result would have {n:.0f} million pixels. Look at what it takes, "
                    "then press Start.",
                    n=size[0] * size[1] / 1e6,
                ),
                "info",
            )
        elif self.picture is None and self.request is not None:
            self._prepare(self.request.engine)
        self._cost_timer.start()
        self.changed.emit()

    def _prepare(self, request: EngineRequest) -> None:
        """Load the network while nobody waits for it yet."""
        if self._ready is not None and self._ready.request == request:
            return
        self._cancel("_preparing")
        self._preparing = self._services.device_lane.submit(
            lambda: self.worker.prepare(request),
            on_event=self._take,
            on_failed=self._prepare_failed,
        )

    def _pasted(self, path: Path) -> None:
        self.open_file(path, pasted=True)

    def _opened(self, picture: OpenedImage) -> None:
        self._opening = None
        self._leave()
        self.picture, self.result, self._result_request = picture, None, None
        self.opened.emit(picture)
        # where there are more frames the page says so, with what can be done about it
        for warning in picture.picture.warnings[:1] if picture.frames == 1 else ():
            self.notice.emit(f"{picture.path.name}: {warning}", "info")
        self._go_on()

    def _leave(self) -> None:
        self._cancel("_working")
        if self.result is not None:
            self.left.emit(Kept(self.result, self._result_request))

    def _opening_failed(self, error: BaseException) -> None:
        self._opening = None
        self._tell(error)
        self.changed.emit()

    def _take(self, event: Any) -> None:
        match event:
            case EngineReady():
                for warning in event.warnings[:1]:
                    if self._ready is None or self._ready.request != event.request:
                        self.notice.emit(warning, "info")
                self._ready = event
                self._cost_timer.start()
            case SpeedMeasured():
                self._speeds[event.request.speed_key] = event.seconds_per_pixel
                self._cost_timer.start()
            case ResultStarted():
                self.result_started.emit(event)
            case TileFinished():
                self.tile_finished.emit(event)
            case Notice():
                self.notice.emit(event.message, "warning")

    def _finished(self, result: Result) -> None:
        self._working = None
        request = self.request
        self.result, self._result_request = result, request
        if request is not None and not request.tta and result.seconds > 0:
            pixels = result.source.picture.width * result.source.picture.height
            passes = _work_of(request, result, self._ready.scale if self._ready else 0)
            self._speeds[request.engine.speed_key] = result.seconds / max(1, pixels * passes)
        self._cost_timer.start()
        self.finished.emit(result)
        self.changed.emit()

    def _work_failed(self, error: BaseException) -> None:
        self._working = None
        self._tell(error)
        if isinstance(error, ModelFileError):
            self.list_models()
        self.stopped.emit()
        self.changed.emit()

    def _prepare_failed(self, error: BaseException) -> None:
        self._preparing = None
        self._tell(error)

    def _fail_quietly(self, error: BaseException) -> None:
        self._tell(error)

    def _tell(self, error: BaseException) -> None:
        text = explain(error)
        if text is None:
            self._services.faults.report(error)
        else:
            self.notice.emit(text, "warning")

    @Slot()
    def _ask_cost(self) -> None:
        picture, request, ready = self.picture, self.request, self._ready
        if picture is None or request is None or ready is None or ready.request != request.engine:
            return
        if self._size() is None:
            return
        self._cancel("_costing")
        speed = self._speeds.get(request.engine.speed_key)
        self._costing = self._services.file_lane.submit(
            lambda: cost(ready.engine, picture.path, request, speed), on_done=self._cost_done
        )

    def _cost_done(self, found: Cost) -> None:
        self._costing = None
        self.cost_known.emit(found)


def _work_of(request: UpscaleRequest, result: Result, scale: int) -> float:
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
