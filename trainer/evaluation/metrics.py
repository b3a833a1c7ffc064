"""PSNR and SSIM as papers on super-resolution report them.

Both are taken on the Y channel of BT.601 YCbCr (16..235), rounded pictures, with ``scale`` pixels
cropped from every border. Computed in float64.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

# MATLAB's rgb2ycbcr
_Y_WEIGHTS = (65.481, 128.553, 24.966)


def luma(picture: Tensor) -> Tensor:
    """(..., C, H, W) RGB or grey on 0..255 to Y on 16..235, float64 (..., H, W)."""
    picture = picture.to(torch.float64)
    if picture.shape[-3] == 1:
        # a grey picture is R = G = B
        return picture[..., 0, :, :] * (sum(_Y_WEIGHTS) / 255) + 16
    red, green, blue = picture.unbind(-3)
    return (red * _Y_WEIGHTS[0] + green * _Y_WEIGHTS[1] + blue * _Y_WEIGHTS[2]) / 255 + 16


def _cropped_luma(picture: Tensor, border: int) -> Tensor:
    y = luma(picture)
    if border and min(y.shape[-2:]) > 2 * border:
        y = y[..., border:-border, border:-border]
    return y


def psnr_y(sr: Tensor, hr: Tensor, border: int) -> float:
    """PSNR in dB of two (C, H, W) pictures on 0..255; infinite where they are equal."""
    difference = _cropped_luma(sr, border) - _cropped_luma(hr, border)
    error = float((difference**2).mean())
    return 10 * math.log10(255**2 / error) if error > 0 else math.inf


def ssim_y(sr: Tensor, hr: Tensor, border: int) -> float:
    """SSIM (Wang et al. 2004) of two (C, H, W) pictures on 0..255: 11 x 11 Gaussian, sigma 1.5.

    Only windows wholly inside count; a picture smaller than the window gives nan.
    """
    x = _cropped_luma(sr, border)[None, None]
    y = _cropped_luma(hr, border)[None, None]
    if min(x.shape[-2:]) < 11:
        return math.nan
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_x, mean_y = _blur(x), _blur(y)
    var_x = _blur(x * x) - mean_x**2
    var_y = _blur(y * y) - mean_y**2
    covariance = _blur(x * y) - mean_x * mean_y
    top = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    bottom = (mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2)
    return float((top / bottom).mean())


def _blur(x: Tensor) -> Tensor:
    offsets = torch.arange(-5, 6, dtype=torch.float64, device=x.device)
    line = torch.exp(-(offsets**2) / (2 * 1.5**2))
    line = line / line.sum()
    return F.conv2d(F.conv2d(x, line.view(1, 1, 11, 1)), line.view(1, 1, 1, 11))
