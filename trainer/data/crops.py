"""The random crops a step sees.

The crops of step n are a function of the seed and n alone, so a resumed run sees what an
uninterrupted one would have seen without saving any position.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from trainer.data.dataset import PhotoSet


@dataclass(frozen=True)
class CropSampler:
    """Random square crops, flipped and rotated; the same for the same seed and step.

    Every place of every photo is as likely as any other. ``photos`` are all at least ``size``
    pixels on each side.
    """

    photos: PhotoSet
    size: int
    batch: int
    seed: int
    augment: bool = True

    @cached_property
    def _ends(self) -> np.ndarray:
        """Running number of crop places, photo by photo."""
        rows = self.photos.heights - self.size + 1
        ends: np.ndarray = np.cumsum(rows * (self.photos.widths - self.size + 1))
        return ends

    def places(self, step: int) -> np.ndarray:
        """int64 (4, batch): photo, top, left, and which of the 8 orientations (0..7)."""
        random = np.random.default_rng((self.seed, step))
        place = random.integers(self._ends[-1], size=self.batch)
        turn = random.integers(8 if self.augment else 1, size=self.batch)
        photo = np.searchsorted(self._ends, place, side="right")
        within = place - np.concatenate(([0], self._ends))[photo]
        top, left = np.divmod(within, self.photos.widths[photo] - self.size + 1)
        return np.stack([photo, top, left, turn])

    def crops(self, step: int) -> Tensor:
        """The crops of one step: uint8 (batch, colours, size, size), channels_last.

        Where the photos are on an accelerator the pixels are gathered there, after one small copy
        that does not wait for it.
        """
        if self.photos.pixels.device.type == "cpu":
            return self._cut(step)
        return self._gather(step)

    def _cut(self, step: int) -> Tensor:
        colours = self.photos.pixels.shape[1]
        crops = np.empty((self.batch, self.size, self.size, colours), np.uint8)
        for crop, (index, top, left, turn) in zip(crops, self.places(step).T, strict=True):
            photo = self.photos.photo(index).numpy()
            crop[...] = oriented(photo[top : top + self.size, left : left + self.size], int(turn))
        return torch.from_numpy(crops).permute(0, 3, 1, 2)

    def _gather(self, step: int) -> Tensor:
        device = self.photos.pixels.device
        photo, top, left, turn = self.places(step)
        width = self.photos.widths[photo]
        first = self.photos.starts[photo] + top * width + left
        packed = torch.from_numpy(np.stack([first, width, turn]))
        if device.type == "cuda":
            packed = packed.pin_memory()
        first_, width_, turn_ = packed.to(device, non_blocking=True)[:, :, None, None]
        rows, columns = _grids(turn_, self.size)
        return self.photos.pixels[first_ + rows * width_ + columns].permute(0, 3, 1, 2)


def oriented(crop: np.ndarray, turn: int) -> np.ndarray:
    """One of the 8 orientations of (size, size, C): a view."""
    if turn & 4:
        crop = crop[:, ::-1]
    if turn & 2:
        crop = crop[::-1]
    return crop.swapaxes(0, 1) if turn & 1 else crop


def _grids(turn: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Row and column inside the crop for each output pixel; turn (batch, 1, 1): as oriented."""
    line = torch.arange(size, device=turn.device)
    rows, columns = line[None, :, None], line[None, None, :]
    rows, columns = (
        torch.where(turn & 1 > 0, columns, rows),
        torch.where(turn & 1 > 0, rows, columns),
    )
    rows = torch.where(turn & 2 > 0, size - 1 - rows, rows)
    columns = torch.where(turn & 4 > 0, size - 1 - columns, columns)
    return rows, columns
