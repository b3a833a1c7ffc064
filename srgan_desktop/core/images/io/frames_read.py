"""Reading files with several pictures: animated GIF, PNG and WebP, TIFF with pages."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.animation import FOREVER, Frame, FrameSource
from srgan_desktop.core.images.image import ImageInfo, RasterImage
from srgan_desktop.core.images.io import gif_blocks, open_image, tiff_read, tiff_tables, vips
from srgan_desktop.core.images.io import raster as samples
from srgan_desktop.core.images.io import read as still
from srgan_desktop.core.images.io.decode import Decoded, decode
from srgan_desktop.core.images.io.orientation import turned
from srgan_desktop.core.images.io.probe import Header, mapped, read_header

# what browsers show a frame for that claims no time of its own
_UNTIMED_MS = 100.0
_LEAST_GIF_MS = 20.0
_MOVING = frozenset({"gif", "png", "webp"})


def has_frames(info: ImageInfo) -> bool:
    """Whether ``open_frames`` reads more of the file than ``read_image``."""
    return info.frames > 1 and (info.format in _MOVING or info.format == "tiff")


@contextlib.contextmanager
def open_frames(
    path: Path | str, *, max_pixels: int | None = still.DEFAULT_MAX_PIXELS
) -> Iterator[FrameSource]:
    """All pictures of a file, decoded one at a time as they are asked for.

    Every frame of an animation has the file's size and is whole; pages have their own sizes. What
    cannot be taken over is in the first frame's ``warnings``. Raises, also from ``frames``,
    ImageReadError for a file that is missing or damaged and ImageTooLargeError.
    """
    with contextlib.ExitStack() as kept_open:
        with open_image.damage_reported(path):
            file, name = open_image.opened(path)
            kept_open.enter_context(file)
            source = _source(Path(path), file, name, max_pixels, kept_open)
        yield source  # what goes wrong with the caller's work is none of the file's damage


def _source(
    path: Path, file: BinaryIO, name: str, max_pixels: int | None, kept_open: contextlib.ExitStack
) -> FrameSource:
    header = read_header(path, file, name)
    still.check_size(path, header.width, header.height, max_pixels)
    if name == "tiff" and header.frames > 1:
        with mapped(file) as data:
            pages = list(tiff_tables.read_pages(data))
        for page in pages:
            still.check_size(path, page.header.width, page.header.height, max_pixels)
        return FrameSource(len(pages), FOREVER, _reported(path, _pages(path, file, pages)))
    first = still.picture_of(path, name, decode(file, name, header))
    if name not in _MOVING or header.frames == 1:
        return FrameSource(1, FOREVER, iter([Frame(first)]))
    image = kept_open.enter_context(open_image.open_with_pillow(file, name))
    count = getattr(image, "n_frames", 1) - _hidden_frames(image)
    if name == "gif" and gif_blocks.frames_outside(file, header.width, header.height):
        moving = _clipped(first, file)
    else:
        moving = _moving(first, name, header, image)
    return FrameSource(count, _plays(image, name), _reported(path, moving))


def _reported(path: Path | str, frames: Iterator[Frame]) -> Iterator[Frame]:
    """What goes wrong while frames are drawn is the file's fault, not the reader's."""
    while True:
        with open_image.damage_reported(path):
            frame = next(frames, None)
        if frame is None:
            return
        yield frame


def _plays(image: Image.Image, name: str) -> int:
    loop = image.info.get("loop")
    if loop is None:
        return 1
    # GIF counts repetitions, the others plays
    return int(loop) + 1 if name == "gif" and loop else int(loop)


def _hidden_frames(image: Image.Image) -> int:
    """1 where the still picture for programs without animation is none of its frames."""
    return int(bool(getattr(image, "default_image", False)))


def _moving(first: RasterImage, name: str, header: Header, image: Image.Image) -> Iterator[Frame]:
    """All frames; ``first`` is what a reader of stills makes of the file."""
    warnings = first.warnings
    if header.bits > 8:
        warnings += (
            tr("the file has {bits} bits per channel and was read with 8", bits=header.bits),
        )
    for index in range(_hidden_frames(image), getattr(image, "n_frames", 1)):
        image.seek(index)
        image.load()
        raster = samples.from_image(image.copy(), first.metadata.icc)
        frame = RasterImage(
            turned(raster.pixels, header.orientation),
            None if raster.alpha is None else turned(raster.alpha, header.orientation),
            first.metadata,
            name,
            warnings,
        )
        yield Frame(frame, _duration_ms(image, name))
        warnings = ()


def _clipped(first: RasterImage, file: BinaryIO) -> Iterator[Frame]:
    """All frames of a GIF of which some reach beyond its canvas, cut to it."""
    if not vips.available():
        raise open_image.UnsupportedKindError(tr("some of its frames lie outside the picture"))
    warnings = first.warnings
    for raster, duration in vips.read_frames(file, "gif"):
        frame = RasterImage(raster.pixels, raster.alpha, first.metadata, "gif", warnings)
        yield Frame(frame, _gif_duration_ms(duration))
        warnings = ()


def _duration_ms(image: Image.Image, name: str) -> float:
    duration = float(image.info.get("duration") or 0)
    return _gif_duration_ms(duration) if name == "gif" else duration or _UNTIMED_MS


def _gif_duration_ms(duration: float) -> float:
    return duration if duration >= _LEAST_GIF_MS else _UNTIMED_MS


def _pages(
    path: Path | str, file: BinaryIO, pages: Sequence[tiff_tables.TiffPage]
) -> Iterator[Frame]:
    for page in pages:
        raster, orientation = tiff_read.read_raster(
            file, page.header, page.metadata.icc, page.index
        )
        decoded = Decoded(raster, page.metadata, orientation)
        yield Frame(still.picture_of(Path(path), "tiff", decoded))
