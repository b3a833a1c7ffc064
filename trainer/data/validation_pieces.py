"""What a run is validated on: fixed pieces of pictures that it never trains on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from srgan_desktop.core.base.errors import ImageReadError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.resize import resize
from trainer.config.run_config import ValidationConfig
from trainer.data.dataset import Rejected, decode, rejection, too_small
from trainer.data.degradations import DegradationConfig, bicubic_lr_large, validation_lr
from trainer.data.user_pairs import Reject, ignore, read_pair

# LR pixels that a piece has at least on each side: fewer say nothing
LEAST_SIDE = 6
# spread of the levels below which a piece is blank: plain enlargement is exact there
_LEAST_SPREAD = 1.0


@dataclass(frozen=True)
class Piece:
    """One validation piece; all float32 on 0..255, rounded, (C, H, W)."""

    name: str
    lr: Tensor
    hr: Tensor
    bicubic: Tensor


def load_pieces(
    paths: Sequence[Path],
    config: ValidationConfig,
    scale: int,
    colours: int,
    degradation: DegradationConfig | None = None,
    rejected: Reject = ignore,
) -> list[Piece]:
    """The middle of each of the first ``config.pictures`` readable pictures.

    With a ``degradation`` their LR is made by it, the same in every run; else by bicubic. What is
    of no use is told to ``rejected``: what is damaged, too small, or blank.
    """
    pieces: list[Piece] = []
    for path in paths:
        if len(pieces) == config.pictures:
            break
        try:
            pixels = decode(path, colours)
        except ImageReadError as error:
            rejected(rejection(error))
            continue
        box = _middle(pixels, config.crop, LEAST_SIDE * scale, scale)
        if box is None:
            rejected(_too_small(path, pixels, LEAST_SIDE * scale))
            continue
        hr = _cut(pixels, *box)
        if _is_blank(hr):
            rejected(_blank(path))
            continue
        if degradation is None or degradation.is_bicubic:
            lr = bicubic_lr_large(hr, scale)
        else:
            lr = validation_lr(hr, scale, degradation, len(pieces))
        pieces.append(_piece(f"{len(pieces):02d}_{path.stem}", lr, hr))
    return pieces


def load_pair_pieces(
    found: Mapping[Path, Path],
    config: ValidationConfig,
    scale: int,
    colours: int,
    rejected: Reject = ignore,
) -> list[Piece]:
    """As ``load_pieces``, with LR pictures of their own: HR file -> LR file.

    Pairs that cannot be read or whose sizes do not match are left out, and told to ``rejected``.
    """
    pieces: list[Piece] = []
    for path, small in found.items():
        if len(pieces) == config.pictures:
            break
        try:
            large_pixels, small_pixels = read_pair(path, small, scale, colours)
        except ImageReadError as error:
            rejected(rejection(error))
            continue
        box = _middle(small_pixels, config.crop // scale, LEAST_SIDE)
        if box is None:
            rejected(_too_small(path, large_pixels, LEAST_SIDE * scale))
            continue
        top, left, height, width = box
        lr = _cut(small_pixels, *box)
        hr = _cut(large_pixels, top * scale, left * scale, height * scale, width * scale)
        if _is_blank(hr):
            rejected(_blank(path))
            continue
        pieces.append(_piece(f"{len(pieces):02d}_{path.stem}", lr, hr))
    return pieces


def _too_small(path: Path, pixels: np.ndarray, least: int) -> Rejected:
    return Rejected(path, "too_small", too_small((pixels.shape[1], pixels.shape[0]), least))


def _is_blank(hr: Tensor) -> bool:
    return float(hr.std()) < _LEAST_SPREAD


def _blank(path: Path) -> Rejected:
    return Rejected(path, "blank", tr("its middle is of one colour, so nothing can be seen there"))


def _middle(
    pixels: np.ndarray, side: int, least: int, step: int = 1
) -> tuple[int, int, int, int] | None:
    """Top, left, height and width of the middle: at most ``side`` pixels, multiples of ``step``.

    None where a side would be under ``least``.
    """
    height, width = (min(side, n) // step * step for n in pixels.shape[:2])
    if min(height, width) < least:
        return None
    return (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2, height, width


def _cut(pixels: np.ndarray, top: int, left: int, height: int, width: int) -> Tensor:
    """float32 (C, height, width), 0..255."""
    piece = pixels[top : top + height, left : left + width]
    return torch.from_numpy(piece.copy()).permute(2, 0, 1).float()


def _piece(name: str, lr: Tensor, hr: Tensor) -> Piece:
    height, width = hr.shape[-2:]
    return Piece(name, lr, hr, resize(lr, height, width).clamp(0, 255).round())
