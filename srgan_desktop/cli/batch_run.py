"""Working a queue off on the command line, for all commands that do."""

from __future__ import annotations

import argparse
import contextlib
import signal
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING

from srgan_desktop.cli.shared import open_engine, say
from srgan_desktop.cli.upscale_report import Reporter
from srgan_desktop.core.base.translation import tr

if TYPE_CHECKING:
    from srgan_desktop.core.base.events import BatchFinished, Event
    from srgan_desktop.core.engine.engine import Engine
    from srgan_desktop.core.jobs.engines import OpenEngine
    from srgan_desktop.core.jobs.options import BatchOptions
    from srgan_desktop.core.jobs.queue import Queue


def end_like_ctrl_c() -> None:
    """Asked to end, or its terminal closed, the program cleans up as after Ctrl+C."""
    for number in (getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP", "SIGBREAK")):
        # what nohup made deaf stays deaf; other threads' programs handle signals themselves
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            with contextlib.suppress(ValueError):
                signal.signal(number, signal.default_int_handler)


def open_engine_aloud(arguments: argparse.Namespace) -> Engine:
    """The engine asked for, its warnings said."""
    engine = open_engine(arguments)
    for warning in engine.warnings:
        say(tr("warning: {message}", message=warning))
    return engine


def open_queue(path: Path | None, *, read_only: bool = False) -> Queue:
    """A queue, and a word on what happened to it; None: in memory."""
    from srgan_desktop.core.jobs.queue import Queue

    queue = Queue(path, read_only=read_only)
    if queue.notice:
        say(tr("warning: {message}", message=queue.notice))
    return queue


def run_queue(queue: Queue, openers: list[OpenEngine]) -> Generator[Event, None, BatchFinished]:
    """As ``core.jobs.runner``, loaded only now."""
    from srgan_desktop.core.jobs import runner

    return runner.run_queue(queue, openers)


def run_on_cluster(
    arguments: argparse.Namespace, queue: Queue
) -> Generator[Event, None, BatchFinished]:
    """As ``core.jobs.cluster``, loaded only now."""
    from srgan_desktop.core.jobs import cluster
    from srgan_desktop.core.jobs.cluster_task import Where

    where = Where(arguments.device, arguments.precision, arguments.threads)
    return cluster.run_on_cluster(queue, arguments.cluster, where=where)


def engine_openers(
    arguments: argparse.Namespace, options: BatchOptions, engine: Engine
) -> list[OpenEngine]:
    """For all devices to use; the first already has ``engine``, which ``options`` ask for."""
    from srgan_desktop.core.jobs import engines

    first, *others = engines.engine_openers(
        arguments.device, arguments.precision, arguments.threads
    )
    opened = {engines.model_key(options), engines.model_key(options.absolute())}

    def opener(wanted: BatchOptions) -> Engine:
        return engine if engines.model_key(wanted) in opened else first(wanted)

    return [opener, *others]


def work_off(
    events: Generator[Event, None, BatchFinished],
    reporter: Reporter,
    between: Callable[[], object] = lambda: None,
) -> BatchFinished:
    """Show a run's events but the last, which is returned; ``between`` is called after each."""
    from srgan_desktop.core.base.events import BatchFinished

    finished = BatchFinished(0, 0, 0, 0, 0.0)
    try:
        for event in events:
            if isinstance(event, BatchFinished):
                finished = event
            else:
                reporter.show(event)
            between()
    finally:
        events.close()  # stops between tiles
    return finished
