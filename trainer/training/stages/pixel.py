"""The SRResNet stage: a generator trained on its own, with pixel and content losses."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from srgan_desktop.core.networks.network import Network
from trainer.config.run_config import RunConfig
from trainer.data.degradations import step_sample
from trainer.data.loading import TrainingData
from trainer.losses.generator import GeneratorLoss
from trainer.networks.features import VggFeatures
from trainer.run.checkpointer import Checkpointer
from trainer.run.events import Event, Finished, Started, Warned
from trainer.run.throttle import Throttle
from trainer.training import precision as number_format
from trainer.training.accumulation import Compared, accumulate
from trainer.training.control import Control
from trainer.training.distributed import ALONE, Group
from trainer.training.ema import WeightAverage
from trainer.training.forward import enlarged
from trainer.training.optimisers import build_optimiser
from trainer.training.run_setup import RunSetup
from trainer.training.schedule import RunClock, learning_rate
from trainer.training.stages.common import (
    check_finite,
    choose_precision,
    crop_sampler,
    forward_of,
    notices_of,
    save_at_close,
    state_of,
    step_decisions,
    step_event,
)
from trainer.training.threads import one_thread
from trainer.training.validator import Validator


@dataclass
class PixelStage:
    """Everything that changes while the stage runs; ``state`` and ``restore`` save and load it."""

    generator: Network
    average: WeightAverage[Network] | None
    optimiser: torch.optim.Optimizer
    loss: GeneratorLoss
    precision: str = ""
    step: int = 0
    validated_step: int = 0
    next_validation: float = 0.0  # by the clock: the part of the run at which it is due
    best_psnr: float = -math.inf
    micro_batches: int = 1  # in which each batch is taken, for want of memory
    rollbacks: int = 0
    rate_factor: float = 1.0  # what is left of the schedule's rate after them
    top_psnr: float = -math.inf  # the highest validated, or that of the first network
    measures_again: bool = False  # marks of earlier states count no more
    won_since: int = -1  # the step since which the discriminator has won; -1: it has not
    group: Group = ALONE
    notices: list[str] = field(default_factory=list)  # to be told

    @property
    def network(self) -> Network:
        """The network to use: the averaged one if there is one."""
        return self.generator if self.average is None else self.average.network

    @property
    def device(self) -> torch.device:
        return next(self.generator.parameters()).device

    def state(self) -> dict[str, Any]:
        """Tensors, numbers and strings: what ``torch.load`` reads without executing code."""
        return {
            "stage": "pixel",
            "step": self.step,
            "validated_step": self.validated_step,
            "next_validation": self.next_validation,
            "best_psnr": self.best_psnr,
            "portions": self.micro_batches,
            "rollbacks": self.rollbacks,
            "rate_factor": self.rate_factor,
            "top_psnr": self.top_psnr,
            "won_since": self.won_since,
            "precision": self.precision,
            "generator": self.generator.state_dict(),
            "average": self.average.network.state_dict() if self.average else None,
            "average_updates": self.average.updates if self.average else 0,
            "optimiser": self.optimiser.state_dict(),
            "random": torch.get_rng_state(),
        }

    def forget_marks(self) -> None:
        """Start measuring afresh, on other validation pictures; ``restore`` brings none back."""
        self.best_psnr = self.top_psnr = -math.inf
        self.measures_again = True

    def restore(self, state: dict[str, Any]) -> None:
        self.step = state["step"]
        self.validated_step = state["validated_step"]
        self.next_validation = state["next_validation"]
        if not self.measures_again:
            self.best_psnr = state["best_psnr"]
            self.top_psnr = state.get("top_psnr", self.best_psnr)
        # runs of an earlier version know nothing of these
        self.micro_batches = state.get("portions", 1)
        self.rollbacks = state.get("rollbacks", 0)
        self.rate_factor = state.get("rate_factor", 1.0)
        self.won_since = state.get("won_since", -1)
        self.precision = state["precision"]
        self.generator.load_state_dict(state["generator"])
        if self.average is not None and state["average"] is not None:
            self.average.network.load_state_dict(state["average"])
            self.average.updates = state["average_updates"]
        self.optimiser.load_state_dict(state["optimiser"])
        torch.set_rng_state(state["random"])

    def check_finite(self) -> None:
        """Check that the weights are finite; waits for the device.

        Raises:
            DivergedError: they are not.
        """
        check_finite([self.generator], self.step)


def new_pixel_stage(
    config: RunConfig, generator: Network, device: torch.device, vgg: VggFeatures | None = None
) -> PixelStage:
    """A stage at step 0 around ``generator``, moved to ``device`` in channels_last."""
    generator = generator.to(device).to(memory_format=torch.channels_last).train()
    average = WeightAverage(generator, config.ema_decay) if config.ema_decay else None
    optimiser = build_optimiser(config.optimiser, generator, config.optimiser.learning_rate)
    return PixelStage(generator, average, optimiser, GeneratorLoss(config, vgg))


def pixel_step(
    config: RunConfig,
    stage: PixelStage,
    forward: Callable[[Tensor], Tensor],
    crops: Tensor,
    rate: float,
) -> dict[str, Tensor]:
    """One step on uint8 HR crops at learning rate ``rate``.

    Returns:
        Losses by name, not waited for; of this process's share, so that they add up over all.

    Raises:
        DeviceMemoryError: memory does not even suffice for one crop at a time.
    """
    for group in stage.optimiser.param_groups:
        group["lr"] = rate
    with one_thread(stage.device):
        sample = step_sample(config, crops.to(stage.device, non_blocking=True), stage.step)
    mine = stage.group.share(len(crops))

    def compare(lr: Tensor, hr: Tensor, *known: Tensor) -> Compared:
        with number_format.autocast(stage.device, stage.precision):
            sr, adaptive = enlarged(config, forward, lr, *known)
            terms = stage.loss.terms(sr.float(), hr, stage.step) | adaptive
        return torch.stack(list(terms.values())).sum(), terms, ()

    tensors = [part[mine] for part in sample.tensors]
    terms, _ = accumulate(stage, stage.generator, len(crops), tensors, compare)
    update_generator(config, stage)
    stage.step += 1
    return terms


def update_generator(config: RunConfig, stage: PixelStage) -> None:
    """Clip, step, average: what follows the backward pass."""
    with one_thread(stage.device):
        if config.optimiser.clip_norm:
            nn.utils.clip_grad_norm_(stage.generator.parameters(), config.optimiser.clip_norm)
        stage.optimiser.step()
        if stage.average is not None:
            stage.average.update(stage.generator)


def run_pixel_stage(
    job: RunSetup, stage: PixelStage, data: TrainingData, clock: RunClock
) -> Iterator[Event]:
    """Train until the clock says that it is over or the job is told to stop; closing saves first.

    Everything that happens at a step's end - validation, checkpoint - happens at the loop's top,
    so that a run resumed from any checkpoint takes the very path of one that was not stopped.

    Yields:
        started, step, validated, saved, warning and finished events.

    Raises:
        DivergedError: the loss is no number, or the network has become far worse.
        TrainingError: nothing could be saved at the end.
        RunFolderError: the run's folder is gone.
    """
    config, folder, photos = job.config, job.folder, data.photos
    sampler = crop_sampler(config, photos)
    if not stage.precision:
        stage.precision = choose_precision(config, stage)
    forward, warning = forward_of(config, stage)
    validator = Validator(job, stage, data.pieces, clock)
    checkpointer = Checkpointer(folder, config.checkpoint_seconds, leads=stage.group.leads)
    control = Control(job, clock, checkpointer, validator)
    throttle = Throttle()

    yield Started(
        str(folder.path),
        "pixel",
        stage.step,
        clock.steps,
        clock.budget_s,
        len(photos),
        str(stage.device),
        stage.precision,
    )
    if warning:
        yield Warned(warning)
    try:
        while True:
            stop = control.stop or job.stop()
            now = step_decisions(stage.group, stage.step, clock, checkpointer, throttle, stop)
            if validator.due(now.over, now.progress):
                stage.check_finite()
                yield from validator.validate()
                yield checkpointer.save(state_of(stage, clock, photos, good=True))
            elif now.save:
                stage.check_finite()
                yield checkpointer.save(state_of(stage, clock, photos, good=not validator.watches))
            if now.over or now.stop:
                break

            rate = stage.rate_factor * learning_rate(
                config.schedule, config.optimiser, stage.step, now.progress
            )
            losses = pixel_step(config, stage, forward, sampler.crops(stage.step), rate)
            clock.tick(stage.step)
            yield from notices_of(stage)
            if now.report:
                yield from control.look(stage.step)
                losses = stage.group.add_losses(losses)
                yield step_event(stage.step, losses, rate, clock)

        if checkpointer.saved_step != stage.step:
            stage.check_finite()
            yield checkpointer.save(state_of(stage, clock, photos))
        yield Finished(stage.step, "done" if now.over else "interrupted", clock.elapsed, None)
    except GeneratorExit:
        # closed from outside
        save_at_close(stage, clock, photos, checkpointer)
        raise
