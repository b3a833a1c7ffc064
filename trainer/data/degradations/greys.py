"""Crops that lose their colour, so that a network meets photos in black and white too.

Nearly all training photos are in colour. What knows those alone takes the missing colours of a
clean grey photo for a trace of strong compression.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from srgan_desktop.core.networks.predictor import YCC
from srgan_desktop.core.networks.strengths import STRENGTHS

_LUMA = np.array(YCC[0])
# of those that change: parts that become grey, and grey with a tone as old prints have it; the rest
# keeps some of its colour
_GREY, _TONED = 0.5, 0.25
# by how much a tone may move each colour
_TONE = 0.2
# apart from the numbers that crops, noise and given strengths are drawn with
_STREAM = 10


@dataclass(frozen=True)
class Greys:
    """What happens to the colours of some pictures.

    Attributes:
        matrices: float32 (N, 3, 3), from RGB to RGB.
        kept: float32 (N,): part of the colour that each keeps, 0..1.
    """

    matrices: Tensor
    kept: Tensor

    @classmethod
    def drawn(
        cls, part: float, count: int, key: Sequence[int], first: int = 0, share: int = 0
    ) -> Greys:
        """For ``count`` pictures of which a ``part`` (0..1) changes; ``key`` and what follows as in
        ``degrade_with_strengths``: what shares a treatment shares this too."""
        matrices = np.tile(np.eye(3), (count, 1, 1))
        kept = np.ones(count)
        for i in range(count):
            place = (first + i) // share if share else first + i
            random = np.random.default_rng((*key, place, _STREAM))
            changes, kind, saturation = random.random(3)
            tone = random.uniform(1 - _TONE, 1 + _TONE, 3)
            if changes >= part:
                continue
            kept[i] = saturation if kind >= _GREY + _TONED else 0.0
            grey = np.tile(_LUMA, (3, 1))
            matrices[i] = kept[i] * np.eye(3) + (1 - kept[i]) * grey
            if _GREY <= kind < _GREY + _TONED:
                # as light as before
                matrices[i] *= (tone / (_LUMA @ tone))[:, None]
        return cls(torch.from_numpy(matrices).float(), torch.from_numpy(kept).float())

    def applied(self, levels: Tensor) -> Tensor:
        """``levels`` (N, 3, H, W), 0..255 of any dtype, as float32 whole numbers 0..255; whatever
        has another number of colours as it is."""
        if levels.shape[1] != 3 or bool((self.kept == 1).all()):
            return levels
        flat = levels.to(torch.float32).flatten(2)
        changed = self.matrices.to(levels.device) @ flat
        return changed.clamp(0, 255).round().view(levels.shape)

    def left_of(self, strengths: Tensor) -> Tensor:
        """``strengths`` (N, strengths) of the pictures before, as they are after: no colour, no
        noise of the colours."""
        left = strengths.clone()
        left[:, STRENGTHS.index("colour_noise")] *= self.kept
        return left
