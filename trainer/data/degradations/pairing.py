"""LR and HR of one step, from what the sampler cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from trainer.config.degradation_settings import DegradationConfig
from trainer.data.degradations.bicubic import BICUBIC_MARGIN, bicubic_lr, lr_hr_pair, within
from trainer.data.degradations.chains import DEGRADATIONS
from trainer.data.degradations.draws import Draws, groups
from trainer.data.degradations.packing import unpacked

if TYPE_CHECKING:
    from trainer.config.run_config import RunConfig

# whole pictures' degradations are the same in every run, whatever its seed: scores compare
_VALIDATION_KEY = (0, 1)


def margin_of(config: RunConfig) -> int:
    """LR pixels by which a step's pieces are too large on each side."""
    cuts_exactly = config.degradation.kind == "pairs" or config.stage == "cycle"
    return BICUBIC_MARGIN if config.data.margin and not cuts_exactly else 0


def step_pair(config: RunConfig, crops: Tensor, step: int, first: int = 0) -> tuple[Tensor, Tensor]:
    """What the network sees at ``step`` and what it is compared with.

    A function of the config's seed, the step and the crops alone.

    Args:
        crops: uint8, from ``crop_sampler(config, ...).crops(step)``, on the device; or a part of
            them, whose first is at place ``first`` of the whole batch.

    Returns:
        float32 0..1: LR (N, C, h, w) and HR (N, C, h*scale, w*scale), channels_last.
    """
    scale, settings = config.generator.scale, config.degradation
    if settings.kind == "pairs":
        lr, hr = unpacked(crops, scale, config.generator.colours)
    elif settings.is_bicubic:
        return lr_hr_pair(crops, scale, margin_of(config))
    else:
        margin = margin_of(config)
        lr = within(degraded(crops, scale, settings, (config.seed, step), first), margin)
        hr = within(crops, margin * scale)
    return _shown(lr), _shown(hr)


def _shown(levels: Tensor) -> Tensor:
    return (levels.to(torch.float32) / 255).contiguous(memory_format=torch.channels_last)


def degraded(
    hr: Tensor, scale: int, settings: DegradationConfig, key: Sequence[int], first: int = 0
) -> Tensor:
    """LR of each picture of a batch, degraded as ``settings`` say; not for kind pairs.

    Args:
        hr: (N, C, H, W), values 0..255 of any dtype; H and W multiples of ``scale``.
        key: whole numbers from 0 that, with the place in the batch, decide what each picture gets.
        first: place of the first picture in the whole batch.

    Returns:
        float32 (N, C, H / scale, W / scale), whole numbers 0..255.
    """
    lr = bicubic_lr(hr, scale)
    if settings.is_bicubic:
        return lr
    degrade, size = DEGRADATIONS[settings.kind], (lr.shape[-2], lr.shape[-1])
    for group, places, indices in groups(first, len(hr)):
        # drawn apart, so that the clean ones cost nothing
        clean = Draws((*key, group, 0), places, hr.device).happens(settings.clean_part)
        chosen = [i for i, skip in zip(indices, clean, strict=True) if not skip]
        members = [place for place, skip in zip(places, clean, strict=True) if not skip]
        if chosen:
            draws = Draws((*key, group, 1), members, hr.device)
            # packed in memory as the transforms like it, not as convolutions do
            pictures = hr[chosen].contiguous().to(torch.float32) / 255
            lr[chosen] = (degrade(pictures, size, settings, draws) * 255).clamp(0, 255).round()
    return lr


def validation_lr(hr: Tensor, scale: int, settings: DegradationConfig, index: int) -> Tensor:
    """LR of a whole validation picture: the same in every run, and never one of the clean ones.

    Args:
        hr: float32 (C, H, W), 0..255; H and W multiples of ``scale``.
        index: of the picture.

    Returns:
        float32 (C, H / scale, W / scale), whole numbers 0..255.
    """
    size = (hr.shape[-2] // scale, hr.shape[-1] // scale)
    draws = Draws((*_VALIDATION_KEY, index), [0], hr.device)
    lr = DEGRADATIONS[settings.kind](hr[None] / 255, size, settings, draws)
    return (lr[0] * 255).clamp(0, 255).round()
