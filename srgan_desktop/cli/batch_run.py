"""Working a queue off on the command line, for all commands that do."""

from __future__ import annotations

import argparse
import contextlib
import signal
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from srgan_desktop.cli.shared import say
from srgan_desktop.cli.upscale_report import Reporter, make_reporter
from srgan_desktop.core.base.errors import (
    DeviceError,
    ModelFileError,
    ModelNotFoundError,
    SrganDesktopError,
)
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
    listed = _devices(arguments)
    return _open(listed[0], options), listed


def open_any(
    arguments: argparse.Namespace, wanted: Sequence[BatchOptions]
) -> tuple[Engine | None, list[CachedDevice]]:
    """As ``open_devices``, for the first of ``wanted`` that can be had; None: for none of them.

    What is wrong with the others is said of each row in its turn, and must not keep the rest.

    Raises:
        UsageError, DeviceError: no such device, or it fails where nothing else could be had.
    """
    listed = _devices(arguments)
    fault: DeviceError | None = None
    for options in wanted:
        try:
            return _open(listed[0], options), listed
        except DeviceError as error:
            fault = fault or error
        except SrganDesktopError:
            continue
    if fault is not None:
        raise fault
    return None, listed


def _devices(arguments: argparse.Namespace) -> list[CachedDevice]:
    from srgan_desktop.core.jobs import engines

    return engines.devices(
        device=arguments.device, precision=arguments.precision, threads=arguments.threads
    )


def _open(device: CachedDevice, options: BatchOptions) -> Engine:
    engine = device.open(options)
    device.open_before(options)  # which says now what is wrong with it
    for warning in engine.warnings:
        say(tr("warning: {message}", message=warning))
    return engine


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
    model: str,
    opened: tuple[Engine | None, list[CachedDevice]] | None,
    *,
    few: bool = False,
) -> int:
    """Work a queue off, and show it; the exit code.

    Args:
        model: of the first that waits.
        opened: what ``open_devices`` or ``open_any`` gave; None: a cluster computes, which
            ``arguments`` name.
        few: a handful of files: each is finished, and told of, before the next is touched, and a
            full disk fails it instead of being waited for.
    """
    from srgan_desktop.core.backends.device import resolve_name
    from srgan_desktop.core.base.events import Finished, Started
    from srgan_desktop.core.jobs import runner

    waiting = queue.counts()["waiting"]
    if opened is not None:
        engine, devices = opened
        if engine is not None:
            started = Started(waiting, engine.card.name, engine.device, engine.precision)
        else:
            device = resolve_name(arguments.device)
            started = Started(waiting, model, device, arguments.precision)
        ahead = 1 if few else None
        events = runner.run_queue(queue, devices, in_flight=ahead, patient=not few)
    else:
        from srgan_desktop.core.jobs import cluster

        started = Started(waiting, model, "cluster", "auto")
        where = cluster.Where(arguments.device, arguments.precision, arguments.threads)
        events = cluster.run_on_cluster(queue, arguments.cluster, where=where)
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
