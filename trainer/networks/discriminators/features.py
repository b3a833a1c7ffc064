"""A discriminator of VGG features, after Projected GANs (Sauer et al. 2021, arXiv:2111.01007).

Of pictures it sees only what a trained, frozen network makes of them, at several depths, and so
need not learn first what edges and textures are. Here it is the network of the content loss: what
was computed for that serves a second time, and the discriminator is nearly free. Its source mixes
channels and depths by fixed random convs; here each depth has a head of its own that learns which
channels tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

LEAKY_SLOPE = 0.2


class FeatureDiscriminator(nn.Module):
    """A small head for each layer, which judges every place of it.

    ``forward``: feature maps (N, widths[i], H_i, W_i) to logits (N, layers, H, W) of the largest
    one's size: those of smaller maps are repeated, so that each layer has one voice.

    Args:
        widths: channels of each layer's features.
        channels: of the heads.
    """

    def __init__(self, widths: Sequence[int], channels: int = 64) -> None:
        super().__init__()
        self.heads = nn.ModuleList(_Head(width, channels) for width in widths)

    def forward(self, *features: Tensor) -> Tensor:
        logits = [head(maps) for head, maps in zip(self.heads, features, strict=True)]
        height, width = max(one.shape[-2:] for one in logits)
        return torch.cat([F.interpolate(one, (height, width)) for one in logits], 1)


class _Head(nn.Module):
    """From one layer's features to a logit for each place, (N, 1, H, W)."""

    def __init__(self, width: int, channels: int) -> None:
        super().__init__()
        self.mix = spectral_norm(nn.Conv2d(width + 1, channels, 1))
        self.look = spectral_norm(nn.Conv2d(channels, channels, 3, padding=1))
        self.judge = nn.Conv2d(channels, 1, 3, padding=1)

    def forward(self, maps: Tensor) -> Tensor:
        y = _leaky(self.mix(_direction_and_length(maps)))
        y = _leaky(self.look(y)) + y
        return cast(Tensor, self.judge(y))


def _direction_and_length(maps: Tensor) -> Tensor:
    """Features (N, C, H, W) on one scale for every layer, (N, C + 1, H, W): none drowns another."""
    length = maps.norm(dim=1, keepdim=True)
    direction = maps / (length + 1e-3) * maps.shape[1] ** 0.5
    return torch.cat([direction, torch.log(length + 1e-2)], 1)


def _leaky(x: Tensor) -> Tensor:
    return F.leaky_relu(x, LEAKY_SLOPE)
