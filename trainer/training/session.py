"""Starting and resuming a run: everything around the loop."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import torch

from srgan_desktop.core.backends.memory_errors import is_memory_error
from srgan_desktop.core.base.errors import (
    DeviceMemoryError,
    TrainingError,
    UsageError,
)
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.networks.network import Network
from trainer.config.run_config import RunConfig
from trainer.data.dataset import same_photos
from trainer.data.loading import check_inputs, load_data
from trainer.losses.generator import load_features
from trainer.run.chaining import ChainedStage
from trainer.run.events import Event, Finished, NextStage, Warned
from trainer.run.inputs import RunInputs, create_run, read_run
from trainer.run.process import forget_old_requests
from trainer.run.run_folder import RunFolder
from trainer.run.tensorboard import Log, board, check_tensorboard
from trainer.training.buildable import check_buildable
from trainer.training.distributed import Group, joined
from trainer.training.resuming import End, ResumePoint, restore, resume_point
from trainer.training.run_events import run_events
from trainer.training.run_setup import RunSetup, never
from trainer.training.schedule import RunClock
from trainer.training.stages import new_stage
from trainer.training.teacher import answers_folder, check_answers, check_teacher
from trainer.training.warm_start import first_network, what_is_new


def start(
    config: RunConfig,
    inputs: RunInputs,
    folder: RunFolder,
    stop: Callable[[], bool] = never,
) -> Iterator[Event]:
    """Begin a run in a new folder; an iterator of its events.

    ``stop`` is asked after every step; when it says so the run is saved and ends "interrupted".
    Nothing is created before the data, the device and the first weights are known to be good.
    A run that was to follow (``inputs.then``) begins when this one is done.

    Raises:
        SrganDesktopError: the data, the folder or the device cannot be used.
    """
    with joined() as group:
        job = RunSetup(config, inputs, folder, stop, group)
        yield from _check_next_stage(job)
        yield from _and_then(job, _with_memory_errors(_start(job), config))


def resume(
    folder: RunFolder,
    stop: Callable[[], bool] = never,
    device: str | None = None,
    threads: int | None = None,
    end: End | None = None,
) -> Iterator[Event]:
    """Go on where the last checkpoint left a run; at the start where there is none.

    ``device`` and ``threads`` replace what the run was started with, and so does ``end`` (steps and
    seconds of the whole run, one of them None). Where the run is done, is to end where it did and
    was to be followed by another, it is that one which goes on, or begins.

    Raises:
        RunFolderError: no run there, damaged, or in use.
    """
    with joined() as group:
        config, inputs = _elsewhere(*_as_started(folder, group), device, threads)
        if end is not None:
            inputs = dataclasses.replace(inputs, steps=end[0], budget_s=end[1], end_moved=True)
        job = RunSetup(config, inputs, folder, stop, group)
        goes_on = end is not None or inputs.then is None
        if not goes_on and group.first(folder.is_done() if group.leads else None):
            if group.leads:
                folder.remove_leftovers()
                forget_old_requests(folder)
            yield from _follow(job, cast(ChainedStage, inputs.then))
        else:
            yield from _and_then(job, _with_memory_errors(_resume(job, end), config))


def _as_started(folder: RunFolder, group: Group) -> tuple[RunConfig, RunInputs]:
    # the run's folder may be there on the first process's machine alone
    return cast(tuple[RunConfig, RunInputs], group.first(read_run(folder) if group.leads else None))


def _elsewhere(
    config: RunConfig, inputs: RunInputs, device: str | None, threads: int | None
) -> tuple[RunConfig, RunInputs]:
    if device is not None:
        inputs = dataclasses.replace(inputs, device=device)
    if threads is not None:
        config = dataclasses.replace(config, threads=threads)
    return config, inputs


def _check_next_stage(job: RunSetup) -> Iterator[Event]:
    """Find out before the first step what would be in the way of the run that follows.

    Weights of another network that it needs are downloaded now.

    Raises:
        SrganDesktopError: it could not begin.
    """
    if job.inputs.then is None:
        return
    next_stage = _following(job, job.inputs.then, job.folder.final_model)
    if next_stage.folder.path.absolute() == Path(os.path.normpath(job.folder.path.absolute())):
        raise UsageError(tr("{folder}: two runs cannot share a folder", folder=job.folder.path))
    if job.group.leads:
        next_stage.folder.check_free()
    _check_machine(next_stage)
    config = next_stage.config
    check_inputs(config, dataclasses.replace(next_stage.inputs, init=None))
    yield from check_buildable(config, job.inputs.data)


def _and_then(job: RunSetup, events: Iterator[Event]) -> Iterator[Event]:
    """A run's events, and once it is done those of the run that was to follow."""
    is_done = False
    for event in events:
        yield event
        is_done = isinstance(event, Finished) and event.reason == "done"
    if is_done and job.inputs.then is not None:
        yield from _follow(job, job.inputs.then)


