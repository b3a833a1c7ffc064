"""A picture in memory: pixels, transparency and what its file said about itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from srgan_desktop.core.images.crop import Crop

Pixels = NDArray[Any]


@dataclass(frozen=True)
class Metadata:
    """What a file says about its pixels, in the form in which files exchange it.

    icc   a whole ICC profile
    exif  a TIFF structure starting with ``II*`` or ``MM``, without the ``Exif`` prefix of JPEG
    xmp   an XML packet
    iptc  IIM records, without the Photoshop wrapping of JPEG
    dpi   pixels per inch, (horizontal, vertical)
    text  short notes as (keyword, text), such as PNG text chunks; a JPEG comment is ``Comment``
    """

    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    dpi: tuple[float, float] | None = None
    text: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, eq=False)
class RasterImage:
    """One still picture, the right way up.

    pixels    (H, W, C), C 1 (grey) or 3 (RGB), uint8 or uint16 over the full range, C-contiguous;
              may be a memory map
    alpha     (H, W) of the same dtype, straight (colours are not multiplied by it), or None
    format    short lower-case name of the format the file really had, "png" for a new picture
    warnings  what could not be taken over when reading, in the reader's language
    """

    pixels: Pixels
    alpha: Pixels | None = None
    metadata: Metadata = field(default_factory=Metadata)
    format: str = "png"
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or self.pixels.shape[2] not in (1, 3):
            raise ValueError(f"pixels must be (H, W, 1 or 3), not {self.pixels.shape}")
        if self.pixels.dtype not in (np.uint8, np.uint16):
            raise ValueError(f"pixels must be uint8 or uint16, not {self.pixels.dtype}")
        if self.alpha is not None and (
            self.alpha.shape != self.pixels.shape[:2] or self.alpha.dtype != self.pixels.dtype
        ):
            raise ValueError("alpha must be (H, W) with the dtype of the pixels")

    def cropped(self, crop: Crop) -> RasterImage:
        """A part of it, in memory of its own. Raises UsageError where it is not wholly there."""
        crop.check(self.width, self.height)
        where = np.s_[crop.y : crop.y + crop.height, crop.x : crop.x + crop.width]
        alpha = None if self.alpha is None else self.alpha[where].copy()
        return replace(self, pixels=self.pixels[where].copy(), alpha=alpha)

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def channels(self) -> int:
        """1 for grey, 3 for RGB; alpha is not counted."""
        return int(self.pixels.shape[2])

    @property
    def depth(self) -> int:
        """Bits per channel: 8 or 16."""
        return int(self.pixels.dtype.itemsize) * 8


@dataclass(frozen=True)
class ImageInfo:
    """What a file's header says; width and height are those after turning it the right way up.

    depth is 8 or 16 (the depth in which the picture is read), file_size is in bytes.
    """

    width: int
    height: int
    channels: int
    depth: int
    has_alpha: bool
    format: str
    frames: int
    file_size: int
