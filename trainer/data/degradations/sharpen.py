"""Sharpening of the original that pixel and content losses compare with.

An unsharp mask that leaves flat places alone, as in Real-ESRGAN (arXiv:2107.10833, section 3.4):
what comes out soft of training on bad pictures comes out crisper so.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

SIGMA = 8.0
RADIUS = 25
AMOUNT = 0.5
# levels of 255 by which a pixel must stand out to be sharpened
THRESHOLD = 10.0


def sharpened(hr: Tensor) -> Tensor:
    """float32 (N, C, H, W), 0..1, with stronger edges; flat places and noise stay as they are."""
    with torch.autocast(hr.device.type, enabled=False):
        residual = hr - _smooth(hr)
        stands_out = (residual.abs() * 255 > THRESHOLD).to(hr.dtype)
        crisp = (hr + AMOUNT * residual).clamp(0, 1)
        return hr + _smooth(stands_out) * (crisp - hr)


def _smooth(x: Tensor) -> Tensor:
    rows = _matrix(x.shape[-2], x.device)
    columns = _matrix(x.shape[-1], x.device)
    return (rows @ x) @ columns.T


@lru_cache(maxsize=16)
def _matrix(length: int, device: torch.device) -> Tensor:
    """float32 (length, length): a Gaussian blur of one axis, edges mirrored."""
    offsets = np.arange(-RADIUS, RADIUS + 1)
    weights = np.exp(-(offsets**2) / (2 * SIGMA**2))
    weights /= weights.sum()
    place = (np.arange(length)[:, None] + offsets) % (2 * length)
    place = np.where(place < length, place, 2 * length - 1 - place)
    matrix = np.zeros((length, length))
    np.add.at(matrix, (np.arange(length)[:, None], place), weights)
    return torch.from_numpy(matrix.astype(np.float32)).to(device)
