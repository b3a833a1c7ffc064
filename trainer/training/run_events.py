"""The events of one life of a run: its stage's loop, and what is around it."""

from __future__ import annotations

import contextlib
import dataclasses
import math
from collections.abc import Iterator
from typing import Any, cast

import torch

from srgan_desktop.core.backends.device import free_device_memory_bytes
from srgan_desktop.core.base.errors import DatasetError
from srgan_desktop.core.base.translation import tr
from trainer.data.dataset import PhotoSet
from trainer.data.loading import TrainingData, warnings_about
from trainer.networks.features import VggFeatures
from trainer.run.checkpointer import Checkpointer
from trainer.run.events import Event, Finished, Saved, Validated, Warned
from trainer.training.distributed import Group
from trainer.training.finishing import finish
from trainer.training.rollback import with_rollback
from trainer.training.run_setup import RunSetup
from trainer.training.schedule import RunClock
from trainer.training.stages import new_stage, run_stage
from trainer.training.stages.common import state_of
from trainer.training.stages.pixel import PixelStage
from trainer.training.teacher import open_teacher
from trainer.training.warm_start import first_network

# the largest part of the free memory of a device that the photos may fill
_PHOTOS_PART = 0.5


def run_events(
    job: RunSetup, stage: PixelStage, data: TrainingData, clock: RunClock, problems: list[str]
) -> Iterator[Event]:
    """Train ``stage`` on from where it is to the end of the run; ``problems`` are told first.

    Raises:
        SrganDesktopError: the run cannot go on; what was saved before stays.
    """
    events_of = _taught_events if job.config.teacher.wanted else _events
    return events_of(job, stage, data, clock, problems)


def _events(
    job: RunSetup, stage: PixelStage, data: TrainingData, clock: RunClock, problems: list[str]
) -> Iterator[Event]:
    for problem in problems + warnings_about(data.rejected) + list(data.validation_notes):
        yield Warned(problem)
    _check_same(job.group, data.photos)
    data = dataclasses.replace(data, photos=_near(data.photos, stage.device))
    stage.group = job.group
    saved_step, bicubic = -1, -math.inf
    for event in _rolled_back(job, stage, data, clock):
        if isinstance(event, Finished) and event.reason == "done":
            yield from finish(job, stage, event, bicubic, saved_step == event.step)
        else:
            saved_step = event.step if isinstance(event, Saved) else saved_step
            bicubic = event.psnr_y_bicubic if isinstance(event, Validated) else bicubic
            yield event


def _taught_events(
    job: RunSetup, stage: PixelStage, data: TrainingData, clock: RunClock, problems: list[str]
) -> Iterator[Event]:
    """As ``_events``, with a teacher that answers meanwhile."""
    config = job.config
    teacher, data = open_teacher(config, job.inputs, job.folder.path, data)
    with contextlib.closing(teacher):
        yield from teacher.first_answers(teacher.wanted_first(config), job.is_asked_to_stop)
        for event in _events(job, stage, data, clock, problems):
            yield event
            yield from teacher.news()


def _rolled_back(
    job: RunSetup, stage: PixelStage, data: TrainingData, clock: RunClock
) -> Iterator[Event]:
    def beginning() -> dict[str, Any]:
        features = cast(VggFeatures | None, stage.loss.features)
        network = first_network(job.config.generator, job.inputs.init, job.config.seed)
        return new_stage(job.config, network, stage.device, features).state()

    def save() -> Event:
        checkpointer = Checkpointer(
            job.folder, job.config.checkpoint_seconds, leads=job.group.leads
        )
        return checkpointer.save(state_of(stage, clock, data.photos))

    return with_rollback(
        job, stage, clock, lambda: run_stage(job, stage, data, clock), beginning, save
    )


def _check_same(group: Group, photos: PhotoSet) -> None:
    """
    Raises:
        DatasetError: another process has other pictures.
    """
    if group.first(photos.fingerprint) != photos.fingerprint:
        raise DatasetError(
            tr("the pictures of process {n} are not those of the first process", n=group.rank)
        )


def _near(photos: PhotoSet, device: torch.device) -> PhotoSet:
    """``photos`` on the device, or where they are if it has no room for them."""
    free = free_device_memory_bytes(device)
    if free is not None and photos.pixels.numel() > _PHOTOS_PART * free:
        return photos
    return photos.to(device)
