"""What happens on the files' thread: finding, reading, writing, and small previews."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage

from srgan_desktop.core.base.errors import ImageReadError, SrganDesktopError, UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.images.io import (
    DEFAULT_MAX_PIXELS,
    WriteOptions,
    Written,
    check_size,
    has_frames,
    is_image_name,
    probe,
    read_image,
    target_format,
    write_image,
)
from srgan_desktop.core.images.io.colour import reduced
from srgan_desktop.core.jobs.result_names import Naming
from srgan_desktop.core.jobs.sources import Source, collect_sources
from srgan_desktop.gui.common.qimages import array_of, image_of
from srgan_desktop.gui.common.requests import OpenedImage, Result
from srgan_desktop.gui.common.shown_pixels import Shown, convert, of_picture

if TYPE_CHECKING:
    from PIL import Image

THUMBNAIL_SIDE = 96
CLIPBOARD_LIMIT_PIXELS = 100_000_000
# more would take gigabytes and many seconds, for a picture of some hundred pixels
PREVIEW_LIMIT_PIXELS = 64_000_000


@dataclass(frozen=True)
class Found:
    """What was dropped: pictures to open, and what could not be taken."""

    pictures: tuple[Path, ...]
    refused: tuple[Path, ...]
    problem: str = ""


def find(paths: Sequence[Path]) -> Generator[None, None, Found]:
    """Pictures among files and in folders; a file with a foreign name is looked into."""
    pictures: dict[Path, None] = {}
    refused: list[Path] = []
    problem = ""
    for path in paths:
        yield
        if path.is_dir():
            try:
                for source in collect_sources([path]):
                    pictures[source.path] = None
            except UsageError as error:
                refused.append(path)
                problem = str(error)
        elif is_image_name(path) or looks_like_image(path):
            pictures[path] = None
        else:
            refused.append(path)
    return Found(tuple(pictures), tuple(refused), problem)


def looks_like_image(path: Path) -> bool:
    """Whether a file holds a picture, whatever it is called; its head is read."""
    try:
        probe(path)
    except (SrganDesktopError, OSError):
        return False
    return True


def open_file(path: Path, *, pasted: bool = False) -> Generator[None, None, OpenedImage]:
    """Raises ImageReadError, ImageTooLargeError."""
    yield
    stamp = stamp_of(path)
    picture = read_image(path)
    yield
    return OpenedImage(path, picture, of_picture(picture), pasted, stamp, _frames_in(path))


def _frames_in(path: Path) -> int:
    """How many pictures the file holds, of which one was read; 1 where that cannot be told."""
    try:
        info = probe(path)
    except ImageReadError:  # it has gone since it was read
        return 1
    return info.frames if has_frames(info) else 1


def stamp_of(path: Path) -> int | None:
    """When the file was written last; None where it is not there (any more)."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


def has_changed(picture: OpenedImage) -> bool:
    """Whether the file is another than when it was read; one that has gone is not."""
    stamp = stamp_of(picture.path)
    return stamp is not None and stamp != picture.stamp


def keep_pasted(image: QImage, folder: Path) -> Generator[None, None, Path]:
    """Write a picture from the clipboard to a file of its own, so that all goes the same way.

    Raises ImageWriteError.
    """
    yield
    folder.mkdir(parents=True, exist_ok=True)
    picture = picture_of(image)
    name = tr("Pasted picture") + ".png"
    return write_image(folder / name, picture, WriteOptions("png")).path


def picture_of(image: QImage) -> RasterImage:
    """Qt's image as pixels and transparency, in memory of their own."""
    pixels = array_of(image)
    alpha = np.ascontiguousarray(pixels[..., 3]) if pixels.shape[2] == 4 else None
    return RasterImage(np.ascontiguousarray(pixels[..., :3]), alpha)


def clipboard_image(shown: Shown) -> Generator[None, None, QImage]:
    """Raises UsageError for what no clipboard takes."""
    yield
    if shown.shape[0] * shown.shape[1] > CLIPBOARD_LIMIT_PIXELS:
        raise UsageError(tr("The result is too large for the clipboard; save it instead."))
    return image_of(shown)


@dataclass(frozen=True)
class SaveRequest:
    """Where and how to save.

    ``target`` None: in ``folder``, or beside the source where that is None too, named by the
    template. ``folder`` is made where it is missing.
    """

    target: Path | None = None
    format: str = "same"
    quality: int | None = None
    keep_metadata: bool = True
    template: str = "{stem}_{scale}x"
    folder: Path | None = None
    overwrite: bool = False


