"""Watching a run: scores and sample strips on pieces of pictures that it never trains on."""

from __future__ import annotations

import contextlib
import io
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from srgan_desktop.core.weights.model_file import write_whole
from trainer.data.validation_pieces import Piece
from trainer.evaluation import metrics

# of one piece, in dB: one that is all but plain shall not outweigh all others in the mean
_MOST_PSNR = 60.0


@dataclass(frozen=True)
class Scores:
    """Means over all pieces; nan where a figure cannot be had."""

    psnr_y: float
    ssim_y: float


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
        min(metrics.psnr_y(sr, piece.hr, scale), _MOST_PSNR),
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
