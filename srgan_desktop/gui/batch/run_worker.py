"""What a run of the queue does on threads: telling what happens, and having the device or not.

The run computes on threads of its own. So that one piece of work at a time has the device, it
computes only while ``hold`` sits on the device's lane: as soon as anybody else wants that, the run
is paused after the piece in work, and goes on when the lane comes to the next ``hold``. A single
picture on the Upscale page never waits for more than one piece of the batch.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from srgan_desktop.core.base.events import Event
    from srgan_desktop.core.engine.cache import EngineCache
    from srgan_desktop.core.engine.engine import Engine
    from srgan_desktop.core.jobs.engines import CachedDevice
    from srgan_desktop.core.jobs.estimate import EngineSpeed
    from srgan_desktop.core.jobs.options import BatchOptions
    from srgan_desktop.core.jobs.queue import Queue
    from srgan_desktop.core.jobs.runner import Control

# the window is told at most this often; events between are handed over together
REPORT_S = 0.05
AT_ONCE = ("paused", "resumed", "batch_finished")
LOOK_S = 0.05
# small enough to let others have the device soon
CPU_TILE = 384


@dataclass(frozen=True)
class DeviceChoice:
    """The settings that say where and how exactly networks run."""

    device: str
    precision: str


@dataclass(frozen=True, eq=False)
class NetworkFacts:
    """The networks of a run's options, for estimates; ``before`` works before the other one."""

    engine: EngineSpeed
    before: EngineSpeed | None


class RunFlags:
    """By which the two threads of one run know of each other."""

    def __init__(self) -> None:
        self.quiet = threading.Event()
        """Nothing is computed."""
        self.over = threading.Event()

    def note(self, event: Event) -> None:
        """Of what the run tells."""
        if event.event == "paused":
            self.quiet.set()
        elif event.event == "resumed":
            self.quiet.clear()


class RunWorker:
    """Runs and estimates, with the networks of ``engines``."""

    def __init__(self, engines: EngineCache) -> None:
        self._engines = engines
        self._speeds: dict[tuple[str, DeviceChoice, int], float] = {}

    def facts(
        self, options: BatchOptions, where: DeviceChoice
    ) -> Generator[None, None, NetworkFacts]:
        """Load the networks and see how fast they are, for estimates. For the device's lane.

        Raises what ``open_engine`` raises.
        """
        yield
        device = self._devices(where)[0]
        threads = self._engines.threads
        engine = self._timed(device.open(options), (options.model, where, threads))
        before = device.open_before(options)
        if before is None or options.before is None:
            return NetworkFacts(engine, None)
        return NetworkFacts(engine, self._timed(before, (options.before, where, threads)))

    def _timed(self, engine: Engine, key: tuple[str, DeviceChoice, int]) -> EngineSpeed:
        from srgan_desktop.core.jobs.estimate import EngineSpeed, measure_speed

        if key not in self._speeds:
            self._speeds[key] = measure_speed(engine)
        return EngineSpeed(engine, self._speeds[key])

    def drain(
        self, queue: Queue, control: Control, where: DeviceChoice, flags: RunFlags
    ) -> Generator[list[Event], None, None]:
        """The run itself, on a lane of its own; its events come in bundles.

        It computes, on threads of its own, only while ``hold`` sits on the device's lane.

        Raises what ``run_queue`` raises.
        """
        from srgan_desktop.core.jobs.runner import run_queue

        bundle: list[Event] = []
        notice = time.monotonic()
        try:
            for event in run_queue(queue, self._devices(where), control, cpu_tile=CPU_TILE):
                flags.note(event)
                bundle.append(event)
                if time.monotonic() - notice >= REPORT_S or event.event in AT_ONCE:
                    yield bundle
                    bundle, notice = [], time.monotonic()
            yield bundle
        finally:
            flags.over.set()

    def _devices(self, where: DeviceChoice) -> list[CachedDevice]:
        from srgan_desktop.core.jobs.engines import devices

        return devices(self._engines, where.device, where.precision)


def hold(
    control: Control,
    flags: RunFlags,
    others_wait: Callable[[], bool],
    wants_pause: Callable[[], bool],
) -> Generator[None, None, None]:
    """Have the device for a run, on the device's lane, until somebody else wants it."""
    if wants_pause() or control.stopped or flags.over.is_set():
        return
    control.resume()
    while not flags.over.wait(LOOK_S):
        yield  # the device is ours
        if others_wait() or wants_pause():
            control.pause()
            if flags.quiet.is_set():
                return
        elif control.paused:
            # the request was taken back before the piece in work was done
            control.resume()
