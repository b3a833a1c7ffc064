"""The SRGAN stage: generator against discriminator (Ledig et al. 2017, arXiv:1609.04802).

The generator usually starts from one that was trained after a pixel loss.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn

from srgan_desktop.core.network import Network
from trainer import precision as number_format
from trainer.adversarial import belief, discriminator_loss, r1_penalty
from trainer.config import RunConfig
from trainer.degradations import step_pair
from trainer.discriminators import build_discriminator
from trainer.events import Event, Finished, Started, Warned
from trainer.features import VggFeatures
from trainer.forward import TrainingForward
from trainer.generator_loss import Features, GeneratorLoss
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


@dataclass(kw_only=True)
class AdversarialStage(PixelStage):
    """The generator's side, as in the pixel stage, and the discriminator's."""

    discriminator: nn.Module
    discriminator_optimiser: torch.optim.Optimizer

    def state(self) -> dict[str, Any]:
        return super().state() | {
            "stage": "adversarial",
            "discriminator": self.discriminator.state_dict(),
            "discriminator_optimiser": self.discriminator_optimiser.state_dict(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        super().restore(state)
        self.discriminator.load_state_dict(state["discriminator"])
        self.discriminator_optimiser.load_state_dict(state["discriminator_optimiser"])

    def check_finite(self) -> None:
        check_finite([self.generator, self.discriminator], self.step)


def new_adversarial_stage(
    config: RunConfig, generator: Network, device: torch.device, vgg: VggFeatures | None = None
) -> AdversarialStage:
    """A stage at step 0 around ``generator`` and a new discriminator, on ``device``.

    Raises:
        UsageError: the crops do not fit the discriminator.
    """
    alone = new_pixel_stage(config, generator, device, vgg)
    discriminator = build_discriminator(
        config.discriminator, config.generator.colours, config.data.crop
    )
    discriminator = discriminator.to(device).to(memory_format=torch.channels_last).train()
    features: Features | None = vgg
    if config.content.wanted and not config.content.needs_vgg:
        features = cast(Features, discriminator.feature_maps)
    return AdversarialStage(
        generator=alone.generator,
        average=alone.average,
        optimiser=alone.optimiser,
        loss=GeneratorLoss(config, features),
        discriminator=discriminator,
        discriminator_optimiser=adam(config, discriminator, _discriminator_rate(config, 1.0)),
    )


def _discriminator_rate(config: RunConfig, part: float) -> float:
    """The discriminator's rate where the generator's is at ``part`` of its peak."""
    return (config.adversarial.learning_rate or config.optimiser.learning_rate) * part


def adversarial_step(
    config: RunConfig,
    stage: AdversarialStage,
    forward: Callable[[Tensor], Tensor],
    crops: Tensor,
    rate: float,
) -> dict[str, Tensor]:
    """One step of the discriminator, then one of the generator, on uint8 HR crops.

    Returns:
        Losses by name and, as d_real and d_fake, what the discriminator believes; not waited for.
    """
    part = rate / config.optimiser.learning_rate
    for group in stage.optimiser.param_groups:
        group["lr"] = rate
    for group in stage.discriminator_optimiser.param_groups:
        group["lr"] = _discriminator_rate(config, part)
    autocast = number_format.autocast(stage.device, stage.precision)
    with one_thread(stage.device):
        lr, hr = step_pair(config, crops.to(stage.device, non_blocking=True), stage.step)
    with autocast:
        sr = forward(lr).float()

    verdict = _discriminator_step(config, stage, autocast, hr, sr.detach())

    # the generator's step: the discriminator judges, but does not learn from it
    stage.discriminator.requires_grad_(False)
    with autocast:
        terms = stage.loss.terms(sr, hr)
        fake = stage.discriminator(sr).float()
        real = fake.detach()
        if config.adversarial.kind == "relativistic":
            real = stage.discriminator(hr).float().detach()
    terms["adversarial"] = stage.loss.adversarial(real, fake)
    stage.optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(torch.stack(list(terms.values())).sum())
    update_generator(config, stage)
    stage.discriminator.requires_grad_(True)
    stage.step += 1
    return {name: term.detach() for name, term in terms.items()} | verdict


def _discriminator_step(
    config: RunConfig,
    stage: AdversarialStage,
    autocast: torch.autocast,
    hr: Tensor,
    sr: Tensor,
) -> dict[str, Tensor]:
    adversarial = config.adversarial
    with autocast:
        real, fake = stage.discriminator(hr).float(), stage.discriminator(sr).float()
    loss = discriminator_loss(adversarial.kind, real, fake, adversarial.label_smoothing)
    total = loss
    if adversarial.r1_weight and stage.step % adversarial.r1_every == 0:
        penalty = r1_penalty(stage.discriminator, hr)
        total = loss + adversarial.r1_weight / 2 * adversarial.r1_every * penalty
    stage.discriminator_optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(total)
    with one_thread(stage.device):
        stage.discriminator_optimiser.step()
    return {
        "discriminator": loss.detach(),
        "d_real": belief(adversarial.kind, real),
        "d_fake": belief(adversarial.kind, fake),
    }


def run_adversarial_stage(
    job: Job, stage: AdversarialStage, data: TrainingData, pace: Pace
) -> Iterator[Event]:
    """Train until the pace says that it is over or the job is told to stop; closing saves first.

    As in the pixel stage, validation and checkpoints happen at the loop's top. Each validation
    counts as the best: a network that invents texture loses PSNR while it gains what it is for.

    Yields:
        started, step, validated, saved, warning and finished events.

    Raises:
        TrainingError: a loss is no number, or nothing could be saved at the end.
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
        str(folder.path), "adversarial", stage.step, pace.steps, pace.budget_s, len(photos),
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
                yield keeper.save(state_of(stage, pace, photos))
            elif keeper.due():
                stage.check_finite()
                yield keeper.save(state_of(stage, pace, photos))
            if over or asked_to_stop or job.stop():
                break

            rate = learning_rate(
                config.schedule, config.optimiser, stage.step, pace.progress(stage.step)
            )
            losses = adversarial_step(config, stage, forward, sampler.crops(stage.step), rate)
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
