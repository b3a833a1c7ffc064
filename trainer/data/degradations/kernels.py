"""Blur kernels of many shapes, one for each picture, and the blur itself.

The shapes are those of Real-ESRGAN (Wang et al. 2021, arXiv:2107.10833, section 3.1): Gaussian, the
generalised Gaussian of Liu et al. 2020, the plateau, each round or longer in one direction, and the
sinc of an ideal low-pass filter, which rings.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from trainer.data.degradations.draws import Draws

LEAST_KERNEL = 7
# of the blurs of small pictures: three sigmas of their widest
_GAUSSIAN_SIDE = 19
# below this nothing but the middle pixel counts
_LEAST_SIGMA = 0.05
_GENERALISED_POWER = (0.5, 4.0)
_PLATEAU_POWER = (1.0, 2.0)


@dataclass(frozen=True)
class BlurShape:
    """Which kernels are drawn, in pixels; as in ``FirstRound``."""

    kernel: int
    sigma: tuple[float, float]
    anisotropic: float
    generalised: float
    plateau: float
    sinc: float


def draw_kernels(shape: BlurShape, draws: Draws) -> Tensor:
    """float32 (members, shape.kernel, shape.kernel); each sums to 1."""
    n = len(draws)
    radius = _radii(shape.kernel, draws)
    along, across = draws.each(shape.sigma), draws.each(shape.sigma)
    across = np.where(draws.happens(shape.anisotropic), across, along)
    distance = _squared_distances(shape.kernel, along, across, draws.each((0, math.pi)))
    kind = draws.each((0, 1))
    generalised, plateau = draws.each(_GENERALISED_POWER), draws.each(_PLATEAU_POWER)
    kernels = np.exp(-distance / 2)
    for i in range(n):
        if kind[i] < shape.generalised:
            kernels[i] = np.exp(-(distance[i] ** generalised[i]) / 2)
        elif kind[i] < shape.generalised + shape.plateau:
            kernels[i] = 1 / (1 + distance[i] ** plateau[i])
    rings = draws.happens(shape.sinc)
    cutoff = draws.each((0, 1))
    if rings.any():
        kernels[rings] = sinc_kernels(shape.kernel, _cutoffs(radius, cutoff))[rings]
    return _normalised(kernels, radius)


def draw_sinc_kernels(kernel: int, chance: float, draws: Draws) -> Tensor:
    """As ``draw_kernels``: ringing ones, and with 1 - ``chance`` such as change nothing."""
    radius = _radii(kernel, draws)
    kernels = sinc_kernels(kernel, _cutoffs(radius, draws.each((0, 1))))
    still = ~draws.happens(chance)
    kernels[still] = 0
    kernels[still, kernel // 2, kernel // 2] = 1
    return _normalised(kernels, radius)


def _radii(kernel: int, draws: Draws) -> np.ndarray:
    """int64 (members,): half sides of kernels from 7 (or ``kernel``, if less) to ``kernel``."""
    least = min(LEAST_KERNEL, kernel) // 2
    radii: np.ndarray = np.floor(draws.each((least, kernel // 2 + 1 - 1e-9))).astype(np.int64)
    return radii


def _cutoffs(radius: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Highest frequencies that pass, in radians a pixel; small kernels cannot hold low ones."""
    least = np.where(radius < 6, math.pi / 3, math.pi / 5)
    return least + part * (math.pi - least)


def _grid(kernel: int) -> tuple[np.ndarray, np.ndarray]:
    line = np.arange(kernel) - kernel // 2
    y, x = np.meshgrid(line, line, indexing="ij")
    return y, x


def _squared_distances(
    kernel: int, along: np.ndarray, across: np.ndarray, angle: np.ndarray
) -> np.ndarray:
    """(n, kernel, kernel): squared distances from the middle in units of the sigmas."""
    y, x = _grid(kernel)
    along, across = np.maximum(along, _LEAST_SIGMA), np.maximum(across, _LEAST_SIGMA)
    cosine, sine = np.cos(angle)[:, None, None], np.sin(angle)[:, None, None]
    u, v = cosine * x + sine * y, cosine * y - sine * x
    distances: np.ndarray = (u / along[:, None, None]) ** 2 + (v / across[:, None, None]) ** 2
    return distances


def sinc_kernels(kernel: int, cutoff: np.ndarray) -> np.ndarray:
    """float64 (n, kernel, kernel): circular ideal low-pass filters; not normalised.

    The inverse Fourier transform of a disc of radius ``cutoff``: cutoff J1(cutoff r) / (2 pi r).
    """
    y, x = _grid(kernel)
    r = torch.from_numpy(np.hypot(y, x))
    w = torch.from_numpy(np.asarray(cutoff, dtype=np.float64))[:, None, None]
    safe = r.clamp(min=1e-9)
    values = w * torch.special.bessel_j1(w * safe) / (2 * math.pi * safe)
    kernels: np.ndarray = torch.where(r > 0, values, w**2 / (4 * math.pi)).numpy()
    return kernels


def gaussian_kernels(sigma: np.ndarray) -> Tensor:
    """float32 (n, side, side): round Gaussians of ``sigma`` (n,), 0 to 3 pixels; sums of 1."""
    distance = _squared_distances(_GAUSSIAN_SIDE, sigma, sigma, np.zeros(len(sigma)))
    return _normalised(np.exp(-distance / 2), np.full(len(sigma), _GAUSSIAN_SIDE // 2))


def _normalised(kernels: np.ndarray, radius: np.ndarray) -> Tensor:
    """``kernels`` cut off beyond their own radius, each with the sum 1."""
    y, x = _grid(kernels.shape[-1])
    kernels = kernels * (np.maximum(abs(y), abs(x)) <= radius[:, None, None])
    kernels /= kernels.sum((1, 2), keepdims=True)
    return torch.from_numpy(kernels.astype(np.float32))


def blur(x: Tensor, kernels: Tensor) -> Tensor:
    """Each picture of ``x`` (N, C, H, W) under its own kernel (N, k, k); edge pixels repeated.

    By way of the frequencies: a 21 x 21 kernel costs as little there as a small one.
    """
    height, width = x.shape[-2:]
    edge = kernels.shape[-1] // 2
    sides = _fast(height + 2 * edge), _fast(width + 2 * edge)
    spread = F.pad(x, (edge, sides[1] - width - edge, edge, sides[0] - height - edge), "replicate")
    # a blur is a correlation: its kernel is turned round for a convolution
    turned = kernels.to(x.device).flip(-2, -1)[:, None]
    product = torch.fft.rfft2(spread) * torch.fft.rfft2(turned, s=sides)
    blurred: Tensor = torch.fft.irfft2(product, s=sides)
    return blurred[..., 2 * edge : 2 * edge + height, 2 * edge : 2 * edge + width]


def _fast(length: int) -> int:
    """The next length with no prime factors but 2, 3 and 5."""
    while True:
        rest = length
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return length
        length += 1
