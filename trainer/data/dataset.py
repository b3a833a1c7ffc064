"""Photos in memory: every picture is decoded once and kept as uint8 on the training device."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from srgan_desktop.core.base.errors import DatasetError, ImageReadError, UsageError
from srgan_desktop.core.base.translation import tr
from trainer.run.events import Preparing
from trainer.run.throttle import Throttle

IMAGE_SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".jp2", ".avif", ".gif", ".ppm"}
)

# threads that decode ahead, and pictures that may wait decoded
_DECODERS = 2
_AHEAD = 4

Reason = Literal["unreadable", "truncated", "too_small", "no_memory", "unpaired"]
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Rejected:
    """A file that training cannot use: a short name of the reason, and a sentence."""

    path: Path
    reason: Reason
    message: str


def image_paths(folder: Path) -> list[Path]:
    """All picture files below ``folder``, hidden ones left out, in a stable order.

    Raises:
        UsageError: no such folder.
        DatasetError: no picture in it.
    """
    if not folder.is_dir():
        raise UsageError(tr("{folder}: there is no such folder", folder=folder))
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in IMAGE_SUFFIXES
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
    )
    if not found:
        raise DatasetError(
            tr("{folder}: no pictures in it; choose a folder with photos", folder=folder)
        )
    return found


def decode(path: Path, colours: int) -> np.ndarray:
    """A picture as uint8 (H, W, colours), upright, transparency on white.

    Raises:
        PictureReadError: unreadable; the message says why.
    """
    try:
        with warnings.catch_warnings():
            # odd metadata and mere size are no reason to leave a photo out
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                upright = ImageOps.exif_transpose(image)
                pixels = np.array(_flatten(upright).convert("L" if colours == 1 else "RGB"))
    except MemoryError:
        raise
    except Exception as error:  # decoders raise whatever a damaged file leads them to
        raise ImageReadError(path, _why_unreadable(error)) from error
    return pixels[..., None] if pixels.ndim == 2 else pixels


def _flatten(image: Image.Image) -> Image.Image:
    """``image`` with 8 bits a channel and no transparency."""
    if image.mode.startswith("I"):
        # convert() would clip 16 bits instead of scaling them
        return Image.fromarray((np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype("u1"))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    return image


def _why_unreadable(error: Exception) -> str:
    if _is_truncation(error):
        return tr("the file is cut short; copy or download it again")
    if isinstance(error, UnidentifiedImageError):
        return tr("the file is empty, damaged or no picture")
    if isinstance(error, Image.DecompressionBombError):
        return tr("the picture has more pixels than training can take; make it smaller")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else error
    return tr("cannot be read: {reason}", reason=reason)


def _is_truncation(error: BaseException | None) -> bool:
    return error is not None and ("truncated" in str(error).lower() or isinstance(error, EOFError))


def rejection(error: ImageReadError) -> Rejected:
    """The error of ``decode`` as an entry of a list."""
    kind: Reason = "truncated" if _is_truncation(error.__cause__) else "unreadable"
    return Rejected(error.path, kind, error.problem)


def in_threads(work: Callable[[T], R], items: Iterable[T]) -> Iterator[Future[R]]:
    """Futures of ``work`` over ``items`` in order, a few ahead: Pillow decodes outside the GIL."""
    with ThreadPoolExecutor(_DECODERS) as pool:
        waiting: deque[Future[R]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > _AHEAD:
                    yield waiting.popleft()
            while waiting:
                yield waiting.popleft()
        finally:
            for future in waiting:
                future.cancel()


@dataclass(frozen=True)
class PhotoSet:
    """Decoded photos end to end in one tensor.

    Attributes:
        pixels: uint8 (total pixels, colours), row by row, photo by photo.
        starts: int64 (photos,), index of each photo's first pixel.
        heights, widths: int64 (photos,), on the CPU as ``starts``.
        paths: where each came from.
    """

    pixels: Tensor
    starts: np.ndarray
    heights: np.ndarray
    widths: np.ndarray
    paths: tuple[Path, ...]

    def __len__(self) -> int:
        return len(self.paths)

    def photo(self, index: int) -> Tensor:
        """One photo, uint8 (H, W, colours), a view."""
        start, height, width = (int(a[index]) for a in (self.starts, self.heights, self.widths))
        return self.pixels[start : start + height * width].view(height, width, -1)

    def to(self, device: torch.device) -> PhotoSet:
        return PhotoSet(self.pixels.to(device), self.starts, self.heights, self.widths, self.paths)

    @property
    def fingerprint(self) -> list[int]:
        """Number of photos, of pixels, and a sum over sizes: tells whether a folder changed."""
        mixed = (self.heights * 31 + self.widths) * (np.arange(len(self)) + 1)
        return [len(self), int(self.pixels.shape[0]), int(mixed.sum() % 2**31)]


def photo_set(photos: Iterable[np.ndarray], paths: Iterable[Path]) -> PhotoSet:
    """A PhotoSet of decoded photos, each uint8 (H, W, colours)."""
    photos = list(photos)
    flat = [torch.from_numpy(photo.reshape(-1, photo.shape[2]).copy()) for photo in photos]
    return indexed(torch.cat(flat), [photo.shape[:2] for photo in photos], paths)


def indexed(pixels: Tensor, shapes: list[tuple[int, ...]], paths: Iterable[Path]) -> PhotoSet:
    """A PhotoSet of ``pixels``, uint8 (total, channels), photos of ``shapes`` (H, W) in order."""
    sizes = np.array(shapes, dtype=np.int64).reshape(-1, 2)
    ends = np.cumsum(sizes[:, 0] * sizes[:, 1])
    return PhotoSet(
        pixels, ends - sizes[:, 0] * sizes[:, 1], sizes[:, 0], sizes[:, 1], tuple(paths)
    )


def load_photos(
    folder: Path,
    paths: Iterable[Path],
    *,
    colours: int,
    least_side: int,
    memory_bytes: int,
    rejected: Callable[[Rejected], None] = lambda _: None,
    seed: int = 0,
) -> Generator[Preparing, None, PhotoSet]:
    """Decode ``paths`` of ``folder`` into a PhotoSet on the CPU, telling how far it is.

    A photo whose short side is under ``least_side`` pixels, one that cannot be read and one that
    no longer fits into ``memory_bytes`` are told to ``rejected`` and left out. Where memory is
    short, which photos stay depends on ``seed`` alone.

    Raises:
        UsageError: all that can be read are too small.
        DatasetError: none is left.
    """
    sizes = _sizes(folder, paths, least_side, rejected)
    chosen = fitting(sizes, memory_bytes // colours, seed, rejected)
    pixels = torch.empty(sum(w * h for w, h in chosen.values()), colours, dtype=torch.uint8)
    filled = 0
    throttle = Throttle()
    shapes: list[tuple[int, ...]] = []
    used: list[Path] = []
    decoding = zip(chosen, in_threads(lambda path: decode(path, colours), chosen), strict=True)
    for number, (path, future) in enumerate(decoding, 1):
        try:
            photo = future.result()
        except ImageReadError as error:
            rejected(rejection(error))
            continue
        area = photo.shape[0] * photo.shape[1]
        # writes nothing beyond the row range that the header promised
        pixels[filled : filled + area] = torch.from_numpy(photo.reshape(area, colours))
        filled += area
        shapes.append(photo.shape[:2])
        used.append(path)
        if throttle.due() or number == len(chosen):
            yield Preparing(number, len(chosen))
    if not used:
        raise DatasetError(
            tr("{folder}: no picture in it can be read; choose another folder", folder=folder)
        )
    return indexed(pixels[:filled], shapes, used)


def _sizes(
    folder: Path, paths: Iterable[Path], least_side: int, rejected: Callable[[Rejected], None]
) -> dict[Path, tuple[int, int]]:
    """Width and height of the photos that are large enough, from their headers."""
    sizes = {}
    small = False
    for path in paths:
        try:
            size = header_size(path)
        except ImageReadError as error:
            rejected(rejection(error))
            continue
        if min(size) < least_side:
            small = True
            rejected(Rejected(path, "too_small", too_small(size, least_side)))
        else:
            sizes[path] = size
    if small and not sizes:
        raise UsageError(
            tr(
                "{folder}: no photo in it is large enough: data.crop wants {side} pixels on "
                "each side; choose larger photos or a smaller crop, such as --set data.crop=48",
                folder=folder,
                side=least_side,
            )
        )
    return sizes


def header_size(path: Path) -> tuple[int, int]:
    """Width and height that the file's header claims; not turned upright.

    Raises:
        PictureReadError: no picture, or not readable.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                return image.size
    except Exception as error:  # as in decode
        raise ImageReadError(path, _why_unreadable(error)) from error


def too_small(size: tuple[int, int], least_side: int) -> str:
    return tr(
        "{width} x {height} pixels; both sides must be at least {side}",
        width=size[0],
        height=size[1],
        side=least_side,
    )


def fitting(
    sizes: dict[Path, tuple[int, int]],
    pixels: int,
    seed: int,
    rejected: Callable[[Rejected], None],
) -> dict[Path, tuple[int, int]]:
    """As many of the photos as have room in ``pixels``, drawn at random so that none are biased."""
    if sum(w * h for w, h in sizes.values()) <= pixels:
        return sizes
    paths = list(sizes)
    kept = set()
    for i in np.random.default_rng(seed).permutation(len(paths)):
        width, height = sizes[paths[i]]
        if width * height <= pixels:
            pixels -= width * height
            kept.add(paths[i])
        else:
            rejected(Rejected(paths[i], "no_memory", tr("no memory left for it (data.memory_gib)")))
    return {path: size for path, size in sizes.items() if path in kept}


def drain(generator: Generator[Any, None, R]) -> R:
    """The result of a generator whose events nobody watches."""
    while True:
        try:
            next(generator)
        except StopIteration as stop:
            result: R = stop.value
            return result
