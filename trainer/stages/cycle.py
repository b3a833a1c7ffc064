"""The cycle stage, experimental: learns from bad photos, of which no good version exists.

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

from srgan_desktop.core.errors import UsageError
from srgan_desktop.core.network import Network
from srgan_desktop.core.translation import tr
from trainer import precision as number_format
from trainer.adversarial import belief, discriminator_loss, generator_loss
from trainer.config import RunConfig
from trainer.degradations.draws import step_noise
from trainer.degradations.packing import unpacked
from trainer.degrader import NOISE_CHANNELS, Degrader
from trainer.discriminators import build_discriminator
from trainer.events import Event, Finished, Started, Warned
from trainer.features import VggFeatures
from trainer.forward import TrainingForward
from trainer.job import Job, TrainingData
from trainer.keeper import Keeper
from trainer.schedule import Pace, learning_rate
from trainer.stages.ground import (
    adam,
    check_finite,
    crop_sampler,
    forward_of,
    lr_shape,
    save_at_close,
    state_of,
    step_event,
)
from trainer.stages.pixel import PixelStage, new_pixel_stage, update_generator
from trainer.threads import one_thread
from trainer.ticker import Ticker
from trainer.watch import Watch

# the patch discriminator's first logit wants this many LR pixels
_LEAST_LR_SIDE = 24


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
    if config.discriminator.kind == "patch" and side < _LEAST_LR_SIDE:
        raise UsageError(
            tr(
                "in stage cycle the patch discriminator wants LR crops of {least} pixels or more: "
                "data.crop is {crop}, choose {wanted}",
                least=_LEAST_LR_SIDE,
                crop=config.data.crop,
                wanted=_LEAST_LR_SIDE * config.generator.scale,
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
        degrader_optimiser=adam(config, degrader, rate),
        discriminator=discriminator,
        discriminator_optimiser=adam(config, discriminator, rate),
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
    """One step of the discriminator, then one of generator and degrader together.

    Args:
        crops: uint8, good HR crops and bad LR crops, packed as an ``UnpairedSampler`` does.

    Returns:
        Losses by name and, as d_real and d_fake, what the discriminator believes; not waited for.
    """
    _set_rates(config, stage, rate)
    autocast = number_format.autocast(stage.device, stage.precision)
    with one_thread(stage.device):
        crops = crops.to(stage.device, non_blocking=True)
        bad, good = unpacked(crops, config.generator.scale, config.generator.colours)
        bad, good = _shown(bad), _shown(good)
        shape = (len(bad), NOISE_CHANNELS, *bad.shape[-2:])
        noise = step_noise((config.seed, stage.step), shape, stage.device)
    with autocast:
        fake = stage.degrader(good, noise).float()

    verdict = _discriminator_step(config, stage, autocast, bad, fake.detach())

    stage.discriminator.requires_grad_(False)
    # as it would come out of a file
    written = (fake.detach().clamp(0, 1) * 255).round() / 255
    with autocast:
        sr, enlarged = forward(torch.cat([written, bad])).float().chunk(2)
        terms = stage.loss.terms(sr, good)
        back = stage.degrader(enlarged, torch.zeros_like(noise)).float()
        judged = stage.discriminator(fake).float()
    adversarial = config.adversarial
    terms["cycle"] = config.cycle.return_weight * F.l1_loss(back, bad)
    terms["keep"] = config.cycle.keep_weight * _strayed(config, fake, good)
    terms["adversarial"] = adversarial.weight * generator_loss(
        adversarial.kind, judged.detach(), judged
    )
    stage.optimiser.zero_grad(set_to_none=True)
    stage.degrader_optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(torch.stack(list(terms.values())).sum())
    update_generator(config, stage)
    with one_thread(stage.device):
        stage.degrader_optimiser.step()
    stage.discriminator.requires_grad_(True)
    stage.step += 1
    return {name: term.detach() for name, term in terms.items()} | verdict


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
    """How far the degraded picture is from the good one where both are seen from afar."""
    side = config.cycle.keep_side
    far = F.avg_pool2d(fake, side)
    return F.l1_loss(far, F.avg_pool2d(good, side * config.generator.scale))


def _discriminator_step(
    config: RunConfig, stage: CycleStage, autocast: torch.autocast, bad: Tensor, fake: Tensor
) -> dict[str, Tensor]:
    adversarial = config.adversarial
    with autocast:
        real, made = stage.discriminator(bad).float(), stage.discriminator(fake).float()
    loss = discriminator_loss(adversarial.kind, real, made, adversarial.label_smoothing)
    stage.discriminator_optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    with one_thread(stage.device):
        stage.discriminator_optimiser.step()
    return {
        "discriminator": loss.detach(),
        "d_real": belief(adversarial.kind, real),
        "d_fake": belief(adversarial.kind, made),
    }


def run_cycle_stage(job: Job, stage: CycleStage, data: TrainingData, pace: Pace) -> Iterator[Event]:
    """Train until the pace says that it is over or the job is told to stop; closing saves first.

    As in the other stages, validation and checkpoints happen at the loop's top. Validation is on
    clean LR, since there is no truth for bad photos: it only shows that nothing is lost there, and
    each counts as the best.

    Yields:
        started, step, validated, saved, warning and finished events.

    Raises:
        AstrayError: a loss is no number, or the network has become far worse.
        TrainingError: nothing could be saved at the end.
        RunFolderError: the run's folder is gone.
    """
    config, folder, photos = job.config, job.folder, data.photos
    sampler = crop_sampler(config, photos)
    if not stage.precision:
        stage.precision = number_format.choose(
            config.precision, TrainingForward(stage.generator), stage.device, lr_shape(config)
        )
    forward, warning = forward_of(config, stage)
    watch = Watch(job, stage, data.pieces, pace, newest_is_best=True)
    keeper = Keeper(folder, config.checkpoint_seconds)
    ticker = Ticker()
    asked_to_stop = False

    yield Started(
        str(folder.path), "cycle", stage.step, pace.steps, pace.budget_s, len(photos),
        str(stage.device), stage.precision,
    )  # fmt: skip
    if warning:
        yield Warned(warning)
    try:
        while True:
            over = pace.done(stage.step)
            if watch.due(over):
                stage.check_finite()
                yield from watch.validate()
                yield keeper.save(state_of(stage, pace, photos, good=True))
            elif keeper.due():
                stage.check_finite()
                yield keeper.save(state_of(stage, pace, photos, good=not watch.watches))
            if over or asked_to_stop or job.stop():
                break

            rate = stage.rate_factor * learning_rate(
                config.schedule, config.optimiser, stage.step, pace.progress(stage.step)
            )
            losses = cycle_step(config, stage, forward, sampler.crops(stage.step), rate)
            pace.tick(stage.step)
            if ticker.due() or stage.step == pace.steps:
                folder.check_there()
                asked_to_stop = folder.stop_request.exists()
                beliefs = (losses.pop("d_real"), losses.pop("d_fake"))
                yield step_event(stage.step, losses, rate, pace, beliefs)

        if keeper.saved_step != stage.step:
            stage.check_finite()
            yield keeper.save(state_of(stage, pace, photos))
        yield Finished(stage.step, "done" if over else "interrupted", pace.elapsed, None)
    except GeneratorExit:
        # closed from outside
        save_at_close(stage, pace, photos, keeper)
        raise
