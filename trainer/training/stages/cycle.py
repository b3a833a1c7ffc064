"""The cycle stage (experimental): learns from degraded photos without clean versions.

A degrader learns to make good photos look like the bad ones, to the eyes of a discriminator of LR
patches; the generator learns to undo what the degrader does. A bad photo that was enlarged and
degraded again must be as it was: the cycle loss of CycleGAN (Zhu et al. 2017, arXiv:1703.10593).
The degrader learns nothing from the generator's success with its pictures: it would hide in them
what the generator is to find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.networks.network import Network
from trainer.config.run_config import RunConfig
from trainer.data.degradations.draws import step_noise
from trainer.data.degradations.packing import unpacked
from trainer.data.loading import TrainingData
from trainer.networks.degrader import NOISE_CHANNELS, Degrader
from trainer.networks.discriminators import build_discriminator
from trainer.networks.discriminators.patch import LEAST_CROP
from trainer.networks.features import VggFeatures
from trainer.run.checkpointer import Checkpointer
from trainer.run.events import Event, Finished, Started, Warned
from trainer.run.throttle import Throttle
from trainer.training import precision as number_format
from trainer.training.accumulation import Compared, accumulate
from trainer.training.control import Control
from trainer.training.optimisers import build_optimiser
from trainer.training.rollback import JUDGED_EVERY, judge_scores
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
from trainer.training.stages.discriminator_step import discriminator_step
from trainer.training.stages.pixel import PixelStage, new_pixel_stage, update_generator
from trainer.training.threads import one_thread
from trainer.training.validator import Validator


@dataclass(kw_only=True)
class CycleStage(PixelStage):
    """The generator's side, as in the pixel stage, the degrader's and the discriminator's."""

    degrader: Degrader
    degrader_optimiser: torch.optim.Optimizer
    discriminator: nn.Module
    discriminator_optimiser: torch.optim.Optimizer

    def state(self) -> dict[str, Any]:
        return super().state() | {
            "stage": "cycle",
            "degrader": self.degrader.state_dict(),
            "degrader_optimiser": self.degrader_optimiser.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "discriminator_optimiser": self.discriminator_optimiser.state_dict(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        super().restore(state)
        self.degrader.load_state_dict(state["degrader"])
        self.degrader_optimiser.load_state_dict(state["degrader_optimiser"])
        self.discriminator.load_state_dict(state["discriminator"])
        self.discriminator_optimiser.load_state_dict(state["discriminator_optimiser"])

    def check_finite(self) -> None:
        check_finite([self.generator, self.degrader, self.discriminator], self.step)


def new_cycle_stage(
    config: RunConfig, generator: Network, device: torch.device, vgg: VggFeatures | None = None
) -> CycleStage:
    """A stage at step 0 around ``generator``, a new degrader and a new discriminator of LR.

    Raises:
        UsageError: the crops do not fit the discriminator.
    """
    side = config.data.crop // config.generator.scale
    if config.discriminator.kind == "patch" and side < LEAST_CROP:
        raise UsageError(
            tr(
                "in stage cycle the patch discriminator needs LR crops of {least} pixels or more: "
                "data.crop is {crop}, choose {wanted}",
                least=LEAST_CROP,
                crop=config.data.crop,
                wanted=LEAST_CROP * config.generator.scale,
            )
        )
    alone = new_pixel_stage(config, generator, device, vgg)
    colours = config.generator.colours
    degrader = Degrader(config.cycle, config.generator.scale, colours)
    degrader = degrader.to(device).to(memory_format=torch.channels_last).train()
    discriminator = build_discriminator(config.discriminator, colours, side)
    discriminator = discriminator.to(device).to(memory_format=torch.channels_last).train()
    rate = _others_rate(config, 1.0)
    return CycleStage(
        generator=alone.generator,
        average=alone.average,
        optimiser=alone.optimiser,
        loss=alone.loss,
        degrader=degrader,
        degrader_optimiser=build_optimiser(config.optimiser, degrader, rate),
        discriminator=discriminator,
        discriminator_optimiser=build_optimiser(config.optimiser, discriminator, rate),
    )


def _others_rate(config: RunConfig, part: float) -> float:
    """The degrader's and discriminator's rate, the generator's being at ``part`` of its peak."""
    return (config.adversarial.learning_rate or config.optimiser.learning_rate) * part


def cycle_step(
    config: RunConfig,
    stage: CycleStage,
    forward: Callable[[Tensor], Tensor],
    crops: Tensor,
    rate: float,
) -> dict[str, Tensor]:
    """One step of the generator and degrader together, then one of the discriminator.

    Args:
        crops: uint8, good HR crops and bad LR crops, packed as an ``UnpairedSampler`` does.

    Returns:
        Losses by name and, as d_real and d_fake, what the discriminator believes; not waited for;
        of this process's share, so that they add up over all.

    Raises:
        DeviceMemoryError: memory does not even suffice for one crop at a time.
    """
    _set_rates(config, stage, rate)
    autocast = number_format.autocast(stage.device, stage.precision)
    with one_thread(stage.device):
        bad, good, noise = _shares(config, stage, crops.to(stage.device, non_blocking=True))

    def undo(bad: Tensor, good: Tensor, noise: Tensor) -> Compared:
        with autocast:
            fake = stage.degrader(good, noise).float()
            # as it would come out of a file; what made it does not learn from this use
            written = (fake.detach().clamp(0, 1) * 255).round() / 255
            sr, enlarged = forward(torch.cat([written, bad])).float().chunk(2)
            terms = stage.loss.terms(sr, good, stage.step)
            back = stage.degrader(enlarged, torch.zeros_like(noise)).float()
            judged = stage.discriminator(fake).float()
            real = judged.detach()
            if config.adversarial.kind == "relativistic":
                real = stage.discriminator(bad).float().detach()
        terms["cycle"] = config.cycle.return_weight * F.l1_loss(back, bad)
        terms["keep"] = config.cycle.keep_weight * _strayed(config, fake, good)
        terms["adversarial"] = stage.loss.adversarial(real, judged)
        return torch.stack(list(terms.values())).sum(), terms, (fake,)

    learners = nn.ModuleList([stage.generator, stage.degrader])
    # the discriminator judges, but does not learn from it
    stage.discriminator.requires_grad_(False)
    try:
        terms, made = accumulate(stage, learners, len(crops), (bad, good, noise), undo)
    finally:
        stage.discriminator.requires_grad_(True)
    update_generator(config, stage)
    with one_thread(stage.device):
        stage.degrader_optimiser.step()
    scores = discriminator_step(config, stage, autocast, len(crops), (bad,), made)
    stage.step += 1
    return terms | scores


def _shares(config: RunConfig, stage: CycleStage, crops: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """This process's share of a step: bad LR and good HR crops on 0..1, and random numbers."""
    mine = stage.group.share(len(crops))
    bad, good = unpacked(crops[mine], config.generator.scale, config.generator.colours)
    shape = (len(bad), NOISE_CHANNELS, *bad.shape[-2:])
    noise = step_noise((config.seed, stage.step), shape, stage.device, mine.start)
    return _shown(bad), _shown(good), noise


def _set_rates(config: RunConfig, stage: CycleStage, rate: float) -> None:
    others = _others_rate(config, rate / config.optimiser.learning_rate)
    for group in stage.optimiser.param_groups:
        group["lr"] = rate
    for optimiser in (stage.degrader_optimiser, stage.discriminator_optimiser):
        for group in optimiser.param_groups:
            group["lr"] = others


def _shown(levels: Tensor) -> Tensor:
    return (levels.to(torch.float32) / 255).contiguous(memory_format=torch.channels_last)


def _strayed(config: RunConfig, fake: Tensor, good: Tensor) -> Tensor:
    """The distance of the degraded picture from the clean one when both are blurred."""
    side = config.cycle.keep_side
    far = F.avg_pool2d(fake, side)
    return F.l1_loss(far, F.avg_pool2d(good, side * config.generator.scale))


def run_cycle_stage(
    job: RunSetup, stage: CycleStage, data: TrainingData, clock: RunClock
) -> Iterator[Event]:
    """Train until the clock says that it is over or the job is told to stop; closing saves first.

    As in the other stages, validation and checkpoints happen at the loop's top. Validation is on
    clean LR, since there is no truth for bad photos: it only shows that nothing is lost there, and
    each counts as the best.

    Yields:
        started, step, validated, saved, warning and finished events.

    Raises:
        DivergedError: a loss is no number, or the network has become far worse.
        TrainingError: nothing could be saved at the end.
        RunFolderError: the run's folder is gone.
    """
    config, folder, photos = job.config, job.folder, data.photos
    sampler = crop_sampler(config, photos)
    if not stage.precision:
        stage.precision = choose_precision(config, stage)
    forward, warning = forward_of(config, stage)
    validator = Validator(job, stage, data.pieces, clock, newest_is_best=True)
    checkpointer = Checkpointer(folder, config.checkpoint_seconds, leads=stage.group.leads)
    control = Control(job, clock, checkpointer, validator)
    throttle = Throttle()

    yield Started(
        str(folder.path),
        "cycle",
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
            losses = cycle_step(config, stage, forward, sampler.crops(stage.step), rate)
            clock.tick(stage.step)
            yield from notices_of(stage)
            judged = stage.step % JUDGED_EVERY == 0
            if now.report or judged:
                losses = stage.group.add_losses(losses)
                d_real, d_fake = losses.pop("d_real"), losses.pop("d_fake")
            if now.report:
                yield from control.look(stage.step)
                yield step_event(stage.step, losses, rate, clock, (d_real, d_fake))
            if judged:
                kind = config.adversarial.kind
                judge_scores(config.rescue, kind, stage, float(d_real), float(d_fake))

        if checkpointer.saved_step != stage.step:
            stage.check_finite()
            yield checkpointer.save(state_of(stage, clock, photos))
        yield Finished(stage.step, "done" if now.over else "interrupted", clock.elapsed, None)
    except GeneratorExit:
        # closed from outside
        save_at_close(stage, clock, photos, checkpointer)
        raise
