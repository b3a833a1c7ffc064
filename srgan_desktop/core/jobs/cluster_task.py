"""What a worker of a cluster does with one picture. Runs in the workers' processes."""

from __future__ import annotations

import importlib
import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from srgan_desktop.core.base.errors import FileError
from srgan_desktop.core.base.events import FileAdapted, FileTile, drain
from srgan_desktop.core.engine.cache import EngineCache
from srgan_desktop.core.jobs import disk_space
from srgan_desktop.core.jobs.engines import CachedDevice
from srgan_desktop.core.jobs.file_steps import enlarge, explain_failure, read_source, write_result
from srgan_desktop.core.jobs.options import BatchOptions, ModelFacts
from srgan_desktop.core.jobs.plan import plan_source
from srgan_desktop.core.jobs.sources import Source

TOPIC = "srgan-desktop-tiles"


@dataclass(frozen=True)
class Where:
    """How each worker computes: ``--device``, ``--precision`` and ``--threads``."""

    device: str = "auto"
    precision: str = "auto"
    threads: int = 0


@dataclass(frozen=True)
class Task:
    """One picture. ``stage`` is the folder for the unfinished result, on storage of all."""

    item: int
    source: Source
    options: BatchOptions
    where: Where
    stage: Path


@dataclass(frozen=True)
class Answer:
    """A finished file in the stage; or why there is none, and whether a full disk is the reason."""

    staged: Path | None
    seconds: float
    warnings: tuple[str, ...] = ()
    error: str = ""
    kind: str = ""
    disk_full: bool = False


_networks = EngineCache()
# a network is not for two threads at once, and a worker may have several
_one_at_a_time = threading.Lock()


def _device(where: Where) -> CachedDevice:
    return CachedDevice(_networks, where.device, where.precision, where.threads)


def model_facts(options: BatchOptions, where: Where) -> ModelFacts:
    """Opens the network, which stays open for the pictures. Raises what opening it raises."""
    with _one_at_a_time:
        engine = _device(where).open(options)
        return ModelFacts(engine.card.name, engine.scale)


def work(task: Task) -> Answer:
    """Enlarge one picture into the stage; whatever goes wrong is in the answer.

    A second try, after a worker was lost, gets a name of its own: the first may still be writing.
    """
    began = time.monotonic()
    try:
        with _one_at_a_time:
            return _work(task, began)
    except Exception as error:  # told where the queue is; the worker goes on with others
        if isinstance(error, FileError) and error.path.parent == task.stage:
            error = type(error)(task.source.path, error.problem).with_traceback(error.__traceback__)
        failed = explain_failure(task.source, error)
        return Answer(
            None,
            time.monotonic() - began,
            error=failed.error,
            kind=failed.kind,
            disk_full=disk_space.is_full_disk(error),
        )


def _work(task: Task, began: float) -> Answer:
    device = _device(task.where)
    engine = device.open(task.options)
    plan = plan_source(task.source, ModelFacts(engine.card.name, engine.scale), task.options)
    enlarged = drain(
        enlarge(plan, read_source(plan), engine, before=device.open_before(task.options)),
        lambda event: _log_event(task.item, event),
    )
    staged = task.stage / f"{task.item}-{secrets.token_hex(4)}{plan.wanted.suffix}"
    # made where the queue is; where it has gone, nobody waits for this any more
    written = write_result(enlarged, staged)
    warnings = (*enlarged.warnings, *written.warnings)
    return Answer(staged, time.monotonic() - began, warnings)


def _log_event(item: int, event: FileTile | FileAdapted) -> None:
    if isinstance(event, FileTile):
        distributed: Any = importlib.import_module("distributed")
        update = {"item": item, "done": event.done, "total": event.total}
        distributed.get_worker().log_event(TOPIC, update)
