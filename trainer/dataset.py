"""Photos in memory, and the random crops a step sees.

Every picture is decoded once and kept as uint8 on the training device. The crops of step n are a
function of the seed and n alone, so a resumed run sees what an uninterrupted one would have seen
without saving any position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from srgan_desktop.core.errors import DatasetError

PICTURE_SUFFIXES = frozenset(
    ".png .jpg .jpeg .webp .tif .tiff .bmp .jp2 .avif .gif .ppm".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Rejected:
    """A file that training cannot use, and why."""

    path: Path
    reason: str


def picture_paths(folder: Path) -> list[Path]:
    """All picture files below ``folder``, hidden ones left out, in a stable order.

    Raises:
        DatasetError: no such folder, or no picture in it.
    """
    if not folder.is_dir():
        raise DatasetError(f"{folder}: there is no such folder")
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in PICTURE_SUFFIXES
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
    )
    if not found:
        raise DatasetError(f"{folder}: no pictures in it; choose a folder with photos")
    return found


def decode(path: Path, colours: int) -> np.ndarray:
    """A picture as uint8 (H, W, colours), transparency on white, as a camera would have held it.

    Raises:
        DatasetError: unreadable; the message says why.
    """
    from PIL import ImageOps

    try:
        with Image.open(path) as image:
            upright = ImageOps.exif_transpose(image)
            if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
                rgba = upright.convert("RGBA")
                upright = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
            pixels = np.asarray(upright.convert("L" if colours == 1 else "RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DatasetError(f"{path}: cannot be read: {error}") from error
    return pixels[..., None] if pixels.ndim == 2 else pixels


@dataclass(frozen=True)
class PhotoSet:
    """Decoded photos end to end in one tensor.

    Attributes:
        pixels: uint8 (total pixels, colours), row by row, photo by photo.
        starts: int64 (photos,), index of each photo's first pixel.
        heights, widths: int64 (photos,).
        paths: where each came from.
    """

    pixels: Tensor
    starts: Tensor
    heights: Tensor
    widths: Tensor
    paths: tuple[Path, ...]

    def __len__(self) -> int:
        return len(self.paths)

    def photo(self, index: int) -> Tensor:
        """One photo, uint8 (H, W, colours), a view."""
        start, height, width = (
            int(t[index]) for t in (self.starts, self.heights, self.widths)
        )
        return self.pixels[start : start + height * width].view(height, width, -1)

    def to(self, device: torch.device) -> PhotoSet:
        return PhotoSet(
            self.pixels.to(device),
            self.starts.to(device),
            self.heights.to(device),
            self.widths.to(device),
            self.paths,
        )


def load_photos(
    paths: Iterable[Path],
    *,
    colours: int,
    least_side: int,
    memory_bytes: int,
    rejected: Callable[[Rejected], None] = lambda _: None,
) -> PhotoSet:
    """Decode ``paths`` into a PhotoSet on the CPU.

    A photo whose short side is under ``least_side`` pixels, one that cannot be read and one that
    no longer fits into ``memory_bytes`` are told to ``rejected`` and left out.

    Raises:
        DatasetError: none is left.
    """
    photos: list[np.ndarray] = []
    used: list[Path] = []
    total = 0
    for path in paths:
        try:
            pixels = decode(path, colours)
        except DatasetError as error:
            rejected(Rejected(path, str(error)))
            continue
        height, width = pixels.shape[:2]
        if min(height, width) < least_side:
            reason = f"{width} x {height} pixels; both sides must be at least {least_side}"
            rejected(Rejected(path, reason))
        elif total + pixels.size > memory_bytes:
            rejected(Rejected(path, "no memory left for it (data.memory_gib)"))
        else:
            total += pixels.size
            photos.append(pixels)
            used.append(path)
    if not photos:
        raise DatasetError(
            f"no usable photo: each must be readable and at least {least_side} pixels a side"
        )
    return _pack(photos, used, colours)


def _pack(photos: Sequence[np.ndarray], paths: Sequence[Path], colours: int) -> PhotoSet:
    areas = [photo.shape[0] * photo.shape[1] for photo in photos]
    packed = torch.empty(sum(areas), colours, dtype=torch.uint8)
    starts = np.cumsum([0, *areas[:-1]])
    for photo, start, area in zip(photos, starts, areas, strict=True):
        packed[start : start + area] = torch.from_numpy(photo.reshape(area, colours).copy())
    return PhotoSet(
        packed,
        torch.from_numpy(starts.astype(np.int64)),
        torch.tensor([photo.shape[0] for photo in photos]),
        torch.tensor([photo.shape[1] for photo in photos]),
        tuple(paths),
    )


@dataclass(frozen=True)
class CropSampler:
    """Random square crops, flipped and rotated; the same for the same seed and step.

    Photos are drawn in proportion to their area, so that every place is as likely as any other.
    """

    photos: PhotoSet
    size: int
    batch: int
    seed: int
    augment: bool = True

    def crops(self, step: int) -> Tensor:
        """The crops of one step: uint8 (batch, colours, size, size), channels_last."""
        # drawn on the CPU whatever the device, so that runs compare across machines
        random = np.random.default_rng((self.seed, step))
        device = self.photos.pixels.device
        areas = (self.photos.heights * self.photos.widths).cpu().numpy()
        chosen = random.choice(len(areas), self.batch, p=areas / areas.sum())
        u, v = random.random((2, self.batch))
        turns = random.integers(8 if self.augment else 1, size=self.batch)
        photo = torch.from_numpy(chosen).to(device)
        height, width = self.photos.heights[photo], self.photos.widths[photo]
        top = (torch.from_numpy(u).to(device) * (height - self.size + 1)).long()
        left = (torch.from_numpy(v).to(device) * (width - self.size + 1)).long()
        rows, columns = self._grids(torch.from_numpy(turns).to(device))
        first = self.photos.starts[photo] + top * width + left
        index = first[:, None, None] + rows * width[:, None, None] + columns
        return self.photos.pixels[index].permute(0, 3, 1, 2)

    def _grids(self, turns: Tensor) -> tuple[Tensor, Tensor]:
        """Row and column inside the crop for each output pixel, (batch, size, size) each."""
        line = torch.arange(self.size, device=turns.device)
        rows = line[None, :, None].expand(len(turns), self.size, self.size)
        columns = line[None, None, :].expand(len(turns), self.size, self.size)
        bit = turns[:, None, None]
        rows, columns = (
            torch.where(bit & 1 > 0, columns, rows),
            torch.where(bit & 1 > 0, rows, columns),
        )
        rows = torch.where(bit & 2 > 0, self.size - 1 - rows, rows)
        columns = torch.where(bit & 4 > 0, self.size - 1 - columns, columns)
        return rows, columns
