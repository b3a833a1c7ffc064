"""One file of the corpus, and what the kinds are made of."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
import odd_makers as odd
from image_makers import smooth
from PIL import Image

WIDTH, HEIGHT = 24, 18
Array = np.ndarray


@dataclass(frozen=True)
class Case:
    """One file.

    name       what the test is called, and with ``ending`` the file
    make       its bytes
    pixels     as they are to be read, 0..1, (H, W, 1 or 3); None where the file is refused
    within     how far a number may be off, of 1
    alpha      0..1, (H, W), or None
    depth      8 or 16
    frames     how many pictures it holds
    refused    of a file that is not read: a part of the message
    told       parts of the warnings, one each; no other warning is given
    """

    name: str
    ending: str
    make: Callable[[], bytes]
    pixels: Array | None = None
    within: float = 0.0
    alpha: Array | None = None
    depth: int = 8
    frames: int = 1
    refused: str = ""
    told: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        return f"{self.name}{self.ending}"


@cache
def photo(channels: int = 3, bits: int = 8, height: int = HEIGHT, width: int = WIDTH) -> Array:
    """Ramps, (H, W, channels), uint8 or uint16."""
    return smooth(height, width, channels, np.uint8 if bits == 8 else np.uint16)


def ramp(bits: int = 8) -> Array:
    """Transparency, (H, W)."""
    return photo(2, bits)[..., 1]


def unit(pixels: Array) -> Array:
    """0..1, with a last axis."""
    shaped = pixels if pixels.ndim == 3 else pixels[..., None]
    whole = 1 if shaped.dtype == np.bool_ else np.iinfo(shaped.dtype).max
    return shaped.astype(float) / whole


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def by_vips(pixels: Array, suffix: str, **options: Any) -> bytes:
    import pyvips

    shaped = np.ascontiguousarray(pixels if pixels.ndim == 3 else pixels[..., None])
    number = {1: "uchar", 2: "ushort"}[shaped.dtype.itemsize]
    height, width, bands = shaped.shape
    image = pyvips.Image.new_from_memory(shaped, width, height, bands, number)
    grey, deep = bands < 3, number == "ushort"
    space = {(True, False): "b-w", (True, True): "grey16", (False, False): "srgb"}
    image = image.copy(interpretation=space.get((grey, deep), "rgb16"))
    result: bytes = image.write_to_buffer(suffix, **options)
    return result


def palette_image(indices: Array, palette: Array) -> Image.Image:
    image = Image.fromarray(indices, "P")
    image.putpalette(palette.tobytes(), "RGB")
    return image


def tiff_of(stored: Array, photometric: int | None, **options: Any) -> Callable[[], bytes]:
    channels = stored.shape[2] if stored.ndim == 3 else 1
    return partial(
        odd.tiff,
        stored.shape[1::-1],
        [stored.dtype.itemsize * 8] * channels,
        photometric,
        stored.tobytes(),
        **options,
    )
