"""Crops for a run that has a teacher: what the teacher is asked, and what a step sees of it.

A part of each batch comes from the teacher's answers, cut and turned anew; the rest is cut from the
photos, made worse and compared with the photos themselves.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from srgan_desktop.core.base.errors import DatasetError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.networks.strengths import STRENGTHS
from trainer.data.crops import CropSampler
from trainer.data.dataset import PhotoSet
from trainer.data.degradations import BICUBIC_MARGIN, degraded, margin_of, step_sample
from trainer.data.degradations.bicubic import within
from trainer.data.degradations.greys import Greys
from trainer.data.degradations.packing import packed, with_strengths
from trainer.data.teacher_outputs import SHARD, TeacherOutputs
from trainer.data.user_pairs import PairSampler

if TYPE_CHECKING:
    from trainer.config.run_config import RunConfig

# apart from the numbers that a run's own crops are drawn with
_QUESTION_SEED, _REAL_SEED, _ANSWER_SEED = 0x7EAC, 0x7EA1, 0xA25E


@dataclass(frozen=True, kw_only=True)
class DistillationPhotos(PhotoSet):
    """Photos, and the teacher's answers beside them."""

    answers: TeacherOutputs

    def to(self, device: torch.device) -> DistillationPhotos:
        """The photos on ``device``; the answers stay, for they grow."""
        return taught(super().to(device), self.answers)


def taught(photos: PhotoSet, answers: TeacherOutputs) -> DistillationPhotos:
    """Both in one."""
    fields = {own.name: getattr(photos, own.name) for own in dataclasses.fields(PhotoSet)}
    return DistillationPhotos(**fields, answers=answers)


@dataclass(frozen=True)
class DistillationSampler(CropSampler):
    """Pairs for a step, packed as those of a ``PairSampler``.

    While answers are still being made a step chooses among those that there are: then what it sees
    depends on the teacher's speed too.
    """

    photos: DistillationPhotos
    config: RunConfig = field(kw_only=True)

    def crops(self, step: int) -> Tensor:
        """uint8 (batch, colours * (scale^2 + 1), h, w), of LR's size.

        For a network that adapts also how each crop was made worse, as further channels: unknown
        of those that the teacher answered.
        """
        config = self.config
        side, scale = config.data.crop // config.generator.scale, config.generator.scale
        available = self.photos.answers.available
        # once there are answers, one crop at least
        of_teacher = max(1, round(config.teacher.weight * self.batch)) if available else 0
        parts = []
        if of_teacher:
            answers, seed = self.photos.answers.photos(available), self.seed ^ _ANSWER_SEED
            sampler = PairSampler(answers, side, of_teacher, seed, self.augment, scale)
            parts.append(self._with_strengths(sampler.crops(step), None))
        if of_teacher < self.batch:
            own = dataclasses.replace(self, batch=self.batch - of_teacher)
            sample = step_sample(config, CropSampler.crops(own, step), step)
            lr, hr = ((part * 255).round().byte() for part in (sample.lr, sample.hr))
            parts.append(self._with_strengths(packed(lr, hr), sample.strengths))
        # answers are on the processor, photos perhaps not
        return torch.cat([part.to(parts[-1].device) for part in parts])

    def _with_strengths(self, crops: Tensor, strengths: Tensor | None) -> Tensor:
        if not self.config.adapts:
            return crops
        if strengths is None:
            strengths = torch.full((len(crops), len(STRENGTHS)), torch.nan)
        return with_strengths(crops, strengths)


@dataclass(frozen=True)
class TeacherInputs:
    """The small crops that a teacher is asked about; the same for the same config and photos.

    Attributes:
        photos: good ones, made worse as the config says; all large enough.
        real: bad ones, taken as they are, or None.
    """

    config: RunConfig
    photos: PhotoSet
    real: PhotoSet | None
    side: int

    def shard(self, number: int) -> Tensor:
        """uint8 (SHARD, colours, side, side)."""
        config, scale = self.config, self.config.generator.scale
        of_real = 0 if self.real is None else round(config.teacher.real_part * SHARD)
        parts = []
        if of_real < SHARD:
            margin = BICUBIC_MARGIN if config.data.margin else 0
            seed = config.seed ^ _QUESTION_SEED
            size = (self.side + 2 * margin) * scale
            crops = CropSampler(self.photos, size, SHARD - of_real, seed, False).crops(number)
            key, settings = (seed, number), config.degradation
            made = degraded(crops, scale, settings, key)
            if not settings.is_bicubic:
                made = Greys.drawn(settings.grey_part, len(made), key).applied(made)
            parts.append(within(made, margin).byte())
        if of_real and self.real is not None:
            seed = config.seed ^ _REAL_SEED
            parts.append(CropSampler(self.real, self.side, of_real, seed, False).crops(number))
        return torch.cat(parts)

    def key(self, teacher: str) -> str:
        """A name for the answers of the teacher whose file has this digest."""
        about: dict[str, Any] = {
            "teacher": teacher,
            "ensemble": self.config.teacher.ensemble,
            "side": self.side,
            "scale": self.config.generator.scale,
            "colours": self.config.generator.colours,
            "seed": self.config.seed,
            "margin": self.config.data.margin,
            "degradation": dataclasses.asdict(self.config.degradation),
            "photos": self.photos.fingerprint,
            "real": self.real.fingerprint if self.real is not None else None,
            "real_part": self.config.teacher.real_part if self.real is not None else 0,
        }
        return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:12]


def questions(config: RunConfig, photos: PhotoSet, real: PhotoSet | None) -> TeacherInputs:
    """About crops of the config's size, or the largest for which most photos of either kind are
    large enough.

    Raises:
        DatasetError: the photos are too small to be asked about.
    """
    scale = config.generator.scale
    margin = margin_of(config)
    least = config.data.crop // scale

    def large_enough(side: int) -> list[PhotoSet]:
        large = [_at_least(photos, (side + 2 * margin) * scale)]
        return large if real is None else [*large, _at_least(real, side)]

    given = [photos] if real is None else [photos, real]
    for side in range(max(config.teacher.crop, least), least, -8):
        chosen = large_enough(side)
        if all(2 * len(some) >= len(of) for some, of in zip(chosen, given, strict=True)):
            break
    else:
        side = least
        chosen = large_enough(side)
    if not all(len(some) for some in chosen):
        raise DatasetError(tr("no photo is large enough to ask the teacher about; see data.crop"))
    return TeacherInputs(config, chosen[0], chosen[1] if real is not None else None, side)


def _at_least(photos: PhotoSet, side: int) -> PhotoSet:
    """Those of ``photos`` whose sides are all ``side`` or more; shares their pixels."""
    chosen = (photos.heights >= side) & (photos.widths >= side)
    paths = tuple(path for path, use in zip(photos.paths, chosen, strict=True) if use)
    return PhotoSet(
        photos.pixels, photos.starts[chosen], photos.heights[chosen], photos.widths[chosen], paths
    )
