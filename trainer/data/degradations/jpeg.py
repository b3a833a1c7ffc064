"""JPEG's losses on a batch of tensors, each picture with a quality of its own.

The lossy part of ITU-T T.81 without the coding: YCbCr, colours at half the size (4:2:0), 8 x 8
cosine transform, quantisation with the tables of annex K scaled as libjpeg does, and back. Agrees
with files written and read by Pillow up to rounding.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

_LUMA = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
_CHROMA = (
    (17, 18, 24, 47, 99, 99, 99, 99),
    (18, 21, 26, 66, 99, 99, 99, 99),
    (24, 26, 56, 99, 99, 99, 99, 99),
    (47, 66, 99, 99, 99, 99, 99, 99),
    *((99,) * 8,) * 4,
)
# side of the squares that share their colours' blocks
_UNIT = 16


def jpeg(x: Tensor, quality: np.ndarray, phase: tuple[int, int] = (0, 0)) -> Tensor:
    """``x`` as it comes back from a JPEG file.

    Args:
        x: float32 (N, C, H, W), 0..1, C 3 or 1 (no colours then); rounded to 8 bits first.
        quality: (N,), 1..100.
        phase: rows and columns of the first block that lie outside, as in a picture cut from a
            larger one.

    Returns:
        float32 (N, C, H, W), whole 255ths of 0..1.
    """
    height, width = x.shape[-2:]
    top, left = phase
    padding = left, -(width + left) % _UNIT, top, -(height + top) % _UNIT
    levels = F.pad((x * 255).clamp(0, 255).round(), padding, "replicate")
    if x.shape[1] == 1:
        decoded = _through_blocks(levels, _tables(_LUMA, quality, x.device))
    else:
        decoded = _in_colour(levels, quality)
    decoded = decoded[..., top : top + height, left : left + width]
    return decoded.clamp(0, 255).round() / 255


def _in_colour(levels: Tensor, quality: np.ndarray) -> Tensor:
    matrix = _ycc().to(levels.device)
    flat = levels.flatten(2)
    ycc = (matrix @ flat).view_as(levels)
    ycc[:, 1:] += 128
    ycc = ycc.round()
    luma = _through_blocks(ycc[:, :1], _tables(_LUMA, quality, levels.device))
    halved = F.avg_pool2d(ycc[:, 1:], 2).round()
    colours = _through_blocks(halved, _tables(_CHROMA, quality, levels.device))
    # weights 3/4 and 1/4, the smooth way in which libjpeg enlarges colours
    colours = F.interpolate(colours, scale_factor=2, mode="bilinear", align_corners=False) - 128
    ycc = torch.cat([luma, colours], 1)
    rgb: Tensor = torch.linalg.inv(matrix) @ ycc.flatten(2)
    return rgb.view_as(levels)


@lru_cache(maxsize=1)
def _ycc() -> Tensor:
    """JFIF's RGB to YCbCr (BT.601, full range), the colours around 0."""
    red, green, blue = 0.299, 0.587, 0.114
    return torch.tensor(
        [
            [red, green, blue],
            [-red / 2 / (1 - blue), -green / 2 / (1 - blue), 0.5],
            [0.5, -green / 2 / (1 - red), -blue / 2 / (1 - red)],
        ]
    )


def _tables(base: tuple[tuple[int, ...], ...], quality: np.ndarray, device: torch.device) -> Tensor:
    """float32 (N, 1, 1, 64): what each frequency is divided by, row by row."""
    q = np.clip(np.floor(quality), 1, 100)
    percent = np.where(q < 50, np.floor(5000 / q), 200 - 2 * q)
    scaled = np.floor((np.array(base).reshape(1, 64) * percent[:, None] + 50) / 100)
    tables = torch.from_numpy(np.clip(scaled, 1, 255).astype(np.float32))
    return tables[:, None, None, :].to(device)


def _through_blocks(planes: Tensor, tables: Tensor) -> Tensor:
    """(N, C, H, W), 0..255, sides multiples of 8, transformed, quantised and back."""
    n, c, height, width = planes.shape
    shape = (n, c, height // 8, 8, width // 8, 8)
    blocks = (planes - 128).reshape(shape).permute(0, 1, 2, 4, 3, 5).reshape(n, c, -1, 64)
    transform = _cosines().to(planes.device)
    coefficients = (blocks @ transform.T / tables).round() * tables
    back = (coefficients @ transform).reshape(n, c, height // 8, width // 8, 8, 8)
    levels = back.permute(0, 1, 2, 4, 3, 5).reshape(n, c, height, width) + 128
    return levels.round().clamp(0, 255)


@lru_cache(maxsize=1)
def _cosines() -> Tensor:
    """float32 (64, 64): the orthogonal cosine transform (type II) of a block, row by row."""
    k = np.arange(8)
    rows = np.cos((2 * k[None, :] + 1) * k[:, None] * np.pi / 16) / 2
    rows[0] /= np.sqrt(2)
    return torch.from_numpy(np.kron(rows, rows).astype(np.float32))
