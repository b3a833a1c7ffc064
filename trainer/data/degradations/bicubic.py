"""Clean LR: made smaller by antialiased bicubic and nothing else."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from srgan_desktop.core.images.resize import resize_axis, resize_matrix

# LR pixels of context on each side that the antialiased kernel reads beyond a crop
BICUBIC_MARGIN = 2


@lru_cache(maxsize=64)
def _matrix(length: int, target: int, device: torch.device) -> Tensor:
    """The resize of one axis, kept on the device so that a step copies nothing there."""
    return resize_matrix(length, target).to(device)


def bicubic_lr(hr: Tensor, scale: int) -> Tensor:
    """HR to LR as the benchmarks were made: antialiased bicubic, as MATLAB's imresize.

    Args:
        hr: (..., H, W), values 0..255 of any dtype; H and W multiples of ``scale``.
        scale: 2, 3, 4 or 8.

    Returns:
        float32 (..., H / scale, W / scale), whole numbers 0..255. Rounded after the rows and
        again after the columns, because imresize does so with 8-bit pictures.
    """
    height, width = hr.shape[-2] // scale, hr.shape[-1] // scale
    rows = _matrix(hr.shape[-2], height, hr.device)
    columns = _matrix(hr.shape[-1], width, hr.device)
    halfway = (rows @ hr.to(torch.float32)).clamp_(0, 255).round_()
    return (halfway @ columns.T).clamp_(0, 255).round_()


def bicubic_lr_large(hr: Tensor, scale: int) -> Tensor:
    """As ``bicubic_lr`` for whole pictures, where a dense matrix would be wasteful."""
    height, width = hr.shape[-2] // scale, hr.shape[-1] // scale
    halfway = resize_axis(hr.to(torch.float32), hr.dim() - 2, height).clamp_(0, 255).round_()
    return resize_axis(halfway, hr.dim() - 1, width).clamp_(0, 255).round_()


def lr_hr_pair(crops: Tensor, scale: int, margin: int = BICUBIC_MARGIN) -> tuple[Tensor, Tensor]:
    """LR and HR crops for one step from HR crops cut ``margin`` LR pixels too large on each side.

    The surplus gives the kernel its true neighbours, so that a crop's LR equals the crop of the
    whole picture's LR.

    Returns:
        float32 0..1: LR (N, C, h, w) and HR (N, C, h*scale, w*scale), channels_last.
    """
    lr = within(bicubic_lr(crops, scale), margin)
    hr = within(crops, margin * scale)
    return (
        (lr / 255).contiguous(memory_format=torch.channels_last),
        (hr.to(torch.float32) / 255).contiguous(memory_format=torch.channels_last),
    )


def within(pictures: Tensor, edge: int) -> Tensor:
    """``pictures`` (..., H, W) without ``edge`` pixels on each side: a view."""
    height, width = pictures.shape[-2:]
    return pictures[..., edge : height - edge, edge : width - edge]
