"""Lattice: how far a pattern of the upsampling's own grid stands out in an enlarged picture.

A network that enlarges by s can repeat itself with every pixel of the small picture. That shows in
the spectrum as peaks at whole multiples of 1/s cycles a pixel, where photos have none.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

# cycles a pixel: what counts as the peak, and as its surroundings
PEAK_RADIUS = 0.01
SURROUNDINGS_RADIUS = 0.04


def lattice_db(luma: Tensor, scale: int) -> float:
    """By how many dB the grid's peaks are above their surroundings, on the mean over the peaks.

    Args:
        luma: (H, W), 128 pixels a side or more; any range.
        scale: of the enlargement, 2 or more.

    Returns:
        About 0 where there is no lattice. NaN for a picture too small, or without any detail.
    """
    if min(luma.shape) < 128:
        return math.nan
    power = _power(luma.to(torch.float64))
    rows, columns = (torch.fft.fftfreq(n, dtype=torch.float64).abs() for n in luma.shape)
    levels = [
        _peak_db(power, torch.hypot(rows[:, None] - y / scale, columns[None] - x / scale))
        for y in range(scale // 2 + 1)
        for x in range(scale // 2 + 1)
        if (y, x) != (0, 0)
    ]
    return sum(levels) / len(levels)


def _power(luma: Tensor) -> Tensor:
    # a window, so that the borders make no lines of their own
    height, width = luma.shape
    window = torch.outer(
        torch.hann_window(height, dtype=luma.dtype), torch.hann_window(width, dtype=luma.dtype)
    )
    spectrum: Tensor = torch.fft.fft2((luma - luma.mean()) * window)
    return spectrum.abs() ** 2


def _peak_db(power: Tensor, distance: Tensor) -> float:
    peak = power[distance < PEAK_RADIUS].mean()
    around = power[(distance >= PEAK_RADIUS) & (distance < SURROUNDINGS_RADIUS)].mean()
    return float(10 * torch.log10(peak / around)) if around > 0 else math.nan
