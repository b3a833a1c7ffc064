"""Watching a run: scores and sample strips on fixed pieces of pictures it never trains on."""

from __future__ import annotations

import contextlib
import io
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from srgan_desktop.core.base.errors import ImageReadError
from srgan_desktop.core.images.resize import resize
from srgan_desktop.core.weights.model_file import write_whole
from trainer.config.run_config import ValidationConfig
from trainer.data.dataset import decode
from trainer.data.degradations import DegradationConfig, bicubic_lr_large, validation_lr
from trainer.data.pairs import read_pair
from trainer.evaluation import metrics

# LR pixels that a piece has at least on each side: fewer say nothing
LEAST_SIDE = 6


@dataclass(frozen=True)
class Piece:
    """One validation piece; all float32 on 0..255, rounded, (C, H, W)."""

    name: str
    lr: Tensor
    hr: Tensor
    bicubic: Tensor


@dataclass(frozen=True)
class Scores:
    """Means over all pieces; nan where a figure cannot be had."""

    psnr_y: float
    ssim_y: float


def load_pieces(
    paths: Sequence[Path],
    config: ValidationConfig,
    scale: int,
    colours: int,
    degradation: DegradationConfig | None = None,
) -> list[Piece]:
    """The middle of each of the first ``config.pictures`` readable pictures.

    With a ``degradation`` their LR is made by it, the same in every run; else by bicubic.
    """
    pieces: list[Piece] = []
    for path in paths:
        if len(pieces) == config.pictures:
            break
        try:
            pixels = decode(path, colours)
        except ImageReadError:
            continue
        box = _middle(pixels, config.crop, LEAST_SIDE * scale, scale)
        if box is None:
            continue
        hr = _cut(pixels, *box)
        if degradation is None or degradation.is_bicubic:
            lr = bicubic_lr_large(hr, scale)
        else:
            lr = validation_lr(hr, scale, degradation, len(pieces))
        pieces.append(_piece(f"{len(pieces):02d}_{path.stem}", lr, hr))
    return pieces


def load_pair_pieces(
    found: Mapping[Path, Path], config: ValidationConfig, scale: int, colours: int
) -> list[Piece]:
    """As ``load_pieces``, with LR pictures of their own: HR file -> LR file.

    Pairs that cannot be read or whose sizes do not match are left out.
    """
    pieces: list[Piece] = []
    for path, small in found.items():
        if len(pieces) == config.pictures:
            break
        try:
            large_pixels, small_pixels = read_pair(path, small, scale, colours)
        except ImageReadError:
            continue
        box = _middle(small_pixels, config.crop // scale, LEAST_SIDE)
        if box is None:
            continue
        top, left, height, width = box
        lr = _cut(small_pixels, *box)
        hr = _cut(large_pixels, top * scale, left * scale, height * scale, width * scale)
        pieces.append(_piece(f"{len(pieces):02d}_{path.stem}", lr, hr))
    return pieces


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


def bicubic_scores(pieces: Sequence[Piece], scale: int) -> Scores:
    """What plain enlargement reaches: the line to beat."""
    return _mean([_score(piece.bicubic, piece, scale) for piece in pieces])


@torch.inference_mode()
def validate(
    network: nn.Module, pieces: Sequence[Piece], scale: int, autocast: torch.autocast
) -> tuple[Scores, list[Tensor]]:
    """Mean scores of ``network`` (in eval mode), and its pictures, float32 0..255 (C, H, W)."""
    pictures = [_enlarge(network, piece, autocast) for piece in pieces]
    scores = [_score(sr, piece, scale) for sr, piece in zip(pictures, pieces, strict=True)]
    return _mean(scores), pictures


def _enlarge(network: nn.Module, piece: Piece, autocast: torch.autocast) -> Tensor:
    device = next(network.parameters()).device
    lr = (piece.lr / 255)[None].to(device).contiguous(memory_format=torch.channels_last)
    with autocast:
        sr: Tensor = network(lr)
    return (sr[0].float().cpu() * 255).clamp(0, 255).round()


@torch.inference_mode()
def seconds_to_validate(
    network: nn.Module, pieces: Sequence[Piece], scale: int, autocast: torch.autocast
) -> float:
    """About how long ``validate`` takes, from one piece."""
    if not pieces:
        return 0.0
    began = time.monotonic()
    _score(_enlarge(network, pieces[0], autocast), pieces[0], scale)
    pixels = sum(piece.hr.numel() for piece in pieces)
    return (time.monotonic() - began) * pixels / pieces[0].hr.numel()


def _score(sr: Tensor, piece: Piece, scale: int) -> Scores:
    return Scores(
        metrics.psnr_y(sr, piece.hr, scale),
        metrics.ssim_y(sr, piece.hr, scale),
    )


def _mean(scores: Sequence[Scores]) -> Scores:
    ssim = [score.ssim_y for score in scores if not math.isnan(score.ssim_y)]
    return Scores(
        float(np.mean([score.psnr_y for score in scores])),
        float(np.mean(ssim)) if ssim else math.nan,
    )


def write_strip(path: Path, piece: Piece, sr: Tensor) -> None:
    """LR (nearest) | bicubic | now | original, side by side in one PNG.

    Raises:
        ModelFileError: it cannot be written.
    """
    scale = piece.hr.shape[-1] // piece.lr.shape[-1]
    nearest = piece.lr.repeat_interleave(scale, -2).repeat_interleave(scale, -1)
    strip = torch.cat([nearest, piece.bicubic, sr, piece.hr], dim=-1)
    pixels = strip.to(torch.uint8).permute(1, 2, 0).numpy()
    encoded = io.BytesIO()
    picture = Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels)
    picture.save(encoded, "PNG")
    with contextlib.suppress(OSError):  # writing will tell
        path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, encoded.getvalue())