def save(result: Result, request: SaveRequest) -> Generator[None, None, Written]:
    """Write a result as the command line does.

    Raises ImageWriteError, FormatLimitError, UsageError.
    """
    yield
    format_name = format_for(result, request)
    wanted = request.target or usual_path(result, request, format_name)
    if request.folder is not None and wanted.parent == request.folder:
        request.folder.mkdir(parents=True, exist_ok=True)
    return write_image(
        wanted,
        result.picture,
        WriteOptions(
            format_name,
            request.quality,
            "overwrite" if request.overwrite else "rename",
            strip_metadata=not request.keep_metadata,
            dpi=result.dpi,
        ),
    )


def usual_path(result: Result, request: SaveRequest, format_name: str) -> Path:
    """In the request's folder or beside the source, named by the template.

    Raises UsageError for a template that makes no sense.
    """
    size = (result.picture.width, result.picture.height)
    factor = size[0] / result.source.picture.width
    naming = Naming(out=request.folder, template=request.template)
    return naming.target(Source(result.source.path), size, factor, result.name, format_name)


def format_for(result: Result, request: SaveRequest) -> str:
    """The format's name that "same" stands for."""
    from srgan_desktop.core.images.image import ImageInfo

    picture = result.source.picture
    info = ImageInfo(
        picture.width,
        picture.height,
        picture.channels,
        picture.depth,
        picture.alpha is not None,
        picture.format,
        1,
        0,
    )
    return target_format(request.format, info, request.target)


def thumbnail(path: Path) -> Generator[None, None, QImage]:
    """A small preview; a null image where there can be none."""
    made = QImage()
    for read in (_small_by_pillow, _small_by_our_reader):
        yield
        # a preview that fails is no news; opening the picture will say why
        with contextlib.suppress(Exception):
            made = image_of(read(path))
            break
    side = QSize(2 * THUMBNAIL_SIDE, 2 * THUMBNAIL_SIDE)
    if made.width() > side.width() or made.height() > side.height():
        smooth = Qt.TransformationMode.SmoothTransformation
        made = made.scaled(side, Qt.AspectRatioMode.KeepAspectRatio, smooth)
    return made


def _small_by_pillow(path: Path) -> Shown:
    """The fast way: a large JPEG is not decoded in full. Raises nearly anything."""
    from PIL import Image, ImageOps

    from srgan_desktop.core.images.io.open_image import open_image, open_with_pillow
    from srgan_desktop.core.images.io.probe import read_header

    with open_image(path) as (file, name):
        header = read_header(path, file, name)
        check_size(path, header.width, header.height, DEFAULT_MAX_PIXELS)
        image = open_with_pillow(file, name)
        image.draft("RGB", (2 * THUMBNAIL_SIDE, 2 * THUMBNAIL_SIDE))
        image.thumbnail((2 * THUMBNAIL_SIDE, 2 * THUMBNAIL_SIDE), Image.Resampling.BILINEAR)
        upright = _in_eight_bits(ImageOps.exif_transpose(image), header.bits).convert("RGB")
        return convert(np.asarray(upright), None, image.info.get("icc_profile"))


def _small_by_our_reader(path: Path) -> Shown:
    """What Pillow does not read: HEIC, JPEG XL and odd kinds of others; all of it is decoded."""
    limit = min(DEFAULT_MAX_PIXELS, PREVIEW_LIMIT_PIXELS)
    picture = read_image(path, max_pixels=limit)
    # so many pixels that the smooth step after this one has what it needs
    step = max(1, max(picture.width, picture.height) // (8 * THUMBNAIL_SIDE))
    some = picture.pixels[::step, ::step]
    return np.ascontiguousarray(convert(some, None, picture.metadata.icc))


def _in_eight_bits(image: Image.Image, bits: int) -> Image.Image:
    """Deep grey over the full range of 8 bits; Pillow itself would cut it off at 255."""
    from PIL import Image

    from srgan_desktop.core.images.io.raster import from_image

    if not image.mode.startswith("I;16") and image.mode not in ("I", "F"):
        return image
    return Image.fromarray(reduced(from_image(image, None, bits=bits).pixels[..., 0]))
