"""The stages of training, one visible loop each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from srgan_desktop.core.networks.network import Network
from trainer.config.run_config import RunConfig
from trainer.data.loading import TrainingData
from trainer.networks.features import VggFeatures
from trainer.run.events import Event
from trainer.training.run_setup import RunSetup
from trainer.training.schedule import RunClock
from trainer.training.stages.adversarial import (
    AdversarialStage,
    adversarial_step,
    new_adversarial_stage,
    run_adversarial_stage,
)
from trainer.training.stages.cycle import CycleStage, cycle_step, new_cycle_stage, run_cycle_stage
from trainer.training.stages.pixel import PixelStage, new_pixel_stage, pixel_step, run_pixel_stage


def new_stage(
    config: RunConfig, generator: Network, device: torch.device, vgg: VggFeatures | None
) -> PixelStage:
    """The stage that the config asks for, at step 0."""
    if config.stage == "adversarial":
        return new_adversarial_stage(config, generator, device, vgg)
    if config.stage == "cycle":
        return new_cycle_stage(config, generator, device, vgg)
    return new_pixel_stage(config, generator, device, vgg)


def run_stage(
    job: RunSetup, stage: PixelStage, data: TrainingData, clock: RunClock
) -> Iterator[Event]:
    """The loop that belongs to ``stage``."""
    if isinstance(stage, AdversarialStage):
        return run_adversarial_stage(job, stage, data, clock)
    if isinstance(stage, CycleStage):
        return run_cycle_stage(job, stage, data, clock)
    return run_pixel_stage(job, stage, data, clock)


def train_step(
    config: RunConfig,
    stage: PixelStage,
    forward: Callable[[Tensor], Tensor],
    crops: Tensor,
    rate: float,
) -> dict[str, Tensor]:
    """One step of ``stage``: its losses by name, not waited for."""
    if isinstance(stage, AdversarialStage):
        return adversarial_step(config, stage, forward, crops, rate)
    if isinstance(stage, CycleStage):
        return cycle_step(config, stage, forward, crops, rate)
    return pixel_step(config, stage, forward, crops, rate)
