"""Files enlarged with a network that is at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from srgan_desktop.core.base.events import Event
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.jobs.item import ItemChanged
from srgan_desktop.core.jobs.options import BatchOptions, ModelFacts
from srgan_desktop.core.jobs.plan import Plan, plan_source
from srgan_desktop.core.jobs.queue import Queue
from srgan_desktop.core.jobs.runner import run_queue
from srgan_desktop.core.jobs.sources import Source


class FixedDevice:
    """Gives one network, or what a function makes; that is kept until another is asked for."""

    def __init__(self, engine: Engine | Callable[[BatchOptions], Engine]) -> None:
        self._engine = engine
        self._kept: tuple[str, Engine] | None = None

    def open(self, options: BatchOptions) -> Engine:
        if isinstance(self._engine, Engine):
            return self._engine
        if self._kept is None or self._kept[0] != options.model:
            self._kept = (options.model, self._engine(options))
        return self._kept[1]

    def open_before(self, options: BatchOptions) -> None:
        return None

    def forget(self, engine: Engine) -> None:
        pass


def upscale_files(
    sources: Sequence[Source], engine: Engine, options: BatchOptions
) -> Iterator[Event]:
    """One after the other, as the command line does a handful; without word of the queue."""
    with Queue() as queue:
        queue.add(sources, options)
        events = run_queue(queue, [FixedDevice(engine)], in_flight=1, patient=False)
        try:
            for event in events:
                if not isinstance(event, ItemChanged) and event.event != "progress":
                    yield event
        finally:
            events.close()


def upscale_file(source: Source, engine: Engine, options: BatchOptions) -> Iterator[Event]:
    """The same for one, without the end of the run."""
    for event in upscale_files([source], engine, options):
        if event.event != "batch_finished":
            yield event


def plan_file(source: Source, engine: Engine, options: BatchOptions) -> Plan:
    return plan_source(source, ModelFacts(engine.card.name, engine.scale), options)
