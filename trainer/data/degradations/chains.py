"""The chains of degradations: second-order as in Real-ESRGAN, shuffled as in BSRGAN.

Real-ESRGAN: Wang et al. 2021, arXiv:2107.10833. BSRGAN: Zhang et al. 2021, arXiv:2103.14006.
Each takes and returns float32 (N, C, H, W), 0..1, and is drawn for one group of pictures, which
share the factors of the resizes and the order of the steps. What remains of it all is noted in
``draws.traces``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from srgan_desktop.core.images.resize import resize_matrix
from trainer.config.degradation_settings import DegradationConfig, FirstRound, LastSteps
from trainer.data.degradations.draws import Draws
from trainer.data.degradations.jpeg import jpeg
from trainer.data.degradations.kernels import (
    BlurShape,
    blur,
    draw_kernels,
    draw_sinc_kernels,
    gaussian_kernels,
)
from trainer.data.degradations.lanczos import lanczos_matrix
from trainer.data.degradations.traces import Traces

Size = tuple[int, int]
Degradation = Callable[[Tensor, Size, DegradationConfig, Draws], Tensor]

# sides of a picture between two steps: smaller ones hold nothing
LEAST_SIDE = 4
_GREY = (0.299, 0.587, 0.114)


def second_order(x: Tensor, size: Size, settings: DegradationConfig, draws: Draws) -> Tensor:
    """Two rounds of blur, resize, noise and JPEG, ending at ``size`` (height, width)."""
    full = (x.shape[-2], x.shape[-1])
    draws.traces = Traces(len(x), full, size)
    first, second, strength = settings.first, settings.second, settings.strength
    x = blurred(x, first, strength, draws)
    x = rescaled(x, full, first, strength, draws)
    x = noisy(x, first, strength, draws)
    x = compressed(x, first, strength, draws)
    x = blurred(x, second, strength, draws)
    x = rescaled(x, full, second, strength, draws, within=size)
    x = noisy(x, second, strength, draws)
    # ringing and compression in either order
    if draws.choice((0.5,)):
        x = compressed(x, second, strength, draws)
        x = ringing(resized(x, size, draws, second.lanczos), settings, draws)
        x = last_steps(x, settings.last, strength, draws)
        again = settings.last.jpeg_again
        return compressed(x, replace(second, jpeg=again), strength, draws) if again else x
    x = ringing(resized(x, size, draws, second.lanczos), settings, draws)
    x = last_steps(x, settings.last, strength, draws)
    return compressed(x, second, strength, draws)


def shuffled(x: Tensor, size: Size, settings: DegradationConfig, draws: Draws) -> Tensor:
    """The steps of both rounds in random order, then JPEG, ending at ``size``."""
    full = (x.shape[-2], x.shape[-1])
    draws.traces = Traces(len(x), full, size)
    first, second, strength = settings.first, settings.second, settings.strength
    steps: list[Callable[[Tensor], Tensor]] = [
        partial(rescaled, size=full, settings=first, strength=strength, draws=draws),
        partial(resized, size=size, draws=draws, lanczos=second.lanczos),
        partial(blurred, settings=first, strength=strength, draws=draws),
        partial(blurred, settings=second, strength=strength, draws=draws),
        partial(noisy, settings=first, strength=strength, draws=draws),
        partial(noisy, settings=second, strength=strength, draws=draws),
        partial(compressed, settings=first, strength=strength, draws=draws),
    ]
    order = draws.order(len(steps))
    # what was resized to its final size is not resized again
    before, after = sorted((order.index(0), order.index(1)))
    order[before], order[after] = 0, 1
    for step in order:
        x = steps[step](x)
    x = last_steps(ringing(x, settings, draws), settings.last, strength, draws)
    return compressed(x, second, strength, draws)


DEGRADATIONS: dict[str, Degradation] = {"second_order": second_order, "shuffled": shuffled}


def blurred(x: Tensor, settings: FirstRound, strength: float, draws: Draws) -> Tensor:
    """Each picture under a kernel of its own, or as it was."""
    low, high = settings.sigma
    shape = BlurShape(
        settings.kernel,
        (low * strength, high * strength),
        settings.anisotropic,
        settings.generalised,
        settings.plateau,
        settings.sinc * strength,
    )
    kernels = draw_kernels(shape, draws)
    chosen = draws.happens(settings.blur)
    draws.traces.blurred(kernels, chosen)
    return _where(chosen, blur(x, kernels), x)


def ringing(x: Tensor, settings: DegradationConfig, draws: Draws) -> Tensor:
    """As a sharpened picture rings, or as it was."""
    chance = settings.final_sinc * settings.strength
    kernels = draw_sinc_kernels(settings.first.kernel, chance, draws)
    if not chance:
        return x
    draws.traces.blurred(kernels, np.ones(len(x), bool))
    return blur(x, kernels)


def rescaled(
    x: Tensor,
    size: Size,
    settings: FirstRound,
    strength: float,
    draws: Draws,
    within: Size | None = None,
) -> Tensor:
    """By a random factor of ``size`` (height, width), or of ``within`` where that is given.

    The second round measures from the LR size, so that its figures mean the same at every scale.
    """
    low, high = (1 + (factor - 1) * strength for factor in settings.resize)
    direction = draws.choice((settings.resize_down, settings.resize_up))
    shrink = draws.between((min(low, 1), min(high, 1)))
    grow = draws.between((max(low, 1), max(high, 1)))
    factor = (shrink, grow, 1.0)[direction]
    target = within or size
    side = _side(target[0] * factor), _side(target[1] * factor)
    return resized(x, side, draws, settings.lanczos)


def _side(length: float) -> int:
    return max(LEAST_SIDE, round(length))


def resized(x: Tensor, size: Size, draws: Draws, lanczos: float = 0.0) -> Tensor:
    """To ``size`` (height, width) by area, antialiased bilinear, bicubic or Lanczos."""
    way = draws.choice((1 / 3, 1 / 3))
    # not drawn where it is not asked for: old runs go on with the numbers they had
    is_lanczos = lanczos > 0 and draws.choice((lanczos,)) == 0
    if x.shape[-2:] == size:
        return x
    draws.traces.resized(size)
    if is_lanczos:
        rows = lanczos_matrix(x.shape[-2], size[0], x.device)
        return (rows @ x @ lanczos_matrix(x.shape[-1], size[1], x.device).T).clamp(0, 1)
    if way == 0:
        return F.interpolate(x, size, mode="area")
    if way == 1:
        return F.interpolate(x, size, mode="bilinear", antialias=True, align_corners=False)
    rows = resize_matrix(x.shape[-2], size[0]).to(x.device)
    columns = resize_matrix(x.shape[-1], size[1]).to(x.device)
    return (rows @ x @ columns.T).clamp(0, 1)


def noisy(x: Tensor, settings: FirstRound, strength: float, draws: Draws) -> Tensor:
    """With Gaussian noise, or Poisson noise as of few photons; coloured or grey; clamped to 0..1.

    The Poisson noise is drawn from the normal distribution of the same variance, which it is like
    but in the darkest pixels.
    """
    field = draws.normal(*x.shape[1:])
    chosen = draws.happens(settings.noise)
    is_gaussian = draws.happens(settings.gaussian)
    is_grey = draws.happens(settings.grey_noise)
    sigma = draws.each(settings.noise_sigma) / 255
    scale = draws.each(settings.poisson_scale)
    field = _where(is_grey, field[:, :1].expand_as(field), field)
    light = _where(is_grey, _luma(x).expand_as(x), x).clamp(min=0)
    gaussian = field * _column(sigma, x)
    poisson = field * (light / 255).sqrt() * _column(scale, x)
    noise = _where(is_gaussian, gaussian, poisson) * _column(chosen * strength, x)
    poisson_sigma = scale * (light / 255).mean((1, 2, 3)).sqrt().cpu().numpy()
    draws.traces.noised(np.where(is_gaussian, sigma, poisson_sigma) * chosen * strength, is_grey)
    return (x + noise).clamp(0, 1)


def last_steps(x: Tensor, settings: LastSteps, strength: float, draws: Draws) -> Tensor:
    """What befalls the small picture itself: noise of a dark place, grain, too much sharpening."""
    if settings.colour_noise:
        x = _dark_noise(x, settings, strength, draws)
    if settings.grain:
        x = _grainy(x, settings, strength, draws)
    if settings.sharpen:
        x = _oversharpened(x, settings, strength, draws)
    return x


def _dark_noise(x: Tensor, settings: LastSteps, strength: float, draws: Draws) -> Tensor:
    field = draws.normal(*x.shape[1:])
    sigma = draws.each(settings.colour_noise_sigma) / 255 * strength
    sigma = sigma * draws.happens(settings.colour_noise)
    draws.traces.noised(sigma, np.full(len(x), x.shape[1] == 1))
    return (x + field * _column(sigma, x)).clamp(0, 1)


def _grainy(x: Tensor, settings: LastSteps, strength: float, draws: Draws) -> Tensor:
    field = draws.normal(1, *x.shape[2:])
    sigma = draws.each(settings.grain_sigma) / 255 * strength
    sigma = sigma * draws.happens(settings.grain)
    kernels = gaussian_kernels(draws.each(settings.grain_size))
    # softer, but no weaker
    field = blur(field, kernels / kernels.square().sum((1, 2), keepdim=True).sqrt())
    draws.traces.noised(sigma, np.ones(len(x), bool))
    return (x + field * _column(sigma, x)).clamp(0, 1)


def _oversharpened(x: Tensor, settings: LastSteps, strength: float, draws: Draws) -> Tensor:
    """By an unsharp mask: what a blur takes away is added once more, or twice."""
    amount = draws.each(settings.sharpen_amount) * strength
    amount = amount * draws.happens(settings.sharpen)
    kernels = gaussian_kernels(draws.each(settings.sharpen_radius))
    if not amount.any():
        return x
    draws.traces.sharpened(kernels, amount)
    return (x + (x - blur(x, kernels)) * _column(amount, x)).clamp(0, 1)


def _luma(x: Tensor) -> Tensor:
    if x.shape[1] == 1:
        return x
    weights = torch.tensor(_GREY, device=x.device)[:, None, None]
    return (x * weights).sum(1, keepdim=True)


def compressed(x: Tensor, settings: FirstRound, strength: float, draws: Draws) -> Tensor:
    """Through JPEG, or as it was; the blocks lie anywhere, for crops do."""
    low, high = (100 - (100 - q) * strength for q in settings.quality)
    quality = draws.each((low, high + 1)).clip(1, 100)
    phase = int(draws.between((0, 16))), int(draws.between((0, 16)))
    chosen = draws.happens(settings.jpeg)
    draws.traces.compressed(quality, chosen)
    return _where(chosen, jpeg(x, quality, phase), x)


def _column(values: object, x: Tensor) -> Tensor:
    """(N,) as (N, 1, 1, 1) beside ``x``."""
    return torch.as_tensor(values, dtype=torch.float32)[:, None, None, None].to(x.device)


def _where(chosen: object, one: Tensor, other: Tensor) -> Tensor:
    """For each picture one or the other."""
    return torch.where(torch.as_tensor(chosen)[:, None, None, None].to(one.device), one, other)
