"""Pictures that come in twos: LR and HR of a person's own, and good photos beside bad ones."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from srgan_desktop.core.base.errors import DatasetError, ImageReadError
from srgan_desktop.core.base.translation import tr
from trainer.data.crops import CropSampler
from trainer.data.dataset import (
    PhotoSet,
    Rejected,
    decode,
    fitting,
    header_size,
    image_paths,
    in_threads,
    indexed,
    rejection,
    too_small,
)
from trainer.data.degradations import margin_of
from trainer.data.degradations.packing import (
    packed,
    packed_channels,
    packed_pixels,
    turned_channels,
)
from trainer.run.events import Preparing
from trainer.run.throttle import Throttle

if TYPE_CHECKING:
    from trainer.config.run_config import RunConfig

# what names of LR files end in beside the HR file's name: 0001x4, 0001_LR, 0001_LRBI_x4
_ENDINGS = re.compile(r"(?:[-_. ](?:lrbi|lr|hr|[2348]x)|[-_. ]?x[2348])+$", re.IGNORECASE)
# good and bad photos are cut at places that have nothing to do with each other
_REAL_SEED = 0x5EA1

Reject = Callable[[Rejected], None]


def ignore(_: Rejected) -> None:
    """For those who do not ask what was left out."""


def stem_of(path: Path) -> str:
    """The name by which LR and HR find each other: without endings such as x4 or _LR."""
    stem = path.stem.casefold()
    return _ENDINGS.sub("", stem) or stem


def partners(paths: Iterable[Path], folder: Path, rejected: Reject = ignore) -> dict[Path, Path]:
    """Which LR picture below ``folder`` belongs to each HR picture.

    Of several of one name it is the one whose folders have the names of the HR picture's: LR/a/0
    belongs to HR/a/0, whatever else is called 0. Those without one, and those for which two are
    as near, are told to ``rejected``.

    Raises:
        UsageError: no such folder.
        DatasetError: no picture in it.
    """
    by_stem: dict[str, list[Path]] = {}
    for path in image_paths(folder):
        by_stem.setdefault(stem_of(path), []).append(path)
    found = {}
    for path in paths:
        candidates = _nearest(path, by_stem.get(stem_of(path), []))
        if len(candidates) == 1:
            found[path] = candidates[0]
        elif candidates:
            message = tr(
                "there are several small pictures of its name: {one}, {other}",
                one=candidates[0],
                other=candidates[1],
            )
            rejected(Rejected(path, "unpaired", message))
        else:
            message = tr("there is no small picture of its name in {folder}", folder=folder)
            rejected(Rejected(path, "unpaired", message))
    return found


def _nearest(path: Path, candidates: list[Path]) -> list[Path]:
    """Those that share most folders' names with ``path``, counted from the file upward."""
    if len(candidates) < 2:
        return candidates
    shared = [_shared_folders(path, candidate) for candidate in candidates]
    return [c for c, n in zip(candidates, shared, strict=True) if n == max(shared)]


def _shared_folders(one: Path, other: Path) -> int:
    pairs = zip(one.absolute().parents, other.absolute().parents, strict=False)
    count = 0
    for folder, beside in pairs:
        if not folder.name or stem_of(folder) != stem_of(beside):
            break
        count += 1
    return count


def size_problem(hr: tuple[int, int], lr: tuple[int, int], scale: int) -> str | None:
    """What is wrong with the sizes (width, height) of a pair; None: nothing."""
    if hr == (lr[0] * scale, lr[1] * scale):
        return None
    return tr(
        "{width} x {height} pixels are not {scale} times {lr_width} x {lr_height}, the size of "
        "its small picture",
        width=hr[0],
        height=hr[1],
        scale=scale,
        lr_width=lr[0],
        lr_height=lr[1],
    )


def read_pair(hr: Path, lr: Path, scale: int, colours: int) -> tuple[np.ndarray, np.ndarray]:
    """HR and LR, uint8 (H, W, colours) and (H / scale, W / scale, colours).

    Raises:
        ImageReadError: one is unreadable, or the sizes do not match; names the file.
    """
    large, small = decode(hr, colours), decode(lr, colours)
    problem = size_problem(_size(large), _size(small), scale)
    if problem:
        raise ImageReadError(hr, problem)
    return large, small


def _size(pixels: np.ndarray) -> tuple[int, int]:
    return pixels.shape[1], pixels.shape[0]


