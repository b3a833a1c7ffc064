"""Resizing by Lanczos with three lobes, as Pillow and many programs do it."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

LOBES = 3


@lru_cache(maxsize=256)
def lanczos_matrix(length: int, target: int, device: torch.device) -> Tensor:
    """float32 (target, length): the resize of one axis, antialiased; nothing beyond the edges."""
    factor = target / length
    stretch = max(1.0, 1 / factor)
    centre = (torch.arange(target, dtype=torch.float64)[:, None] + 0.5) / factor - 0.5
    x = (torch.arange(length, dtype=torch.float64) - centre) / stretch
    weights = torch.sinc(x) * torch.sinc(x / LOBES) * (x.abs() < LOBES)
    weights = weights / weights.sum(1, keepdim=True)
    return weights.to(torch.float32).to(device)