def _follow(first: RunSetup, then: ChainedStage) -> Iterator[Event]:
    """Begin the run that comes after ``first``, or go on with it."""
    # the photos of the run before are not to lie in memory beside those of this one
    gc.collect()
    group = first.group
    # asked of the first process, which has by now written what the others may want to read
    model = cast(Path, group.first(first.folder.kept_model if group.leads else None))
    job = _following(first, then, model)
    yield NextStage(str(job.folder.path), then.preset, then.config.stage, str(model))
    if group.first(job.stop() if group.leads else None):
        return
    if not group.first(job.folder.config_path.exists() if group.leads else None):
        yield from _with_memory_errors(_start(job), job.config)
        return
    threads = first.config.threads or None
    config, inputs = _elsewhere(*_as_started(job.folder, group), first.inputs.device, threads)
    job = dataclasses.replace(job, config=config, inputs=inputs)
    yield from _with_memory_errors(_resume(job), config)


def _following(first: RunSetup, then: ChainedStage, model: Path) -> RunSetup:
    inputs = dataclasses.replace(
        first.inputs,
        preset=then.preset,
        steps=then.steps,
        budget_s=then.budget_s,
        init=model,
        then=None,
    )
    config = dataclasses.replace(then.config, threads=first.config.threads)
    if config.teacher.wanted and not config.teacher.folder:
        # where it would ask the same, the answers are there already
        shared = answers_folder(first.config, first.folder.path).absolute()
        teacher = dataclasses.replace(config.teacher, folder=str(shared))
        config = dataclasses.replace(config, teacher=teacher)
    folder = RunFolder(Path(os.path.normpath(first.folder.path / then.folder)))
    # whoever asked the first to stop may not have seen yet that it was done
    stop = first.is_asked_to_stop
    return dataclasses.replace(first, config=config, inputs=inputs, folder=folder, stop=stop)


def _start(job: RunSetup) -> Iterator[Event]:
    # the clock of a budget runs from here: reading the photos is part of it
    clock = RunClock(job.inputs.steps, job.inputs.budget_s)
    if job.group.leads:
        job.folder.check_free()
    _check_machine(job)
    check_inputs(job.config, job.inputs)
    device = _device(job)
    vgg = yield from load_features(job.config, device)
    stage = new_stage(job.config, _first_network(job), device, vgg)
    data = yield from load_data(job.config, job.inputs)
    check_answers(job.config, job.folder.path, data)
    if job.group.leads:
        create_run(job.folder, job.config, job.inputs)
    with _lock(job), _logs(job, 0, 0) as logs:
        for event in run_events(job, stage, data, clock, warnings_of(job)):
            for log in logs:
                log.write(event)
            yield event


def _resume(job: RunSetup, new_end: End | None = None) -> Iterator[Event]:
    _check_machine(job)
    with _lock(job):
        found = resume_point(job.folder, job.inputs) if job.group.leads else None
        left = cast(ResumePoint, job.group.first(found))
        if left.finished is not None:
            advice = tr(
                "{folder}: the run is done; to train longer, say how long in all with --steps or "
                "--budget",
                folder=job.folder.path,
            )
            _note_end(job, new_end)
            yield Warned(advice)
            yield left.finished
            return
        state, problems = left.state, left.warnings
        steps, budget_s = left.end
        clock = RunClock(steps, budget_s, state["elapsed"] if state else 0.0)
        device = _device(job)
        vgg = yield from load_features(job.config, device)
        stage = new_stage(job.config, _first_network(job, state is not None), device, vgg)
        data = yield from load_data(job.config, job.inputs)
        check_answers(job.config, job.folder.path, data)
        restore(stage, left, job)
        if state is not None and not same_photos(state["photos"], data.photos.fingerprint):
            if job.inputs.validation is None:
                # nor are those set aside: what was reached on others is no measure for these
                stage.forget_marks()
            problems.append(
                tr("the pictures in {folder} are not those of before", folder=job.inputs.data)
            )
        _note_end(job, new_end)
        keep_bytes = state["events_bytes"] if state else 0
        with _logs(job, keep_bytes, stage.step) as logs:
            for event in run_events(job, stage, data, clock, problems):
                for log in logs:
                    log.write(event)
                yield event


