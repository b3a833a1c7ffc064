"""Content losses: how far two pictures are apart in the eyes of another network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

Distance = Literal["mse", "l1"]


def feature_distance(
    ours: Sequence[Tensor], theirs: Sequence[Tensor], weights: Sequence[float], distance: Distance
) -> Tensor:
    """Weighted sum over layers of the mean distance of two lists of feature maps."""
    measure: Callable[[Tensor, Tensor], Tensor] = F.l1_loss if distance == "l1" else F.mse_loss
    terms = [
        weight * measure(a, b.detach()) for a, b, weight in zip(ours, theirs, weights, strict=True)
    ]
    return torch.stack(terms).sum()


def gram(features: Tensor) -> Tensor:
    """(N, C, H, W) to how alike each two channels are, (N, C, C), for each place on average.

    The texture of Gatys et al. 2015: what stays when places are forgotten. Divided by
    C * H * W, so that neither size nor width of the layer changes its scale.
    """
    n, c, h, w = features.shape
    flat = features.reshape(n, c, h * w)
    return flat @ flat.transpose(1, 2) / (c * h * w)


def texture_distance(
    ours: Sequence[Tensor], theirs: Sequence[Tensor], weights: Sequence[float]
) -> Tensor:
    """Weighted sum over layers of the mean squared distance of Gram matrices."""
    return feature_distance([gram(a) for a in ours], [gram(b) for b in theirs], weights, "mse")
