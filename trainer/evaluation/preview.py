"""What a run's network would be shown, on one sheet for the eye."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import (
    DatasetError,
    ImageReadError,
    ImageWriteError,
    UsageError,
)
from srgan_desktop.core.base.paths import is_there
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.evaluation.contact_sheet import Row, contact_sheet, middle
from trainer.config.run_config import RunConfig
from trainer.data.dataset import Rejected, decode, image_paths
from trainer.data.degradations import bicubic_lr_large, degraded
from trainer.data.user_pairs import partners, read_pair

# pieces smaller than this show nothing
_LEAST_PIECE = 32


def preview_sheet(
    config: RunConfig,
    folder: Path,
    pairs: Path | None = None,
    *,
    pictures: int = 6,
    variants: int = 4,
    side: int = 192,
) -> np.ndarray:
    """The middle of some photos of ``folder``, and of what the network is given for them.

    One row a photo: the original, then its LR as the config's degradation makes it, ``variants``
    times, enlarged again without smoothing. The clean part of a batch is left out.

    Args:
        pairs: folder of LR pictures, for degradation.kind pairs; its LR is the only column then.
        side: of the square pieces, in HR pixels; smaller where a photo is.

    Returns:
        uint8 (H, W, 3).

    Raises:
        UsageError: a folder is missing, or a number makes no sense.
        DatasetError: no picture can be shown.
    """
    scale = config.generator.scale
    if side < _LEAST_PIECE:
        raise UsageError(tr("the pieces have at least {n} pixels a side", n=_LEAST_PIECE))
    paths = image_paths(folder)
    if config.degradation.kind == "pairs":
        if pairs is None:
            raise UsageError(tr("pairs want the folder of the small pictures: --pairs FOLDER"))
        unpaired: list[Rejected] = []
        found = partners(paths, pairs, unpaired.append)
        if not found and unpaired:
            # not that they cannot be read
            raise DatasetError(f"{unpaired[0].path}: {unpaired[0].message}")
        rows = _rows_of_pairs(_spread(list(found), pictures), found, scale, side)
        columns = [tr("original"), tr("small picture")]
    else:
        settings = dataclasses.replace(config.degradation, clean_part=0.0)
        shown = dataclasses.replace(config, degradation=settings)
        rows = _rows_of_photos(_spread(paths, pictures), shown, variants, side)
        columns = [tr("original"), tr("bicubic")]
        columns += [f"{settings.kind} {n}" for n in range(1, variants + 1)]
    found_rows = list(rows)
    if not found_rows:
        raise DatasetError(
            tr("{folder}: no picture in it can be read; choose another folder", folder=folder)
        )
    return contact_sheet(columns, found_rows)


def _spread(paths: Sequence[Path], count: int) -> list[Path]:
    """``count`` of ``paths``, from all over them."""
    chosen = np.linspace(0, len(paths) - 1, min(count, len(paths))).round().astype(int)
    return [paths[i] for i in dict.fromkeys(chosen.tolist())]


def _rows_of_photos(
    paths: Sequence[Path], config: RunConfig, variants: int, side: int
) -> Iterator[Row]:
    scale = config.generator.scale
    for number, path in enumerate(paths):
        try:
            piece = _piece(decode(path, config.generator.colours), side, scale)
        except ImageReadError:
            continue
        if not piece.size:
            continue  # smaller than one pixel of its LR
        hr = torch.from_numpy(piece).permute(2, 0, 1)
        pictures = [piece, _enlarged(bicubic_lr_large(hr, scale), scale)]
        for variant in range(variants):
            # each as the first picture of a batch of its own
            key = (config.seed, number * variants + variant)
            lr = degraded(hr[None], scale, config.degradation, key)[0]
            pictures.append(_enlarged(lr, scale))
        yield Row(path.name, tuple(map(_in_colour, pictures)))


def _rows_of_pairs(
    paths: Sequence[Path], found: dict[Path, Path], scale: int, side: int
) -> Iterator[Row]:
    for path in paths:
        try:
            large, small = read_pair(path, found[path], scale, 3)
        except ImageReadError:
            continue
        least = side // scale
        left, top, wide, high = middle(small.shape[1], small.shape[0], (least, least))
        lr = torch.from_numpy(small[top : top + high, left : left + wide].copy())
        rows = slice(top * scale, (top + high) * scale)
        columns = slice(left * scale, (left + wide) * scale)
        yield Row(path.name, (large[rows, columns], _enlarged(lr.permute(2, 0, 1), scale)))


def _piece(pixels: np.ndarray, side: int, scale: int) -> np.ndarray:
    left, top, wide, high = middle(pixels.shape[1], pixels.shape[0], (side, side))
    wide, high = wide // scale * scale, high // scale * scale
    return np.ascontiguousarray(pixels[top : top + high, left : left + wide])


def _enlarged(lr: Tensor, scale: int) -> np.ndarray:
    """(C, h, w), 0..255, as uint8 (h * scale, w * scale, C), each pixel a square."""
    pixels = lr.to(torch.uint8).permute(1, 2, 0).numpy()
    return pixels.repeat(scale, 0).repeat(scale, 1)


def _in_colour(pixels: np.ndarray) -> np.ndarray:
    return pixels.repeat(3, 2) if pixels.shape[2] == 1 else pixels


def write_sheet(path: Path, sheet: np.ndarray, *, overwrite: bool = False) -> None:
    """Write ``sheet``, uint8 (H, W, 3), as a PNG file.

    Raises:
        UsageError: a file of that name is there and is not to be replaced.
        ImageWriteError: it cannot be written.
    """
    if path.suffix.lower() != ".png":
        raise UsageError(tr("{path}: the sheet is a PNG file; end its name in .png", path=path))
    if is_there(path) and not overwrite:
        raise UsageError(
            tr("{path}: is there already; choose another name or --overwrite", path=path)
        )
    encoded = io.BytesIO()
    Image.fromarray(sheet).save(encoded, "PNG")
    try:
        with atomic.replace_file(path) as new:
            new.file.write(encoded.getvalue())
    except OSError as error:
        raise ImageWriteError(path, atomic.explain(error)) from error
