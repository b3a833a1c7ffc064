"""The SRGAN stage: generator against discriminator (Ledig et al. 2017, arXiv:1609.04802).

The generator usually starts from one that was trained after a pixel loss.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn

from srgan_desktop.core.networks.network import Network
from trainer.config.run_config import RunConfig
from trainer.data.degradations import step_sample
from trainer.data.loading import TrainingData
from trainer.losses.generator import Features, GeneratorLoss, Seen
from trainer.networks.discriminators import build_discriminator
from trainer.networks.features import VggFeatures
from trainer.run.checkpointer import Checkpointer
from trainer.run.events import Event, Finished, Started, Warned
from trainer.run.throttle import Throttle
from trainer.training import precision as number_format
from trainer.training.accumulation import Compared, accumulate
from trainer.training.control import Control
from trainer.training.forward import enlarged
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
        config.discriminator, config.generator.colours, config.judged_crop, config.judged_layers
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
        discriminator_optimiser=build_optimiser(
            config.optimiser, discriminator, _discriminator_rate(config, 1.0)
        ),
    )


def _discriminator_rate(config: RunConfig, part: float) -> float:
    """The discriminator's rate when the generator's is at ``part`` of its peak."""
    return (config.adversarial.learning_rate or config.optimiser.learning_rate) * part


def adversarial_step(
    config: RunConfig,
    stage: AdversarialStage,
    forward: Callable[[Tensor], Tensor],
    crops: Tensor,
    rate: float,
) -> dict[str, Tensor]:
    """One step of the generator, then one of the discriminator, on uint8 HR crops.

    The same enlarged pictures, or what VGG sees of them, are judged in both.

    Returns:
        Losses by name and, as d_real and d_fake, what the discriminator believes; not waited for;
        of this process's share, so that they add up over all.

    Raises:
        DeviceMemoryError: memory does not even suffice for one crop at a time.
    """
    part = rate / config.optimiser.learning_rate
    for group in stage.optimiser.param_groups:
        group["lr"] = rate
    for group in stage.discriminator_optimiser.param_groups:
        group["lr"] = _discriminator_rate(config, part)
    autocast = number_format.autocast(stage.device, stage.precision)
    with one_thread(stage.device):
        sample = step_sample(config, crops.to(stage.device, non_blocking=True), stage.step)
    batch, mine = len(crops), stage.group.share(len(crops))
    tensors = [part[mine] for part in sample.tensors]

    def persuade(lr: Tensor, hr: Tensor, *known: Tensor) -> Compared:
        with autocast:
            sr, adaptive = enlarged(config, forward, lr, *known)
            sr = sr.float()
            seen = stage.loss.see(sr, hr, stage.step)
            terms = stage.loss.terms(sr, hr, stage.step, seen) | adaptive
            made, photos = _shown(config, stage, sr, hr, seen)
            fake = stage.discriminator(*made).float()
            real = fake.detach()
            if config.adversarial.kind == "relativistic":
                real = stage.discriminator(*photos).float().detach()
        terms["adversarial"] = stage.loss.adversarial(real, fake)
        return torch.stack(list(terms.values())).sum(), terms, (*made, *photos)

    # the discriminator judges, but does not learn from it
    stage.discriminator.requires_grad_(False)
    try:
        terms, shown = accumulate(stage, stage.generator, batch, tensors, persuade)
    finally:
        stage.discriminator.requires_grad_(True)
    update_generator(config, stage)
    made, photos = shown[: len(shown) // 2], shown[len(shown) // 2 :]
    scores = discriminator_step(config, stage, autocast, batch, photos, made)
    stage.step += 1
    return terms | scores


def _shown(
    config: RunConfig, stage: AdversarialStage, sr: Tensor, hr: Tensor, seen: Seen | None
) -> tuple[list[Tensor], list[Tensor]]:
    """What the discriminator takes of enlarged pictures and of originals."""
    if config.discriminator.kind == "features":
        assert seen is not None, "checked where the config is read"
        judged = [config.content.layers.index(layer) for layer in config.judged_layers]
        return [seen.made[i] for i in judged], [seen.photos[i] for i in judged]
    return [stage.loss.judged(sr, stage.step)], [stage.loss.judged(hr, stage.step)]


def run_adversarial_stage(
    job: RunSetup, stage: AdversarialStage, data: TrainingData, clock: RunClock
) -> Iterator[Event]:
    """Train until the clock says that it is over or the job is told to stop; closing saves first.

    As in the pixel stage, validation and checkpoints happen at the loop's top. Each validation
    counts as the best: a network that invents texture loses PSNR while it gains what it is for.

    Yields:
        started, step, validated, saved, warning and finished events.

    Raises:
        DivergedError: a loss is no number, the network has become far worse, or the discriminator
            has won for long.
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
        "adversarial",
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
            losses = adversarial_step(config, stage, forward, sampler.crops(stage.step), rate)
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
