"""A run of the queue as the page sees it: begun, held, let go on, ended. No widgets."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from srgan_desktop.core.base.events import (
    BatchFinished,
    BatchProgress,
    Event,
    FileTile,
    Paused,
    Resumed,
)
from srgan_desktop.core.jobs.item import Item, ItemChanged
from srgan_desktop.gui.batch.run_worker import DeviceChoice, RunFlags, RunWorker, hold
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.worker import Lane

if TYPE_CHECKING:
    from srgan_desktop.core.jobs.queue import Queue
    from srgan_desktop.core.jobs.runner import Control


class State(StrEnum):
    """Of a run."""

    IDLE = "idle"
    RUNNING = "running"
    YIELDING = "yielding"
    """Others have the device."""
    PAUSED = "paused"
    """The person wants it so."""
    STOPPING = "stopping"


class BatchRun(QObject):
    """Works while it has the device's lane; whoever else waits for that gets it soon."""

    state_changed = Signal()
    items_changed = Signal(object)
    """Items that are others now."""
    shares_changed = Signal(object)
    """How far the items in work are, 0..1, by id."""
    progressed = Signal()
    held = Signal(str)
    """It waits by itself, such as for room on the disk; why. Empty: it goes on."""
    ended = Signal(object)
    """The ``BatchFinished``, or None where it was stopped or failed."""
    failed = Signal(Exception)

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self._worker = RunWorker(services.engines)
        self._queue: Queue | None = None
        self._control: Control | None = None
        self._lane = Lane("batch run", self)
        self._wants_pause = False
        self._asked = self._begun = False
        self._flags = RunFlags()
        self._state = State.IDLE
        self._finished: BatchFinished | None = None
        self.progress: BatchProgress | None = None

    @property
    def worker(self) -> RunWorker:
        """For estimates, on the device's lane."""
        return self._worker

    @property
    def state(self) -> State:
        """What it is doing."""
        return self._state

    @property
    def active(self) -> bool:
        """Whether there is a run, at work or not."""
        return self._state is not State.IDLE

    @property
    def where(self) -> DeviceChoice:
        """As chosen on the Upscale page."""
        settings = self._services.settings
        return DeviceChoice(settings.text("upscale/device"), settings.text("upscale/precision"))

    def start(self, queue: Queue) -> None:
        """Work the queue off."""
        if self.active:
            return
        from srgan_desktop.core.jobs.runner import Control

        self._queue, self._control = queue, Control()
        self._finished = self.progress = None
        self._wants_pause = self._begun = False
        self._flags = RunFlags()
        self._set(State.YIELDING)
        self._ask_device()

    def pause(self) -> None:
        """Hold after the piece in work."""
        if self._state in (State.RUNNING, State.YIELDING) and self._control is not None:
            self._wants_pause = True
            self._control.pause()
            self._set(State.PAUSED)

    def resume(self) -> None:
        """Go on."""
        if self._state is State.PAUSED:
            self._wants_pause = False
            self._set(State.RUNNING if self._asked else State.YIELDING)
            self._ask_device()

    def look_again(self) -> None:
        """Where it waits for room, see at once whether there is some."""
        if self._control is not None and self._state is State.RUNNING:
            self._control.resume()

    def stop(self) -> None:
        """End the run after the piece in work; what is not done keeps waiting."""
        if not self.active or self._control is None:
            return
        self._control.stop()
        if self._begun:
            self._set(State.STOPPING)
        else:
            self._flags.over.set()
            self._end(None)

    def shutdown(self) -> None:
        """The window is going; waits for the piece in work."""
        if self._control is not None:
            self._control.stop()
        self._lane.shutdown()
        self._state = State.IDLE

    # inside

    def _set(self, state: State) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit()

    def _others_wait(self) -> bool:
        """Asked by the device's thread."""
        return self._services.device_lane.crowded

    def _pause_wanted(self) -> bool:
        """Asked by the device's thread."""
        return self._wants_pause

    def _ask_device(self) -> None:
        control, flags = self._control, self._flags
        if control is None or self._asked:
            return
        self._asked = True
        lane = self._services.device_lane
        lane.submit(
            lambda: hold(control, flags, self._others_wait, self._pause_wanted),
            on_event=self._have_device,
            on_done=self._gave_device,
            on_failed=self._fail,
        )
        if self._state is State.RUNNING:
            self._set(State.YIELDING)

    def _have_device(self, _: object) -> None:
        if self._state is State.YIELDING:
            self._set(State.RUNNING)
        queue, control, where, flags = self._queue, self._control, self.where, self._flags
        if self._begun or queue is None or control is None:
            return
        self._begun = True
        self._lane.submit(
            lambda: self._worker.drain(queue, control, where, flags),
            on_event=self._take,
            on_done=self._ran,
            on_failed=self._fail,
        )

    def _gave_device(self, _: object) -> None:
        self._asked = False
        if self._state in (State.RUNNING, State.YIELDING):
            self._ask_device()

    def _ran(self, _: object) -> None:
        self._end(self._finished)

    def _fail(self, error: BaseException) -> None:
        self.failed.emit(error)
        self._end(None)

    def _end(self, finished: BatchFinished | None) -> None:
        self._control = None
        self._set(State.IDLE)
        self.held.emit("")
        self.ended.emit(finished)

    def _take(self, events: list[Event]) -> None:
        items: dict[int, Item] = {}
        shares: dict[int, float] = {}
        for event in events:
            self._take_one(event, items, shares)
        if items:
            self.items_changed.emit(list(items.values()))
        if shares:
            self.shares_changed.emit(shares)
        if events:
            self.progressed.emit()

    def _take_one(self, event: Event, items: dict[int, Item], shares: dict[int, float]) -> None:
        match event:
            case FileTile(item=int(number)):
                shares[number] = event.done / max(1, event.total)
            case ItemChanged():
                items[event.row.id] = event.row
            case BatchProgress():
                self.progress = event
            case Paused():
                if event.reason:
                    self.held.emit(event.reason)
            case Resumed():
                self.held.emit("")
            case BatchFinished():
                self._finished = event
