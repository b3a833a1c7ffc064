"""LR and HR of one step, from what the sampler cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from trainer.config.degradation_settings import DegradationConfig
from trainer.data.degradations.bicubic import BICUBIC_MARGIN, bicubic_lr, lr_hr_pair, within
from trainer.data.degradations.chains import DEGRADATIONS
from trainer.data.degradations.draws import GROUP, Draws, groups
from trainer.data.degradations.greys import Greys
from trainer.data.degradations.packing import packed_channels, strengths_of, unpacked
from trainer.data.degradations.traces import no_traces

if TYPE_CHECKING:
    from trainer.config.run_config import RunConfig

# whole pictures' degradations are the same in every run, whatever its seed: scores compare
_VALIDATION_KEY = (0, 1)
# apart from the numbers that crops and degradations are drawn with
_GIVEN_STREAM = 9


def margin_of(config: RunConfig) -> int:
    """LR pixels by which a step's pieces are too large on each side."""
    cuts_exactly = config.degradation.kind == "pairs" or config.stage == "cycle"
    return BICUBIC_MARGIN if config.data.margin and not cuts_exactly else 0


@dataclass(frozen=True)
class Sample:
    """What one step is made of, each picture at its place.

    Attributes:
        lr, hr: float32 0..1: (N, C, h, w) and (N, C, h*scale, w*scale), channels_last.
        strengths: float32 (N, strengths) on the CPU, 0..1: how LR was made worse; those of
            pictures that share it are equal; NaN where nobody knows.
        is_given: bool (N,) on the CPU: whether an adaptive network is told the strengths rather
            than left to find them; the same for pictures that share them; never where unknown.
    """

    lr: Tensor
    hr: Tensor
    strengths: Tensor
    is_given: Tensor

    @property
    def tensors(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """All of it, to be parted alike."""
        return self.lr, self.hr, self.strengths, self.is_given


def step_pair(config: RunConfig, crops: Tensor, step: int, first: int = 0) -> tuple[Tensor, Tensor]:
    """LR and HR of ``step_sample``."""
    sample = step_sample(config, crops, step, first)
    return sample.lr, sample.hr


def step_sample(config: RunConfig, crops: Tensor, step: int, first: int = 0) -> Sample:
    """What the network sees at ``step`` and what it is compared with.

    A function of the config's seed, the step and the crops alone.

    Args:
        crops: uint8, from ``crop_sampler(config, ...).crops(step)``, on the device; or a part of
            them, whose first is at place ``first`` of the whole batch.
    """
    scale, settings = config.generator.scale, config.degradation
    n, share = len(crops), config.shared_crops
    strengths = no_traces(n)
    if crops.shape[1] != config.generator.colours:
        # pairs already: a person's own, or those of a teacher
        pair = packed_channels(scale, config.generator.colours)
        lr, hr = unpacked(crops[:, :pair], scale, config.generator.colours)
        if crops.shape[1] > pair:
            strengths = strengths_of(crops[:, pair:])
    elif settings.is_bicubic:
        lr, hr = lr_hr_pair(crops, scale, margin_of(config))
        return Sample(lr, hr, strengths, _given(config, step, first, n))
    else:
        margin = margin_of(config)
        made, strengths = degrade_with_strengths(
            crops, scale, settings, (config.seed, step), first, share
        )
        lr, hr = within(made, margin), within(crops, margin * scale)
        if settings.grey_part:
            greys = Greys.drawn(settings.grey_part, n, (config.seed, step), first, share)
            lr, hr, strengths = greys.applied(lr), greys.applied(hr), greys.left_of(strengths)
    is_given = _given(config, step, first, n) & ~strengths.isnan().any(1)
    return Sample(_shown(lr), _shown(hr), strengths, is_given)


def _given(config: RunConfig, step: int, first: int, n: int) -> Tensor:
    if not config.adapts:
        return torch.zeros(n, dtype=torch.bool)
    share = config.shared_crops or 1
    blocks = [
        np.random.default_rng((config.seed, step, block, _GIVEN_STREAM)).random()
        for block in range(first // share, (first + n - 1) // share + 1)
    ]
    places = np.arange(first, first + n) // share - first // share
    return torch.from_numpy(np.array(blocks)[places] < config.adaptive.told_part)


def _shown(levels: Tensor) -> Tensor:
    return (levels.to(torch.float32) / 255).contiguous(memory_format=torch.channels_last)


def degraded(
    hr: Tensor, scale: int, settings: DegradationConfig, key: Sequence[int], first: int = 0
) -> Tensor:
    """LR alone of ``degrade_with_strengths``, each picture by itself."""
    return degrade_with_strengths(hr, scale, settings, key, first)[0]


def degrade_with_strengths(
    hr: Tensor,
    scale: int,
    settings: DegradationConfig,
    key: Sequence[int],
    first: int = 0,
    share: int = 0,
) -> tuple[Tensor, Tensor]:
    """LR of each picture of a batch, degraded as ``settings`` say, and how strongly.

    Not for kind pairs.

    Args:
        hr: (N, C, H, W), values 0..255 of any dtype; H and W multiples of ``scale``.
        key: whole numbers from 0 that, with the place in the batch, decide what each picture gets.
        first: place of the first picture in the whole batch.
        share: neighbours that are treated alike, a multiple of ``GROUP``; 0: none are.

    Returns:
        float32 (N, C, H / scale, W / scale), whole numbers 0..255; and float32 (N, strengths) on
        the CPU, those of pictures that were treated alike at their mean.
    """
    lr = bicubic_lr(hr, scale)
    strengths = no_traces(len(hr))
    if settings.is_bicubic:
        return lr, strengths
    degrade, size = DEGRADATIONS[settings.kind], (lr.shape[-2], lr.shape[-1])
    for group, places, indices in groups(first, len(hr)):
        block = group * GROUP // share if share else group
        # drawn apart, so that the clean ones cost nothing
        clean = _draws(key, (group, 0), (block, 0), places, hr.device, share).happens(
            settings.clean_part
        )
        chosen = [i for i, skip in zip(indices, clean, strict=True) if not skip]
        members = [place for place, skip in zip(places, clean, strict=True) if not skip]
        if chosen:
            draws = _draws(key, (group, 1), (block, 1), members, hr.device, share)
            # packed in memory as the transforms like it, not as convolutions do
            pictures = hr[chosen].contiguous().to(torch.float32) / 255
            lr[chosen] = (degrade(pictures, size, settings, draws) * 255).clamp(0, 255).round()
            strengths[chosen] = torch.from_numpy(draws.traces.strengths()).float()
    if share:
        blocks = (first + torch.arange(len(hr))) // share
        for block in range(int(blocks[0]), int(blocks[-1]) + 1):
            strengths[blocks == block] = strengths[blocks == block].mean(0)
    return lr, strengths


def _draws(
    key: Sequence[int],
    own: tuple[int, int],
    shared: tuple[int, int],
    members: Sequence[int],
    device: torch.device,
    share: int,
) -> Draws:
    if not share:
        return Draws((*key, *own), members, device)
    return Draws((*key, *shared), members, device, own=(*key, *own))


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
