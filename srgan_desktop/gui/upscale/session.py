"""What the page is busy with: one picture, one request, one result. No widgets."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage

from srgan_desktop.core.base.errors import ModelFileError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.crop import Crop
from srgan_desktop.gui.common.engine_worker import EngineWorker
from srgan_desktop.gui.common.error_text import explain
from srgan_desktop.gui.common.requests import (
    EngineReady,
    Notice,
    OpenedImage,
    Order,
    PictureJudged,
    Result,
    ResultStarted,
    SpeedMeasured,
    TileFinished,
    UpscaleRequest,
)
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.worker import TaskSlot
from srgan_desktop.gui.upscale.attempt import Attempt
from srgan_desktop.gui.upscale.costs import CostEstimator
from srgan_desktop.gui.upscale.image_opener import ImageOpener
from srgan_desktop.gui.upscale.known_networks import KnownNetworks
from srgan_desktop.gui.upscale.network_keeper import NetworkKeeper
from srgan_desktop.gui.upscale.request_model import RequestModel
from srgan_desktop.gui.upscale.unsaved_results import Kept

# beyond this the work starts only when asked for: it takes hours and a lot of disk
START_BY_ITSELF_PIXELS = 400_000_000


class Session(QObject):
    """Reads and enlarges as the ``RequestModel`` says; what is out of date is never reported.

    Attributes:
        picture: what is enlarged.
        result: its newest result that is whole.
        request: how it is, or would be, enlarged.
    """

    devices_listed = Signal(list)
    opened = Signal(object)
    """The ``OpenedImage`` that is enlarged from now on."""
    closed = Signal()
    """There is no picture any more."""
    left = Signal(object)
    """The ``Kept`` result of a picture whose place another takes now."""
    restored = Signal(object)
    """The ``Result`` that is shown again, after ``opened`` told of its picture."""
    started = Signal()
    """Work has begun anew: nothing is done yet."""
    judged = Signal(object)
    """A ``PictureJudged``: what a model that adapts finds in the picture; None: not yet known."""
    result_started = Signal(object)
    tile_finished = Signal(object)
    finished = Signal(object)
    stopped = Signal()
    notice = Signal(str, str)
    """A message and its kind: "info", "warning"."""
    changed = Signal()
    """Whether it works, can start or can save."""

    def __init__(self, services: Services, requests: RequestModel) -> None:
        super().__init__()
        self._services = services
        self._requests = requests
        self.worker = EngineWorker(services.engines)
        self.opener = ImageOpener(services.file_lane)
        self.costs = CostEstimator(services.file_lane)
        self.picture: OpenedImage | None = None
        self.result: Result | None = None
        self.request: UpscaleRequest | None = None
        self._result_request: UpscaleRequest | None = None
        self._judged: PictureJudged | None = None
        self._work, self._preparation = TaskSlot(), TaskSlot()
        self._known = KnownNetworks(services.settings, self)
        self._interrupted = False
        self._looking = (0.5, 0.5)
        self._keeper = NetworkKeeper(services.device_lane, self.worker, self)
        self._attempt = Attempt(time.monotonic)
        self.opener.opened.connect(self._opened)
        self.opener.failed.connect(self._opening_failed)
        requests.changed.connect(self._request_changed)
        requests.adjusting.connect(self.interrupt)
        self._known.outdated.connect(self._prepare)

    # state

    @property
    def working(self) -> bool:
        """Whether the picture is being enlarged."""
        return self._work.busy

    @property
    def opening(self) -> bool:
        """Whether a picture is being read."""
        return self.opener.busy

    @property
    def up_to_date(self) -> bool:
        """Whether the result is what is asked for."""
        return self.result is not None and self.request == self._result_request

    @property
    def can_start(self) -> bool:
        """Whether there is something to do that is not being done."""
        ready = self.picture is not None and self.request is not None
        sized = self._requests.result_size() is not None
        return ready and not self.working and not self.up_to_date and sized

    @property
    def goes_on(self) -> bool:
        """Whether Start would go on where the work was stopped."""
        return self._attempt.goes_on(self.picture, self.request)

    @property
    def seconds_at_risk(self) -> float:
        """What would have to be done again if the work were stopped now."""
        return self._attempt.seconds_at_risk if self.working else 0.0

    # what is asked of it

    @Slot()
    def list_models(self) -> None:
        """Ask for the catalogue and the devices, in the background: that may load torch."""
        lane = self._services.device_lane
        lane.submit(self.worker.models, on_done=self._requests.set_models, on_failed=self._report)
        lane.submit(self.worker.devices, on_done=self.devices_listed.emit, on_failed=self._report)

    def open_file(self, path: Path) -> None:
        """Read a picture; what is shown stays until it is there."""
        self.opener.open_file(path)
        self.changed.emit()

    def open_pasted(self, image: QImage) -> None:
        """A picture from the clipboard."""
        self.opener.open_pasted(image)
        self.changed.emit()

    def stay(self) -> None:
        """What is shown is wanted, not what is being read."""
        self.opener.cancel()
        self.changed.emit()

    def close(self) -> None:
        """Let go of the picture; nobody asks for its result any more."""
        self.opener.cancel()
        self._work.cancel()
        self._attempt.forget()
        self.picture = self.result = self._result_request = self._judged = None
        self._interrupted = False
        self._requests.set_source(None)
        self.judged.emit(None)
        self.closed.emit()
        self._requests.changed.emit()
        self._go_on()

    def restore(self, kept: Kept) -> None:
        """Show an earlier result again; it stays, also where the request is another by now."""
        self.opener.cancel()
        self._take_place(kept.result.source, kept)
        self.restored.emit(kept.result)
        self._estimate()
        self.changed.emit()

    def crop_to(self, crop: Crop | None) -> None:
        """Enlarge only this part of the picture, or all of it again.

        As after any other change of what is asked for, the result that there is gives way.
        """
        if self.picture is not None:
            self.result = None
            self._take_place(self.picture.cropped(crop))
            self._go_on()

    def look_at(self, x: float, y: float) -> None:
        """Where in the result a person looks, as fractions of width and height."""
        self._looking = (x, y)

    @Slot()
    def start(self) -> None:
        """Enlarge the picture now."""
        picture, request = self.picture, self.request
        size = self._requests.result_size()
        if picture is None or request is None or size is None:
            return
        self._interrupted = False
        self._keeper.wait()
        self._preparation.cancel()
        order = _order(size, lambda: self._looking)
        unfinished = self._attempt.begin(picture, request)
        self._work.put(
            self._services.device_lane.submit(
                lambda: self.worker.enlarge(picture, request, order, unfinished),
                on_event=self._take,
                on_done=self._finished,
                on_failed=self._work_failed,
            )
        )
        self.started.emit()
        self.changed.emit()

    @Slot()
    def stop(self) -> None:
        """Stop after the tile that is being made."""
        if self.working:
            self._work.cancel()
            self.stopped.emit()
            self.changed.emit()

    @Slot()
    def interrupt(self) -> None:
        """Stop, for another request will follow in a moment."""
        if self.working:
            self._interrupted = True
            self._work.cancel()
            self.changed.emit()

    def shutdown(self) -> None:
        """Nothing more is wanted."""
        self._keeper.wait()
        self.costs.stop()
        self.opener.cancel()
        self._work.cancel()
        self._preparation.cancel()

    # inside

    @Slot()
    def _request_changed(self) -> None:
        """Enlarge like this from now on; starts by itself where that is wanted."""
        request, interrupted = self._requests.request, self._interrupted
        same = request == self.request
        if same and not interrupted:
            return
        stopped = self.working or interrupted
        self._interrupted = False
        self._known.forget_replaced(self.request, request)
        self.request = request
        self._work.cancel()
        if same:
            # there and back: what was being made is wanted after all
            self.start()
        else:
            self._go_on()
        if stopped and not self.working:
            # what was being made is not wanted, and nothing else will take its place
            self.stopped.emit()
            self.changed.emit()

    def _go_on(self) -> None:
        """After another picture or request: start, or wait to be told to."""
        size = self._requests.result_size()
        wanted = self._services.settings.flag("upscale/work_on_drop")
        small = size is not None and size[0] * size[1] <= START_BY_ITSELF_PIXELS
        if self.can_start and wanted and small:
            self.start()
        elif self.can_start and wanted and size is not None:
            self.notice.emit(
                tr(
                    "The result would have {n:.0f} million pixels. Check the estimate, "
                    "then press Start.",
                    n=size[0] * size[1] / 1e6,
                ),
                "info",
            )
        self._prepare()
        self._estimate()
        self.changed.emit()

    def _estimate(self) -> None:
        """A size that makes no sense is told of elsewhere, and costs nothing."""
        sized = self._requests.result_size() is not None
        self.costs.estimate(self.picture, self.request if sized else None)

    @Slot()
    def _prepare(self) -> None:
        """Load the networks while nobody waits for them yet, and see what they cost."""
        if self.request is None or self.working:
            return
        wanted = self._known.missing(self.request)
        if wanted:
            self._preparation.put(
                self._services.device_lane.submit(
                    lambda: self.worker.prepare(*wanted),
                    on_event=self._take,
                    on_failed=self._report,
                )
            )

    @Slot(object)
    def _opened(self, picture: OpenedImage) -> None:
        self._take_place(picture)
        # where there are more frames the page says so, with what can be done about it
        for warning in picture.picture.warnings[:1] if picture.frames == 1 else ():
            self.notice.emit(f"{picture.path.name}: {warning}", "info")
        self._go_on()

    def _take_place(self, picture: OpenedImage, kept: Kept | None = None) -> None:
        """Another picture, with what is kept of it, after the one before has been left."""
        self._work.cancel()
        self._attempt.forget()
        if self.result is not None:
            self.left.emit(Kept(self.result, self._result_request, self._judged))
        self.picture = picture
        self.result = None if kept is None else kept.result
        self._result_request = None if kept is None else kept.request
        self._judged = None if kept is None else kept.judged
        self._requests.set_source(picture.size)
        self.request, self._interrupted = self._requests.request, False
        self.judged.emit(self._judged)
        self.opened.emit(picture)

    @Slot(object)
    def _opening_failed(self, error: BaseException) -> None:
        self._report(error)
        self.changed.emit()

    def _take(self, event: Any) -> None:
        match event:
            case EngineReady():
                if self._known.note(event):
                    for warning in event.warnings[:1]:
                        self.notice.emit(warning, "info")
                self.costs.engine_ready(event)
            case SpeedMeasured():
                self.costs.speed_measured(event)
            case PictureJudged():
                self._judged = event
                self.judged.emit(event)
            case ResultStarted():
                self.result_started.emit(event)
            case TileFinished():
                self.tile_finished.emit(event)
            case Notice():
                self.notice.emit(event.message, "warning")

    def _finished(self, result: Result) -> None:
        self.result, self._result_request = result, self.request
        if self.request is not None:
            if not self._attempt.is_resumed:
                self.costs.result_finished(result, self.request)
            self._keeper.keep_soon(self.request.engine)
        self._attempt.forget()
        self.finished.emit(result)
        self.changed.emit()

    def _work_failed(self, error: BaseException) -> None:
        self._report(error)
        self._attempt.forget()
        if isinstance(error, ModelFileError):
            self.list_models()
        self.stopped.emit()
        self.changed.emit()

    def _report(self, error: BaseException) -> None:
        text = explain(error)
        if text is None:
            self._services.faults.report(error)
        else:
            self.notice.emit(text, "warning")


def _order(size: tuple[int, int], looking: Callable[[], tuple[float, float]]) -> Order:
    """How far a tile's middle is from where one looks; asked by the device's thread."""
    width, height = size

    def distance(x: float, y: float, w: float, h: float) -> float:
        at = looking()  # replaced as a whole, so never half of two
        return (x + w / 2 - at[0] * width) ** 2 + (y + h / 2 - at[1] * height) ** 2

    return distance
