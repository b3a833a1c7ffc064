"""Antialiased resizing of tensors: the bicubic that makes LR pictures, and the final resize.

The kernel is Keys' cubic (IEEE ASSP 29, 1981) with a = -0.5, widened by the factor when shrinking,
edges mirrored: what MATLAB's imresize computes, and with it every published benchmark.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def cubic_kernel(x: Tensor) -> Tensor:
    """Keys' cubic convolution kernel, a = -0.5, support -2..2."""
    x = x.abs()
    near = 1.5 * x**3 - 2.5 * x**2 + 1
    far = -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return near * (x <= 1) + far * ((x > 1) & (x <= 2))


@lru_cache(maxsize=64)
def resize_weights(length: int, target: int, factor: float | None = None) -> tuple[Tensor, Tensor]:
    """Which samples make each output sample, and with what weight.

    Args:
        length: input samples, 1 or more.
        target: output samples, 1 or more.
        factor: target per input sample where it is not target / length (MATLAB rounds the size up
            but keeps the factor).

    Returns:
        int64 indices and float32 weights, both (target, taps); each row of weights sums to 1.
    """
    factor = target / length if factor is None else factor
    stretch = max(1.0, 1.0 / factor)
    centre = (torch.arange(target, dtype=torch.float64) + 0.5) / factor - 0.5
    taps = int(4 * stretch) + 2
    left = torch.floor(centre - 2 * stretch).to(torch.int64)
    position = left[:, None] + torch.arange(taps + 1)
    weights = cubic_kernel((centre[:, None] - position) / stretch)
    weights = weights / weights.sum(1, keepdim=True)
    # mirrored with the edge sample repeated: ... 1 0 | 0 1 2 ... n-1 | n-1 n-2 ...
    period = position % (2 * length)
    indices = torch.where(period < length, period, 2 * length - 1 - period)
    used = (weights.abs() > 1e-12).any(0)
    return indices[:, used].contiguous(), weights[:, used].to(torch.float32).contiguous()


def resize_axis(x: Tensor, axis: int, target: int, factor: float | None = None) -> Tensor:
    """``x`` with ``target`` samples along ``axis``; float in, float out, not clamped."""
    return weighted_samples(x, axis, *resize_weights(x.shape[axis], target, factor))


def weighted_samples(x: Tensor, axis: int, indices: Tensor, weights: Tensor) -> Tensor:
    """Each output sample along ``axis`` as a weighted sum of input samples.

    Args:
        indices, weights: (target, taps), as ``resize_weights`` returns them, or some rows of it.
    """
    indices, weights = indices.to(x.device), weights.to(x.device, x.dtype)
    shape = [1] * x.dim()
    shape[axis] = len(indices)
    result = x.index_select(axis, indices[:, 0]) * weights[:, 0].reshape(shape)
    for tap in range(1, indices.shape[1]):
        result.addcmul_(x.index_select(axis, indices[:, tap]), weights[:, tap].reshape(shape))
    return result


def resize(x: Tensor, height: int, width: int) -> Tensor:
    """(..., H, W) float to (..., height, width), antialiased bicubic, not clamped."""
    return resize_axis(resize_axis(x, x.dim() - 2, height), x.dim() - 1, width)


def resize_pixels(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """As ``resize``, for uint8 (H, W, C) to uint8 (height, width, C)."""
    x = torch.from_numpy(pixels).permute(2, 0, 1).float()
    result = resize(x, height, width).clamp(0, 255).round().byte()
    return result.permute(1, 2, 0).contiguous().numpy()


@lru_cache(maxsize=64)
def resize_matrix(length: int, target: int) -> Tensor:
    """The resize of one axis as a float32 matrix (target, length): fast for batches of crops."""
    indices, weights = resize_weights(length, target)
    return torch.zeros(target, length).scatter_add_(1, indices, weights)