def load_pairs(
    folder: Path,
    found: dict[Path, Path],
    *,
    scale: int,
    colours: int,
    crop: int,
    memory_bytes: int,
    rejected: Reject = ignore,
    seed: int = 0,
) -> Generator[Preparing, None, PhotoSet]:
    """Decode pairs of HR and LR pictures into one PhotoSet on the CPU.

    Its photos are of LR's size; each pixel has LR's colours and HR's pixels that belong to it
    (``trainer.data.degradations.packing``). What cannot be used is told to ``rejected`` and left
    out.

    Raises:
        DatasetError: none is left.
    """
    sizes = _sizes_of_pairs(found, scale, crop, rejected)
    # in LR pixels, of which each carries its HR pixels along
    bytes_each = packed_channels(scale, colours)
    chosen = fitting(sizes, memory_bytes // bytes_each, seed, rejected)
    pixels = torch.empty(sum(w * h for w, h in chosen.values()), bytes_each, dtype=torch.uint8)
    filled = 0
    shapes: list[tuple[int, ...]] = []
    used: list[Path] = []
    throttle = Throttle()
    decoding = in_threads(lambda path: read_pair(path, found[path], scale, colours), chosen)
    for number, (path, future) in enumerate(zip(chosen, decoding, strict=True), 1):
        try:
            packed = packed_pixels(*future.result())
        except ImageReadError as error:
            rejected(rejection(error))
            continue
        area = packed.shape[0] * packed.shape[1]
        pixels[filled : filled + area] = torch.from_numpy(packed.reshape(area, -1))
        filled += area
        shapes.append(packed.shape[:2])
        used.append(path)
        if throttle.due() or number == len(chosen):
            yield Preparing(number, len(chosen))
    if not used:
        raise DatasetError(
            tr(
                "{folder}: no picture in it has a usable partner; each needs one of the same name "
                "in the folder of --pairs, smaller by exactly {scale}; `check --pairs` lists what "
                "is wrong",
                folder=folder,
                scale=scale,
            )
        )
    return indexed(pixels[:filled], shapes, used)


def _sizes_of_pairs(
    found: dict[Path, Path], scale: int, crop: int, rejected: Reject
) -> dict[Path, tuple[int, int]]:
    """LR's width and height of the pairs whose headers fit."""
    sizes = {}
    for hr, lr in found.items():
        try:
            large, small = header_size(hr), header_size(lr)
        except ImageReadError as error:
            rejected(rejection(error))
            continue
        problem = size_problem(large, small, scale)
        # a turned photo's header has its sides the other way round: decoding will tell
        if problem and size_problem(large[::-1], small, scale):
            rejected(Rejected(hr, "unpaired", problem))
        elif min(large) < crop:
            rejected(Rejected(hr, "too_small", too_small(large, crop)))
        else:
            sizes[hr] = small
    return sizes


@dataclass(frozen=True)
class PairSampler(CropSampler):
    """Crops of pairs: at each LR place HR's pixels and LR's, turned together.

    ``size`` is LR's; the crops of a step are uint8 (batch, colours * (scale^2 + 1), size, size),
    for ``step_pair`` to part again.
    """

    scale: int = 4

    def crops(self, step: int) -> Tensor:
        crops = super().crops(step)
        colours = crops.shape[1] // (self.scale**2 + 1)
        turn = torch.from_numpy(self.places(step)[3]).to(crops.device)
        source = turned_channels(self.scale, colours, crops.device)[turn]
        return crops.gather(1, source[:, :, None, None].expand_as(crops))


@dataclass(frozen=True, kw_only=True)
class UnpairedPhotos(PhotoSet):
    """Good photos, and bad ones that show other things.

    Attributes:
        real: the bad ones.
    """

    real: PhotoSet

    def to(self, device: torch.device) -> UnpairedPhotos:
        good = super().to(device)
        return unpaired(good, self.real.to(device))

    @property
    def fingerprint(self) -> list[int]:
        """Of both."""
        return super().fingerprint + self.real.fingerprint


def unpaired(good: PhotoSet, real: PhotoSet) -> UnpairedPhotos:
    """Both in one."""
    fields = {field.name: getattr(good, field.name) for field in dataclasses.fields(PhotoSet)}
    return UnpairedPhotos(**fields, real=real)


@dataclass(frozen=True)
class UnpairedSampler(CropSampler):
    """Crops of good photos and, beside them, pieces of bad ones of LR's size.

    The crops of a step are packed as those of a PairSampler, though the two show different things.
    """

    photos: UnpairedPhotos
    scale: int = 4

    @cached_property
    def _real(self) -> CropSampler:
        # the places of good and bad photos are drawn apart
        return CropSampler(
            self.photos.real,
            self.size // self.scale,
            self.batch,
            self.seed ^ _REAL_SEED,
            self.augment,
        )

    def crops(self, step: int) -> Tensor:
        good, real = super().crops(step), self._real.crops(step)
        return packed(real, good)


def padded_crop(config: RunConfig) -> int:
    """Side of the pieces that a step cuts from photos, in HR pixels."""
    return config.data.crop + 2 * margin_of(config) * config.generator.scale
