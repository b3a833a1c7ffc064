"""Sets of photos from arrays."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch

from trainer.data.dataset import PhotoSet, indexed


def photo_set(photos: Iterable[np.ndarray], paths: Iterable[Path]) -> PhotoSet:
    """A PhotoSet of decoded photos, each uint8 (H, W, colours)."""
    photos = list(photos)
    flat = [torch.from_numpy(photo.reshape(-1, photo.shape[2]).copy()) for photo in photos]
    return indexed(torch.cat(flat), [photo.shape[:2] for photo in photos], paths)
