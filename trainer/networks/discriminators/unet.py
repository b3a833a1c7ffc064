"""A U-Net that judges every pixel, as in Real-ESRGAN (Wang et al. 2021, arXiv:2107.10833)."""

from __future__ import annotations

from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr

LEAKY_SLOPE = 0.2
DEPTH = 3


class UNetDiscriminator(nn.Module):
    """Three strided convs down, three enlargements up with the features of the way down added.

    Spectral norm on all convs but the first and the last, as in its source.

    ``forward``: (N, colours, H, W) on 0..1, sides multiples of 8, to logits (N, 1, H, W).
    """

    def __init__(self, colours: int, crop: int, channels: int = 64) -> None:
        super().__init__()
        if not crop or crop % 2**DEPTH:
            raise UsageError(
                tr(
                    "the unet discriminator needs crops of a multiple of {step} pixels, not "
                    "{crop} (data.crop less loss.jitter)",
                    step=2**DEPTH,
                    crop=crop,
                )
            )
        widths = [channels * 2**level for level in range(DEPTH + 1)]
        self.first = nn.Conv2d(colours, channels, 3, padding=1)
        self.down = nn.ModuleList(
            spectral_norm(nn.Conv2d(a, b, 4, 2, 1, bias=False)) for a, b in pairwise(widths)
        )
        self.up = nn.ModuleList(
            spectral_norm(nn.Conv2d(b, a, 3, padding=1, bias=False))
            for a, b in reversed(list(pairwise(widths)))
        )
        self.refine = nn.ModuleList(
            spectral_norm(nn.Conv2d(channels, channels, 3, padding=1, bias=False)) for _ in range(2)
        )
        self.last = nn.Conv2d(channels, 1, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        y = _leaky(self.first(2 * x - 1))
        way_down = []
        for conv in self.down:
            way_down.append(y)
            y = _leaky(conv(y))
        for conv, beside in zip(self.up, reversed(way_down), strict=True):
            larger = F.interpolate(y, scale_factor=2, mode="bilinear", align_corners=False)
            y = _leaky(conv(larger)) + beside
        for conv in self.refine:
            y = _leaky(conv(y))
        return cast(Tensor, self.last(y))


def _leaky(x: Tensor) -> Tensor:
    return torch.nn.functional.leaky_relu(x, LEAKY_SLOPE)
