"""Two pictures of different size in one tensor, so that they are cut, moved and parted together.

At each LR place lie the pixel of LR and the ``scale * scale`` pixels of HR that belong to it: as
channels, first HR's (row by row, the colours of a pixel together), then LR's.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

_STRONGEST, _UNKNOWN = 254, 255


def packed_channels(scale: int, colours: int) -> int:
    return colours * (scale * scale + 1)


def packed_pixels(hr: np.ndarray, lr: np.ndarray) -> np.ndarray:
    """uint8 (H, W, C) and (H/s, W/s, C) as (H/s, W/s, C * (s*s + 1))."""
    return np.concatenate([blocks(hr, hr.shape[0] // lr.shape[0]), lr], axis=-1)


def blocks(hr: np.ndarray, scale: int) -> np.ndarray:
    """(H, W, C) as (H/s, W/s, s*s*C): the HR part alone."""
    height, width, colours = hr.shape
    parts = hr.reshape(height // scale, scale, width // scale, scale, colours)
    return parts.transpose(0, 2, 1, 3, 4).reshape(height // scale, width // scale, -1)


def packed(lr: Tensor, hr: Tensor) -> Tensor:
    """(N, C, h, w) and (N, C, h*s, w*s) as (N, C * (s*s + 1), h, w); ``unpacked`` parts them."""
    n, colours, h, w = lr.shape
    scale = hr.shape[-1] // w
    parts = hr.reshape(n, colours, h, scale, w, scale).permute(0, 3, 5, 1, 2, 4)
    return torch.cat([parts.reshape(n, -1, h, w), lr], 1)


def unpacked(packed: Tensor, scale: int, colours: int) -> tuple[Tensor, Tensor]:
    """(N, C * (s*s + 1), h, w) as LR (N, C, h, w) and HR (N, C, h*s, w*s)."""
    n, _, h, w = packed.shape
    inside, lr = packed[:, :-colours], packed[:, -colours:]
    hr = inside.reshape(n, scale, scale, colours, h, w).permute(0, 3, 4, 1, 5, 2)
    return lr, hr.reshape(n, colours, h * scale, w * scale)


def with_strengths(packed: Tensor, strengths: Tensor) -> Tensor:
    """uint8 (N, K, h, w) with strengths (N, S), 0..1 or NaN where unknown, as S more channels."""
    levels = (strengths * _STRONGEST).round().nan_to_num(_UNKNOWN).byte().to(packed.device)
    return torch.cat([packed, levels[:, :, None, None].expand(-1, -1, *packed.shape[2:])], 1)


def strengths_of(channels: Tensor) -> Tensor:
    """The strengths (N, S) on the CPU that ``with_strengths`` added as these channels."""
    levels = channels[:, :, 0, 0].float().cpu()
    return levels.where(levels != _UNKNOWN, torch.nan) / _STRONGEST


@lru_cache(maxsize=8)
def turned_channels(scale: int, colours: int, device: torch.device) -> Tensor:
    """int64 (8, C * (s*s + 1)): where the channels come from when the picture is turned.

    The places are turned by whoever moves them (``trainer.data.crops.oriented``); this turns
    what lies within each.
    """
    within = np.arange(scale * scale * colours).reshape(scale, scale, colours)
    lr = np.arange(scale * scale * colours, packed_channels(scale, colours))
    rows = []
    for turn in range(8):
        block = within
        if turn & 4:
            block = block[:, ::-1]
        if turn & 2:
            block = block[::-1]
        if turn & 1:
            block = block.swapaxes(0, 1)
        rows.append(np.concatenate([block.ravel(), lr]))
    return torch.from_numpy(np.stack(rows)).to(device)
