"""Tone error: whether an enlarged picture keeps the light and the colours of the small one.

Both are brought to a size so small that sharpness, grain and JPEG blocks no longer show; what
differs there is brightness, contrast or colour that the network has changed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

# places along the longer side of the common size
PLACES = 8


class ToneError(NamedTuple):
    """Differences in levels of 255, over all places and colours of the common size."""

    mean: float
    p99: float


def tone_error(sr: Tensor, lr: Tensor) -> ToneError:
    """How far ``sr`` is from ``lr`` in tone; 0 for equal ones.

    Both are (C, H, W) on 0..255, with equal proportions. A perfect result does not reach 0 where
    the small picture is damaged: noise, clipping and sharpening move its tone too.
    """
    longest = max(lr.shape[-2:])
    size = tuple(max(1, round(n * PLACES / longest)) for n in lr.shape[-2:])
    difference = (area_means(sr, size) - area_means(lr, size)).abs().flatten()
    return ToneError(float(difference.mean()), float(torch.quantile(difference, 0.99)))


def area_means(picture: Tensor, size: tuple[int, ...]) -> Tensor:
    """float64 (..., H, W) as means over ``size`` (height, width) equal parts.

    A pixel that two parts share counts in each by what lies there: torch's own area mode would
    count it whole in both, which moves the parts of two pictures of different size apart.
    """
    rows, columns = (_parts(n, m) for n, m in zip(picture.shape[-2:], size, strict=True))
    return rows.to(picture.device) @ picture.to(torch.float64) @ columns.to(picture.device).T


@lru_cache(maxsize=32)
def _parts(length: int, count: int) -> Tensor:
    """float64 (count, length): the mean of each of ``count`` equal parts of ``length`` pixels."""
    edges = torch.arange(count + 1, dtype=torch.float64) * length / count
    pixels = torch.arange(length, dtype=torch.float64)
    upper = torch.minimum(edges[1:, None], pixels + 1)
    lower = torch.maximum(edges[:-1, None], pixels)
    return (upper - lower).clamp(min=0) * count / length
