"""One step of a discriminator, in the stages that have one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor, nn

from trainer.config.run_config import RunConfig
from trainer.losses.adversarial import discriminator_loss, discriminator_scores, r1_penalty
from trainer.training.accumulation import Accumulating, Compared, Terms, accumulate
from trainer.training.threads import one_thread


class Adversary(Accumulating, Protocol):
    """What a stage has for it."""

    step: int
    discriminator: nn.Module
    discriminator_optimiser: torch.optim.Optimizer

    @property
    def device(self) -> torch.device: ...


def discriminator_step(
    config: RunConfig,
    stage: Adversary,
    autocast: torch.autocast,
    batch: int,
    photos: Sequence[Tensor],
    made: Sequence[Tensor],
) -> Terms:
    """Learn to tell ``photos`` from what a network ``made``.

    Args:
        batch: crops of the whole batch, over all processes; n is this process's share.
        photos, made: what the discriminator takes: pictures (n, C, H, W) on 0..1, or features.

    Returns:
        The loss and, as d_real and d_fake, how surely both are taken for photos; as ``accumulate``.
    """
    adversarial = config.adversarial

    def discriminate(*parts: Tensor) -> Compared:
        photos, made = parts[: len(parts) // 2], parts[len(parts) // 2 :]
        with autocast:
            real, fake = stage.discriminator(*photos).float(), stage.discriminator(*made).float()
        loss = discriminator_loss(adversarial.kind, real, fake, adversarial.label_smoothing)
        total = loss
        if adversarial.r1_weight and stage.step % adversarial.r1_every == 0:
            penalty = r1_penalty(stage.discriminator, *photos)
            total = loss + adversarial.r1_weight / 2 * adversarial.r1_every * penalty
        d_real, d_fake = discriminator_scores(adversarial.kind, real, fake)
        return total, {"discriminator": loss, "d_real": d_real, "d_fake": d_fake}, ()

    terms, _ = accumulate(stage, stage.discriminator, batch, (*photos, *made), discriminate)
    with one_thread(stage.device):
        stage.discriminator_optimiser.step()
    return terms
