"""What a picture file's header says, without decoding its pixels."""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from srgan_desktop.core.base.errors import ImageReadError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.image import ImageInfo
from srgan_desktop.core.images.io import (
    bmp_masks,
    jxl_decode,
    jxl_header,
    open_image,
    png_chunks,
    tiff_tables,
)
from srgan_desktop.core.images.io import exif as exif_blocks

_GREY_MODES = {"1", "L", "LA", "La", "I", "F", "I;16", "I;16L", "I;16B", "I;16N"}
_ALPHA_MODES = {"LA", "La", "PA", "RGBA", "RGBa"}
BOX_SEARCH_BYTES = 1 << 16


@dataclass(frozen=True)
class Header:
    """As stored: width and height before turning, ``bits`` per channel as in the file.

    orientation is 1 where the decoder itself turns the picture. float_samples: TIFF and JPEG XL.
    opened: a JPEG's, for its decoder, so that its head is not read twice.
    """

    width: int
    height: int
    channels: int
    bits: int = 8
    has_alpha: bool = False
    frames: int = 1
    orientation: int = 1
    float_samples: bool = False
    opened: Image.Image | None = field(default=None, compare=False, repr=False)

    @property
    def depth(self) -> int:
        return 16 if self.bits > 8 else 8


def probe(path: Path | str) -> ImageInfo:
    """Size, kind and depth of a picture file, fast.

    Raises ImageReadError for anything that is no readable picture.
    """
    with open_image.open_image(path) as (file, name), open_image.damage_reported(path):
        header = read_header(path, file, name)
        width, height = header.width, header.height
        if header.orientation >= 5:
            width, height = height, width
        return ImageInfo(
            width=width,
            height=height,
            channels=header.channels,
            depth=header.depth,
            has_alpha=header.has_alpha,
            format=name,
            frames=header.frames,
            file_size=os.fstat(file.fileno()).st_size,
        )


def read_header(path: Path | str, file: BinaryIO, name: str) -> Header:
    """The header of an open file of that format; path is for messages only."""
    header = _READERS.get(name, _by_pillow)(file, name)
    if header is None:
        raise ImageReadError(path, open_image.camera_raw_problem())
    if header.width < 1 or header.height < 1:
        raise ImageReadError(
            path,
            tr(
                "the file claims to be {width} x {height} pixels; it is damaged",
                width=header.width,
                height=header.height,
            ),
        )
    return header


@contextlib.contextmanager
def mapped(file: BinaryIO) -> Iterator[mmap.mmap]:
    """The whole file as bytes that are read from the disk only where they are looked at."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield data


def _by_pillow(file: BinaryIO, name: str) -> Header:
    image = open_image.open_with_pillow(file, name)  # closing it would not close the file
    exif = exif_blocks.normalised(image.info.get("exif"))
    turned = name in {"jpeg", "webp", "avif"}
    return Header(
        *image.size,
        channels=_channels(image),
        bits=_bits(file, name, image),
        has_alpha=image.mode in _ALPHA_MODES or "transparency" in image.info,
        frames=int(getattr(image, "n_frames", 1)),
        orientation=exif_blocks.orientation(exif) if turned else 1,
        opened=image if name == "jpeg" else None,
    )


def _channels(image: Image.Image) -> int:
    return 1 if image.mode in _GREY_MODES else 3


def _bits(file: BinaryIO, name: str, image: Image.Image) -> int:
    if name == "pnm":
        return _pnm_bits(image)
    if name not in {"avif", "jpeg2000"}:
        return 8
    file.seek(0)
    head = file.read(BOX_SEARCH_BYTES)
    if name == "avif":
        at = head.find(b"av1C")
        flags = head[at + 6] if 0 <= at < len(head) - 6 else 0
        return (12 if flags & 0x20 else 10) if flags & 0x40 else 8
    # SIZ: marker, length, capabilities, 8 numbers of 4 bytes, component count, then the depth
    at = head.find(b"\xff\x4f\xff\x51")
    if 0 <= at < len(head) - 42:
        return (head[at + 42] & 0x7F) + 1
    return 16 if image.mode.startswith("I") else 8


def _pnm_bits(image: Image.Image) -> int:
    # of Pillow's decoder: the kind of numbers, and the largest
    arguments = getattr(image, "tile")[0].args  # noqa: B009 - only files have it
    largest = arguments[1] if isinstance(arguments, tuple) else 0
    return 16 if image.mode == "I" or (isinstance(largest, int) and largest > 255) else 8


def _png(file: BinaryIO, name: str) -> Header:
    del name
    head = None
    has_alpha, frames, orientation = False, 1, 1
    for kind, data in png_chunks.read_chunks(file):
        if kind == b"IHDR":
            if head is not None:  # decoders differ in which of them they go by
                raise ValueError("it has two headers")
            head = data
        elif kind == b"tRNS":
            has_alpha = True
        elif kind == b"acTL" and len(data) >= 4:
            frames = struct.unpack_from(">I", data)[0]
    if head is None or len(head) < 13:
        raise EOFError("the header is missing")
    width, height, bits, colour_type = struct.unpack_from(">IIBB", head)
    orientation = exif_blocks.orientation(png_chunks.read_metadata(file).exif)
    return Header(
        width,
        height,
        channels=1 if colour_type in (0, 4) else 3,
        bits=bits,
        has_alpha=has_alpha or colour_type in (4, 6),
        frames=frames,
        orientation=orientation,
    )


def _tiff(file: BinaryIO, name: str) -> Header | None:
    del name
    with mapped(file) as data:
        found = tiff_tables.read_header(data)
    if found.camera_raw:
        return None
    grey = found.photometric in (0, 1) and found.samples - len(found.extra) < 3
    colours = {0: 1, 1: 1, 3: 1, 5: 4}.get(found.photometric, 3)
    return Header(
        found.width,
        found.height,
        channels=1 if grey else 3,
        bits=found.bits if found.photometric != 3 else 8,
        has_alpha=found.samples > colours,
        frames=found.frames,
        orientation=found.orientation,
        float_samples=found.sample_format == 3,
    )


def _bmp(file: BinaryIO, name: str) -> Header:
    try:
        return _by_pillow(file, name)
    except Exception:
        found = bmp_masks.parse(file)
        if found is None:
            raise
    return Header(
        found.width, found.height, channels=3, bits=found.depth, has_alpha=found.masks[3] > 0
    )


def _heic(file: BinaryIO, name: str) -> Header:
    del name
    import pi_heif

    file.seek(0)
    heif = pi_heif.open_heif(file, convert_hdr_to_8bit=False)
    width, height = heif.size
    return Header(
        width,
        height,
        channels=1 if heif.mode.split(";")[0] in ("L", "I", "LA") else 3,
        bits=int(heif.info.get("bit_depth", 8)),
        has_alpha=bool(heif.has_alpha),
        frames=len(heif),
    )


def _jxl(file: BinaryIO, name: str) -> Header:
    del name
    found = jxl_header.parse(file)
    frames = 1
    if found.animated:
        file.seek(0)
        frames = jxl_decode.count_frames(file.read())
    return Header(
        found.width,
        found.height,
        channels=found.channels,
        bits=found.bits,
        has_alpha=found.has_alpha,
        orientation=found.orientation,
        frames=frames,
    )


_READERS: dict[str, Callable[[BinaryIO, str], Header | None]] = {
    "png": _png,
    "tiff": _tiff,
    "bmp": _bmp,
    "heic": _heic,
    "jxl": _jxl,
}
