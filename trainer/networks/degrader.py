"""A small network that makes good pictures small and bad, for the cycle stage.

The idea of learning the degradation itself is Bulat et al.'s (2018, arXiv:1807.11458).
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from trainer.config.cycle_settings import CycleConfig

LEAKY_SLOPE = 0.2
# channels of random numbers, out of which noise can be made
NOISE_CHANNELS = 4


class Degrader(nn.Module):
    """HR to LR: the mean over each LR pixel, and what residual blocks add to it.

    It begins by adding nothing. ``forward``: HR (N, colours, H, W) on 0..1 and random numbers
    (N, NOISE_CHANNELS, H / scale, W / scale) to LR (N, colours, H / scale, W / scale), about 0..1.
    """

    def __init__(self, config: CycleConfig, scale: int, colours: int) -> None:
        super().__init__()
        self.scale = scale
        inputs = colours * scale * scale + NOISE_CHANNELS
        self.head = nn.Conv2d(inputs, config.channels, 3, padding=1)
        self.blocks = nn.ModuleList(_Block(config.channels) for _ in range(config.blocks))
        self.tail = nn.Conv2d(config.channels, colours, 3, padding=1)
        nn.init.zeros_(self.tail.weight)
        nn.init.zeros_(cast(Tensor, self.tail.bias))

    def forward(self, hr: Tensor, noise: Tensor) -> Tensor:
        features = torch.cat([F.pixel_unshuffle(hr, self.scale), noise], 1)
        features = F.leaky_relu(self.head(features), LEAKY_SLOPE)
        for block in self.blocks:
            features = block(features)
        added: Tensor = self.tail(features)
        return F.avg_pool2d(hr, self.scale) + added


class _Block(nn.Module):
    """conv, LeakyReLU, conv, and what came in."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        added: Tensor = self.second(F.leaky_relu(self.first(x), LEAKY_SLOPE))
        return x + added