def _note_end(job: RunSetup, end: End | None) -> None:
    """Let the run keep its new end, once nothing is in the way of going on to it."""
    if end is not None and job.group.leads:
        job.folder.change_end(*end)


def _check_machine(job: RunSetup) -> None:
    """Find out whether what the config asks for can be done here.

    Raises:
        UsageError: it cannot.
    """
    config, size = job.config, job.group.size
    if config.logging.tensorboard and job.group.leads:
        check_tensorboard()
    if size > 1 and config.stage == "cycle":
        raise UsageError(tr("stage cycle trains in one process: start it without torchrun"))
    if size > 1 and config.teacher.wanted:
        raise UsageError(tr("with a teacher a run trains in one process: leave out torchrun"))
    check_teacher(config, job.inputs)
    if size > config.batch:
        raise UsageError(
            tr("{n} processes want a batch of {n} or more, not {batch}", n=size, batch=config.batch)
        )


@contextlib.contextmanager
def _lock(job: RunSetup) -> Iterator[None]:
    """Hold the run's folder; of several processes the first does."""
    with job.folder.lock() if job.group.leads else contextlib.nullcontext():
        yield


@contextlib.contextmanager
def _logs(job: RunSetup, keep_bytes: int, step: int) -> Iterator[list[Log]]:
    """Where events are written, by the first process: after ``keep_bytes`` and ``step``."""
    with contextlib.ExitStack() as stack:
        logs: list[Log] = []
        if job.group.leads:
            logs.append(stack.enter_context(job.folder.event_log(keep_bytes)))
            if job.config.logging.tensorboard:
                logs.append(stack.enter_context(board(job.folder.tensorboard, step)))
        yield logs


def warnings_of(job: RunSetup) -> list[str]:
    """What is unusual about a new run, though it may be meant."""
    if job.config.stage == "adversarial" and job.inputs.init is None:
        return [
            tr(
                "an adversarial stage usually starts from a trained generator (--init MODEL); "
                "this one starts from nothing"
            )
        ]
    new = what_is_new(job.config.generator, job.inputs.init)
    return [new] if new else []


def _with_memory_errors(events: Iterator[Event], config: RunConfig) -> Iterator[Event]:
    advice = tr(
        "memory is short; a smaller batch helps, such as --set batch={batch}, or smaller crops",
        batch=max(1, config.batch // 2),
    )
    try:
        yield from events
    except torch.OutOfMemoryError as error:
        raise DeviceMemoryError(advice) from error
    except (RuntimeError, MemoryError) as error:
        if is_memory_error(error):
            raise TrainingError(advice) from error
        raise


def _device(job: RunSetup) -> torch.device:
    if job.config.threads:
        torch.set_num_threads(job.config.threads)
    device = job.group.device(job.inputs.device)
    if device.type == "cuda":
        # the shapes never change: the first steps find the fastest kernels
        torch.backends.cudnn.benchmark = True
        torch.set_float32_matmul_precision("highest")  # LR crops are rounded: exact, or other ones
    return device


def _first_network(job: RunSetup, resumed: bool = False) -> Network:
    init = None if resumed else job.inputs.init
    return first_network(job.config.generator, init, job.config.seed)


def end_of_run(
    config: RunConfig, steps: int | None, budget_s: float | None
) -> tuple[int | None, float | None]:
    """Steps and budget in seconds: what was asked for, else what the preset says."""
    if steps is not None or budget_s is not None:
        return steps, budget_s
    if config.budget_minutes:
        return None, config.budget_minutes * 60
    return config.steps, None
