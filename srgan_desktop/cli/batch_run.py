"""Working a queue off on the command line, for all commands that do."""

from __future__ import annotations

import argparse
import contextlib
import signal
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING

from srgan_desktop.cli.shared import say
from srgan_desktop.cli.upscale_report import Reporter, make_reporter
from srgan_desktop.core.base.errors import ModelFileError, ModelNotFoundError
from srgan_desktop.core.base.translation import tr

if TYPE_CHECKING:
    from srgan_desktop.core.base.events import BatchFinished, Event
    from srgan_desktop.core.engine.engine import Engine
    from srgan_desktop.core.jobs.engines import CachedDevice
    from srgan_desktop.core.jobs.options import BatchOptions
    from srgan_desktop.core.jobs.queue import Queue


def end_like_ctrl_c() -> None:
    """Asked to end, or its terminal closed, the program cleans up as after Ctrl+C."""
    ctrl_c = signal.getsignal(signal.SIGINT)
    # in a shell's background Ctrl+C is ignored, a request to end is not
    handler = ctrl_c if callable(ctrl_c) else signal.default_int_handler
    for number in (getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP", "SIGBREAK")):
        # what nohup made deaf stays deaf; other threads' programs handle signals themselves
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            with contextlib.suppress(ValueError):
                signal.signal(number, handler)


def open_devices(
    arguments: argparse.Namespace, options: BatchOptions
) -> tuple[Engine, list[CachedDevice]]:
    """The devices that share the work, and the network that ``options`` ask for on the first.

    Its warnings are said.
    """
    from srgan_desktop.core.jobs import engines

    listed = engines.devices(
        device=arguments.device, precision=arguments.precision, threads=arguments.threads
    )
    engine = listed[0].open(options)
    listed[0].open_before(options)  # which says now what is wrong with it
    for warning in engine.warnings:
        say(tr("warning: {message}", message=warning))
    return engine, listed


def open_as_called(
    arguments: argparse.Namespace, options: BatchOptions
) -> tuple[Engine, list[CachedDevice]]:
    """As ``open_devices``, for options of this very call.

    Those of rows that are in a queue already are looked at row by row instead: what is wrong with
    some must not keep the rest.

    Raises:
        UsageError: strengths are set, but the model does not adapt.
    """
    from srgan_desktop.core.upscaling.adapting import check_chosen_strengths

    engine, listed = open_devices(arguments, options)
    check_chosen_strengths(engine, options.chosen_strengths)
    return engine, listed


def check_for_cluster(options: BatchOptions) -> None:
    """The same for options of a call that lets a cluster compute, as far as it can be told here.

    The workers may have a model that is not here. They say of each picture what is wrong then.
    """
    if not options.chosen_strengths.are_set:
        return
    from srgan_desktop.core.upscaling.adapting import check_strengths_for
    from srgan_desktop.core.weights.catalogue import find_model
    from srgan_desktop.core.weights.third_party.open_model import card_of

    with contextlib.suppress(ModelNotFoundError, ModelFileError):
        check_strengths_for(card_of(find_model(options.model)), options.chosen_strengths)


def open_queue(path: Path | None, *, read_only: bool = False) -> Queue:
    """A queue, and a word on what happened to it; None: in memory."""
    from srgan_desktop.core.jobs.queue import Queue

    queue = Queue(path, read_only=read_only)
    if queue.notice:
        say(tr("warning: {message}", message=queue.notice))
    return queue


def run_to_the_end(
    arguments: argparse.Namespace,
    queue: Queue,
    options: BatchOptions,
    opened: tuple[Engine, list[CachedDevice]] | None = None,
    *,
    few: bool = False,
) -> int:
    """Work a queue off, on a cluster where ``arguments`` name one, and show it; the exit code.

    Args:
        options: of the first that waits.
        opened: what ``open_devices`` gave for them, where they are open already.
        few: a handful of files: each is finished, and told of, before the next is touched, and a
            full disk fails it instead of being waited for.
    """
    from srgan_desktop.core.base.events import Finished, Started
    from srgan_desktop.core.jobs import runner

    waiting = queue.counts()["waiting"]
    address = getattr(arguments, "cluster", None)
    if address is None:
        engine, devices = opened or open_devices(arguments, options)
        started = Started(waiting, engine.card.name, engine.device, engine.precision)
        ahead = 1 if few else None
        events = runner.run_queue(queue, devices, in_flight=ahead, patient=not few)
    else:
        from srgan_desktop.core.jobs import cluster

        started = Started(waiting, options.model, "cluster", "auto")
        where = cluster.Where(arguments.device, arguments.precision, arguments.threads)
        events = cluster.run_on_cluster(queue, address, where=where)
    reporter = make_reporter(arguments, waiting, few=few)
    try:
        reporter.show(started)
        ended = work_off(events, reporter)
        reporter.show(Finished(ended.done, ended.failed, ended.skipped))
    finally:
        reporter.close()
    return 1 if ended.failed else 0


def work_off(
    events: Generator[Event, None, BatchFinished],
    reporter: Reporter,
    between: Callable[[], object] = lambda: None,
) -> BatchFinished:
    """Show a run's events but the last, which is returned; ``between`` is called after each."""
    from srgan_desktop.core.base.events import BatchFinished
    from srgan_desktop.core.jobs.item import ItemChanged

    finished = BatchFinished(0, 0, 0, 0, 0.0)
    try:
        for event in events:
            if isinstance(event, BatchFinished):
                finished = event
            elif not isinstance(event, ItemChanged):
                reporter.show(event)
            between()
    finally:
        events.close()  # stops between tiles
    return finished
