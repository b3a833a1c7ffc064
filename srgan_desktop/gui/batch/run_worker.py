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
    from srgan_desktop.core.base.event import Event
    from srgan_desktop.core.engine.engine import Engine
    from srgan_desktop.core.jobs.engines import OpenEngine
    from srgan_desktop.core.jobs.options import BatchOptions
    from srgan_desktop.core.jobs.queue import Queue
    from srgan_desktop.core.jobs.runner import Control

# the window is told at most this often; events between are handed over together
TELL_S = 0.05
AT_ONCE = ("paused", "resumed", "batch_finished")
LOOK_S = 0.05
# small enough to let others have the device soon
CPU_TILE = 384


@dataclass(frozen=True)
class Where:
    """The settings that say where and how exactly networks run."""

    device: str
    precision: str


@dataclass(frozen=True, eq=False)
class Facts:
    """An engine, only to be asked for its facts, and how fast it is."""

    engine: Engine
    seconds_per_pixel: float


class Signs:
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
    """Keeps the networks between runs and estimates."""

    def __init__(self) -> None:
        self._engines: dict[tuple[int, str, float | None, Where], Engine] = {}
        self._speeds: dict[tuple[str, Where], float] = {}

    def facts(self, options: BatchOptions, where: Where) -> Generator[None, None, Facts]:
        """Load the network and see how fast it is, for estimates.

        Raises what ``open_engine`` raises.
        """
        yield
        engine = self._openers(where)[0](options)
        key = (options.model, where)
        if key not in self._speeds:
            from srgan_desktop.core.jobs.estimate import measure_speed

            self._speeds[key] = measure_speed(engine)
        return Facts(engine, self._speeds[key])

    def drain(
        self, queue: Queue, control: Control, where: Where, signs: Signs
    ) -> Generator[list[Event], None, None]:
        """The run itself, on a lane of its own; its events come in bundles.

        Raises what ``run_queue`` raises.
        """
        from srgan_desktop.core.jobs.runner import run_queue

        bundle: list[Event] = []
        notice = time.monotonic()
        try:
            for event in run_queue(queue, self._openers(where), control):
                signs.note(event)
                bundle.append(event)
                if time.monotonic() - notice >= TELL_S or event.event in AT_ONCE:
                    yield bundle
                    bundle, notice = [], time.monotonic()
            yield bundle
        finally:
            signs.over.set()

    def _openers(self, where: Where) -> list[OpenEngine]:
        from srgan_desktop.core.jobs.engines import engine_openers

        openers = engine_openers(where.device, where.precision)
        return [self._kept(number, opener, where) for number, opener in enumerate(openers)]

    def _kept(self, number: int, opener: OpenEngine, where: Where) -> OpenEngine:
        """The same, for estimates and runs alike: what was opened last is not opened again."""

        def kept(options: BatchOptions) -> Engine:
            key = (number, options.model, options.detail, where)
            engine = self._engines.get(key)
            if engine is None:
                others = [known for known in self._engines if known[0] == number]
                for known in others:  # two at a time may not fit
                    del self._engines[known]
                engine = self._engines[key] = _ready_to_share(opener(options))
            return engine

        return kept


def _ready_to_share(engine: Engine) -> Engine:
    """On a processor pieces are kept small: whoever waits for the device gets it soon."""
    if engine.device == "cpu":
        largest = engine.tile_side

        def small(free_bytes: int | None = None) -> int:
            return min(CPU_TILE, largest(free_bytes))

        engine.tile_side = small  # type: ignore[method-assign]
    return engine


def hold(
    control: Control, signs: Signs, others_wait: Callable[[], bool], wants_pause: Callable[[], bool]
) -> Generator[None, None, None]:
    """Have the device for a run, on the device's lane, until somebody else wants it."""
    if wants_pause() or control.stopped or signs.over.is_set():
        return
    control.resume()
    while not signs.over.wait(LOOK_S):
        yield  # the device is ours
        if others_wait() or wants_pause():
            control.pause()
            if signs.quiet.is_set():
                return
        elif control.paused:
            # the wish was taken back before the piece in work was done
            control.resume()
