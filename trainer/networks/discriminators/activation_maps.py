"""What a discriminator sees on its way, as features for a content loss."""

from __future__ import annotations

from torch import Tensor, nn


def activation_maps(layers: nn.Sequential, x: Tensor) -> list[Tensor]:
    """What each leaky ReLU of ``layers`` gives for x (N, C, H, W), first to last."""
    maps = []
    for layer in layers:
        x = layer(x)
        if isinstance(layer, nn.LeakyReLU):
            maps.append(x)
    return maps
