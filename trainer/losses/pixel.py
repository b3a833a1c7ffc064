"""Pixel losses, on pictures in 0..1; each returns a scalar."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

CHARBONNIER_EPSILON = 1e-3


def charbonnier(sr: Tensor, hr: Tensor) -> Tensor:
    """Mean of sqrt(d^2 + eps^2), a smooth L1 (Charbonnier et al. 1994; used by LapSRN)."""
    return torch.sqrt((sr - hr) ** 2 + CHARBONNIER_EPSILON**2).mean()


def mse(sr: Tensor, hr: Tensor) -> Tensor:
    """Mean squared error on -1..1, the paper's range: four times that on 0..1."""
    return 4 * F.mse_loss(sr, hr)


def tone_loss(sr: Tensor, hr: Tensor, side: int) -> Tensor:
    """L1 of both made small: each square of ``side`` pixels is its mean, what is over is left out.

    Where detail may be invented, this holds brightness, contrast and colour.
    """
    return F.l1_loss(F.avg_pool2d(sr, side), F.avg_pool2d(hr, side))


def grid_loss(sr: Tensor, hr: Tensor, scale: int, side: int) -> Tensor:
    """L1 of the part of ``sr`` - ``hr`` that repeats with every pixel of the small picture.

    Each of the scale^2 places that a pixel of the small picture becomes is averaged by itself over
    squares of ``side`` such pixels, half of them overlapping; by how much a place differs from the
    mean of all is a lattice. Where a small picture varies little, a convolutional network can
    invent no other texture, and an adversarial loss asks it for some.
    """
    n, colours, height, width = sr.shape
    places = F.pixel_unshuffle(sr - hr, scale)
    places = places.view(n, colours, scale**2, height // scale, width // scale)
    lattice = places - places.mean(2, keepdim=True)
    return F.avg_pool2d(lattice.flatten(1, 2), side, side // 2).abs().mean()


PIXEL_LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "l1": F.l1_loss,
    "mse": mse,
    "charbonnier": charbonnier,
}
