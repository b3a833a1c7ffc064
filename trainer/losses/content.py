"""Content losses: how far two pictures are apart in the eyes of another network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

Distance = Literal["mse", "l1", "normalised", "lpips"]


def feature_distance(
    ours: Sequence[Tensor],
    theirs: Sequence[Tensor],
    weights: Sequence[float],
    distance: Distance,
    heads: Sequence[Tensor] = (),
) -> Tensor:
    """Weighted sum over layers of the mean distance of two lists of feature maps.

    Args:
        heads: of LPIPS, one (1, C, 1, 1) a layer, for that distance.
    """
    if distance == "lpips":
        of_layers = zip(ours, theirs, weights, heads, strict=True)
        return torch.stack([w * lpips_distance(a, b.detach(), h) for a, b, w, h in of_layers]).sum()
    measure = _DISTANCES[distance]
    terms = [
        weight * measure(a, b.detach()) for a, b, weight in zip(ours, theirs, weights, strict=True)
    ]
    return torch.stack(terms).sum()


def normalised_distance(ours: Tensor, theirs: Tensor) -> Tensor:
    """Squared distance of (N, C, H, W) features scaled to length one at each place; their mean.

    What Zhang et al. 2018 (arXiv:1801.03924) found to agree with people, without the learned
    weights of LPIPS: it asks what is there rather than with how much contrast.
    """
    return _direction_differences(ours, theirs).sum(1).mean()


def lpips_distance(ours: Tensor, theirs: Tensor, head: Tensor) -> Tensor:
    """The same with every channel weighted by ``head`` (1, C, 1, 1), as people notice it."""
    return (_direction_differences(ours, theirs) * head).sum(1).mean()


def _direction_differences(ours: Tensor, theirs: Tensor) -> Tensor:
    a, b = F.normalize(ours, dim=1, eps=1e-6), F.normalize(theirs, dim=1, eps=1e-6)
    return (a - b).square()


_DISTANCES: dict[Distance, Callable[[Tensor, Tensor], Tensor]] = {
    "mse": F.mse_loss,
    "l1": F.l1_loss,
    "normalised": normalised_distance,
}


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
