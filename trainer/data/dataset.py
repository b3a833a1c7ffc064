"""Photos in memory: every picture is decoded once and kept as uint8 on the training device."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from srgan_desktop.core.base.errors import (
    DatasetError,
    ImageReadError,
    ImageTooLargeError,
    ImageTruncatedError,
    UsageError,
)
from srgan_desktop.core.base.paths import is_folder, unreadable
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.io import (
    DEFAULT_MAX_PIXELS,
    check_size,
    probe,
    read_image,
    to_srgb8,
)
from srgan_desktop.core.images.io.colour import is_plain, on_white, reduced
from srgan_desktop.core.jobs.sources import images_below
from trainer.run.events import Preparing
from trainer.run.throttle import Throttle

# threads that decode ahead, and pictures that may wait decoded
_DECODERS = 2
_AHEAD = 4
# one of so many pixels goes into the fingerprint, for other photos differ nearly everywhere; and
# of large sets fewer, since each checkpoint takes one
_FINGERPRINT_EVERY = 61
_FINGERPRINT_MOST = 2**18

Reason = Literal["unreadable", "truncated", "too_small", "blank", "no_memory", "unpaired"]
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Rejected:
    """A file that training cannot use: a short name of the reason, and a sentence."""

    path: Path
    reason: Reason
    message: str


def image_paths(folder: Path) -> list[Path]:
    """All image files below ``folder``, hidden ones left out, in a stable order.

    Raises:
        UsageError: no such folder, or it may not be looked into; folders in it are passed over.
        DatasetError: no image in it.
    """
    if not is_folder(folder):
        raise UsageError(tr("{folder}: there is no such folder", folder=folder))

    def of_the_whole(error: OSError) -> None:
        if error.filename is None or Path(error.filename) == folder:
            raise error

    try:
        # sorted here: a resumed run wants the same order, whatever order enlarging takes them in
        found = sorted(source.path for source in images_below(folder, unreadable=of_the_whole))
    except OSError as error:
        raise unreadable(Path(error.filename or folder), error) from error
    if not found:
        raise DatasetError(
            tr("{folder}: no pictures in it; choose a folder with photos", folder=folder)
        )
    return found


def decode(path: Path, colours: int) -> np.ndarray:
    """An image as uint8 (H, W, colours): upright, in sRGB, transparency on white.

    What can be enlarged can be learned from: both read with the same code.

    Raises:
        ImageReadError: unreadable; the message says why.
    """
    with _size_explained():
        image = read_image(path)
    # what is sRGB already is not copied
    pixels = image.pixels if is_plain(image) else to_srgb8(image)
    if image.alpha is not None:
        pixels = on_white(pixels, reduced(image.alpha))
    if colours == 3:
        return pixels
    return np.array(Image.fromarray(pixels).convert("L"))[..., None]


def header_size(path: Path) -> tuple[int, int]:
    """Width and height that the file's header claims, upright.

    Raises:
        ImageReadError: no image, not readable, or larger than ``decode`` takes.
    """
    with _size_explained():
        header = probe(path)
        check_size(path, header.width, header.height, DEFAULT_MAX_PIXELS)
    return header.width, header.height


def known_sizes(paths: Iterable[Path]) -> Iterator[tuple[int, int]]:
    """``header_size`` of those that can be read."""
    for path in paths:
        try:
            yield header_size(path)
        except ImageReadError:
            continue


@contextlib.contextmanager
def _size_explained() -> Iterator[None]:
    """An image over the limit is one more that cannot be read; the limit is not training's."""
    try:
        yield
    except ImageTooLargeError as error:
        problem = tr("the picture has more pixels than training can take; make it smaller")
        raise ImageReadError(error.path, problem) from error


def rejection(error: ImageReadError) -> Rejected:
    """The error of ``decode`` as an entry of a list."""
    kind: Reason = "truncated" if isinstance(error, ImageTruncatedError) else "unreadable"
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
        """Number of photos, of pixels, sums over sizes and pixels: whether a folder changed."""
        mixed = (self.heights * 31 + self.widths) * (np.arange(len(self)) + 1)
        every = max(_FINGERPRINT_EVERY, len(self.pixels) // _FINGERPRINT_MOST)
        some = self.pixels[::every].long()
        places = torch.arange(1, len(some) + 1, device=some.device) % 9973
        checksum = int((some.sum(1) * places).sum()) % 2**31
        return [len(self), int(self.pixels.shape[0]), int(mixed.sum() % 2**31), checksum]


def same_photos(before: Sequence[int], now: Sequence[int]) -> bool:
    """Whether two fingerprints are of the same photos; earlier ones told nothing of pixels."""
    if 4 * len(before) == 3 * len(now):
        now = [part for place, part in enumerate(now) if place % 4 != 3]
    return list(before) == list(now)


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
        if photo.shape[1::-1] != chosen[path]:
            changed = tr("it changed while the folder was read")
            rejected(Rejected(path, "unreadable", changed))
            continue
        area = photo.shape[0] * photo.shape[1]
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
                "{folder}: no photo in it is large enough: data.crop needs {side} pixels on "
                "each side; choose larger photos or a smaller crop, such as --set data.crop=48",
                folder=folder,
                side=least_side,
            )
        )
    return sizes


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
