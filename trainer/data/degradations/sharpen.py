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
# pixels that the blur reaches, in sigmas
_REACH = 3.125
AMOUNT = 0.5
# levels of 255 by which a pixel must stand out to be sharpened
THRESHOLD = 10.0


def sharpened(hr: Tensor, sigma: float = SIGMA) -> Tensor:
    """float32 (N, C, H, W), 0..1, with stronger edges; flat places and noise stay as they are.

    ``sigma`` is the radius in pixels. The paper's 8 is for large photos. On crops of 128 pixels
    from photos with a short side of 300 to 400 it is a local contrast boost: measured on 200 crops,
    the luminance's deviation grows from 46 to 53 levels, and at eight places a side, where
    sharpness no longer shows, the largest difference is 9.5 levels in the mean (256: 5.6).
    """
    with torch.autocast(hr.device.type, enabled=False):
        residual = hr - _smooth(hr, sigma)
        stands_out = (residual.abs() * 255 > THRESHOLD).to(hr.dtype)
        crisp = (hr + AMOUNT * residual).clamp(0, 1)
        return hr + _smooth(stands_out, sigma) * (crisp - hr)


def _smooth(x: Tensor, sigma: float) -> Tensor:
    rows = _matrix(x.shape[-2], sigma, x.device)
    columns = _matrix(x.shape[-1], sigma, x.device)
    return (rows @ x) @ columns.T


@lru_cache(maxsize=16)
def _matrix(length: int, sigma: float, device: torch.device) -> Tensor:
    """float32 (length, length): a Gaussian blur of one axis, edges mirrored."""
    radius = round(_REACH * sigma)
    offsets = np.arange(-radius, radius + 1)
    weights = np.exp(-(offsets**2) / (2 * sigma**2))
    weights /= weights.sum()
    place = (np.arange(length)[:, None] + offsets) % (2 * length)
    place = np.where(place < length, place, 2 * length - 1 - place)
    matrix = np.zeros((length, length))
    np.add.at(matrix, (np.arange(length)[:, None], place), weights)
    return torch.from_numpy(matrix.astype(np.float32)).to(device)
