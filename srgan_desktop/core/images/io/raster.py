"""From whatever kind of numbers a decoder gives to grey or RGB, 8 or 16 bits, and alpha."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from PIL import Image

from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.image import Pixels
from srgan_desktop.core.images.io import colour

_DEEP_GREY = {"I;16", "I;16L", "I;16B", "I;16N"}
_PREMULTIPLIED = 1  # a kind of alpha in TIFF


@dataclass(frozen=True)
class Raster:
    """pixels (H, W, 1 or 3) and alpha (H, W) or None, uint8 or uint16, as in Picture.

    converted: the colours were converted to sRGB, so that the file's profile no longer applies.
    """

    pixels: Pixels
    alpha: Pixels | None = None
    warnings: tuple[str, ...] = ()
    converted: bool = False


class Sized(Protocol):
    """A picture of any library."""

    @property
    def width(self) -> int: ...

    @property
    def height(self) -> int: ...


def refuse_other_size(image: Sized, size: tuple[int, int]) -> None:
    """Raise ValueError for a picture of another size than the one that was let through."""
    if (image.width, image.height) != size:
        raise ValueError("its header says another size")


def from_image(image: Image.Image, icc: bytes | None, *, bits: int = 16) -> Raster:
    """From a loaded Pillow picture of any mode. bits: used of deep grey, such as 12, from below."""
    mode = image.mode
    if mode == "CMYK":
        pixels, warnings = colour.cmyk_to_srgb(np.asarray(image), icc)
        return Raster(pixels, None, warnings, converted=True)
    if mode == "LAB":
        warnings = (tr("the Lab colours were converted to sRGB"),)
        return Raster(colour.from_lab_image(image), None, warnings, converted=True)
    if mode in _DEEP_GREY and 8 < bits < 16:
        return from_array(stretched(np.asarray(image) << (16 - bits), bits), has_alpha=False)
    if mode in _DEEP_GREY or mode in ("I", "F"):
        return from_array(np.asarray(image), has_alpha=False)
    wanted = _plain_mode(image)
    plain = image if mode == wanted else image.convert(wanted)
    return from_array(np.asarray(plain), has_alpha=wanted in ("LA", "RGBA"))


def _plain_mode(image: Image.Image) -> str:
    transparent = "transparency" in image.info or image.mode in ("LA", "La", "PA", "RGBA", "RGBa")
    grey = image.mode in ("1", "L", "LA", "La")
    if transparent:
        return "LA" if grey and image.mode != "1" else "RGBA"
    return "L" if grey else "RGB"


def from_array(data: Pixels, has_alpha: bool) -> Raster:
    """From (H, W) or (H, W, channels) of any number type, the alpha last if there is one."""
    if data.ndim == 2:
        data = data[:, :, None]
    whole, warnings = _whole(data)
    colours = 3 if whole.shape[2] >= 3 else 1
    alpha = None
    if has_alpha and whole.shape[2] > colours:
        alpha = np.ascontiguousarray(whole[:, :, colours])
    return Raster(np.ascontiguousarray(whole[:, :, :colours]), alpha, warnings)


def reduced_warning(bits: int, raster: Raster) -> tuple[str, ...]:
    """A word about a file of more than 8 bits of which 8 were read."""
    if bits <= 8 or raster.pixels.dtype != np.uint8:
        return ()
    return (tr("the file has {bits} bits per channel and was read with 8", bits=bits),)


def is_premultiplied(extra: tuple[int, ...]) -> bool:
    """By TIFF's word on its extra samples: whether the colours are multiplied by the alpha."""
    return extra[:1] == (_PREMULTIPLIED,)


def with_alpha_divided_out(raster: Raster) -> Raster:
    """Straight colours for premultiplied ones."""
    if raster.alpha is None:
        return raster
    return replace(raster, pixels=_unmultiplied(raster.pixels, raster.alpha))


def stretched(data: Pixels, bits: int) -> Pixels:
    """uint16 whose upper ``bits`` are used, such as 10 of 16, to the full range."""
    if not 8 < bits < 16:
        return data
    most = (1 << bits) - 1
    values = (data >> (16 - bits)).astype(np.uint32)
    result: Pixels = ((values * 65_535 + most // 2) // most).astype(np.uint16)
    return result


def _unmultiplied(pixels: Pixels, alpha: Pixels) -> Pixels:
    most = int(np.iinfo(pixels.dtype).max)
    share = alpha[:, :, None].astype(np.uint64)
    full = (pixels.astype(np.uint64) * most + share // 2) // np.maximum(share, 1)
    result: Pixels = np.minimum(full, most).astype(pixels.dtype)
    return result


def _whole(data: Pixels) -> tuple[Pixels, tuple[str, ...]]:
    """As uint8 or uint16 over the full range; and what to tell the person."""
    if data.dtype in (np.uint8, np.uint16):
        native: Pixels = data.astype(data.dtype.newbyteorder("="), copy=False)
        return native, ()
    if data.dtype == np.bool_:
        return data.astype(np.uint8) * np.uint8(255), ()
    if np.issubdtype(data.dtype, np.floating):
        return _from_float(data)
    low, high = int(data.min()), int(data.max())
    if low >= 0 and data.dtype.itemsize < 4:
        return _without_sign(data), ()
    if low >= 0 and high <= 65_535:
        return data.astype(np.uint16), ()
    if low < 0:
        warning = tr("the file holds numbers below zero; all were scaled to 16 bits")
    else:
        warning = tr("the file has more than 16 bits per channel; it was scaled to 16")
    lowest = min(low, 0)
    shifted = (data.astype(np.float64) - lowest) * (65_535 / max(1, high - lowest))
    return shifted.round().astype(np.uint16), (warning,)


def _without_sign(data: Pixels) -> Pixels:
    """From 0..127 or 0..32767 to the full range."""
    most, whole = np.iinfo(data.dtype).max, 255 if data.dtype.itemsize == 1 else 65_535
    full: Pixels = (data.astype(np.uint32) * whole + most // 2) // most
    return full.astype(np.uint8 if whole == 255 else np.uint16)


def _from_float(data: Pixels) -> tuple[Pixels, tuple[str, ...]]:
    values = np.nan_to_num(data.astype(np.float32), nan=0.0, posinf=1.0, neginf=0.0)
    high = float(values.max())
    if high > 1.0:
        warning = tr(
            "the file holds floating-point numbers up to {high}; they were scaled to 16 bits",
            high=f"{high:g}",
        )
        values = values / high
    else:
        warning = tr("the file holds floating-point numbers; they were rounded to 16 bits")
    scaled: Pixels = (np.clip(values, 0.0, 1.0) * 65_535).round().astype(np.uint16)
    return scaled, (warning,)
