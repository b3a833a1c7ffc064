"""Adversarial losses, on raw logits of a discriminator.

Each kind is a pair: what the discriminator makes small, and what the generator does.

bce           the non-saturating loss of Goodfellow et al. 2014, as in SRGAN: -log D(G(LR))
lsgan         least squares (Mao et al. 2017), targets 1 and 0
hinge         as in Lim and Ye 2017
relativistic  average relativistic bce (Jolicoeur-Martineau 2018), as in ESRGAN: how much more like
              a photo than the mean of the other kind
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Kind = Literal["bce", "lsgan", "hinge", "relativistic"]


def discriminator_loss(kind: Kind, real: Tensor, fake: Tensor, smoothing: float = 0.0) -> Tensor:
    """How badly logits ``real`` of photos and ``fake`` of enlarged pictures are told apart.

    Args:
        smoothing: taken off the target of photos (one-sided label smoothing, Salimans et al.
            2016); the hinge loss has no target and ignores it.
    """
    photo = 1.0 - smoothing
    if kind == "hinge":
        return F.relu(1 - real).mean() + F.relu(1 + fake).mean()
    if kind == "lsgan":
        return ((real - photo) ** 2).mean() + (fake**2).mean()
    if kind == "relativistic":
        real, fake = real - fake.mean(), fake - real.mean()
        return (_bce(real, photo) + _bce(fake, 0.0)) / 2
    return _bce(real, photo) + _bce(fake, 0.0)


def generator_loss(kind: Kind, real: Tensor, fake: Tensor) -> Tensor:
    """How badly enlarged pictures pass for photos; only relativistic looks at ``real``."""
    if kind == "hinge":
        return -fake.mean()
    if kind == "lsgan":
        return ((fake - 1) ** 2).mean()
    if kind == "relativistic":
        return (_bce(fake - real.mean(), 1.0) + _bce(real - fake.mean(), 0.0)) / 2
    return _bce(fake, 1.0)


def _bce(logits: Tensor, target: float) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


def discriminator_scores(kind: Kind, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
    """How surely photos, and enlarged pictures, are taken for photos: 0..1 each.

    The relativistic discriminator only says which of two is more like a photo: there it is each
    against the mean of the others, one half where they cannot be told apart.
    """
    if kind == "relativistic":
        real, fake = real - fake.mean(), fake - real.mean()
    return mean_probability(kind, real), mean_probability(kind, fake)


def mean_probability(kind: Kind, logits: Tensor) -> Tensor:
    """Mean probability 0..1 that the discriminator gives for "a photo": what people watch."""
    logits = logits.detach()
    return logits.clamp(0, 1).mean() if kind == "lsgan" else torch.sigmoid(logits).mean()


def r1_penalty(discriminator: nn.Module, photos: Tensor) -> Tensor:
    """Mean squared gradient of the logits at photos (Mescheder et al. 2018), without its factor."""
    photos = photos.detach().requires_grad_(True)
    logits = discriminator(photos)
    (gradient,) = torch.autograd.grad(logits.sum(), photos, create_graph=True)
    return gradient.square().sum((1, 2, 3)).mean()
