"""Colour profiles: which fit which pixels, and conversion to sRGB."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.image import Pixels, RasterImage

_BLOCK_PIXELS = 1 << 22
_SPACES = {b"GRAY": "grey", b"RGB ": "rgb", b"CMYK": "cmyk", b"Lab ": "lab"}
_CREATION_DATE = slice(24, 36)  # of a profile's header


def profile_space(icc: bytes | None) -> str | None:
    """ "grey", "rgb", "cmyk", "lab" or "other"; None where it is no profile."""
    if not icc or len(icc) < 128 or icc[36:40] != b"acsp":
        return None
    return _SPACES.get(icc[16:20], "other")


def fits(icc: bytes, channels: int) -> bool:
    """Whether the profile describes pixels of that many channels."""
    return profile_space(icc) == ("grey" if channels == 1 else "rgb")


def numbered_colours_warning(primaries: int, transfer: int) -> tuple[str, ...]:
    """What to say of colours described by numbers (ITU-T H.273) where there is no profile.

    1 is what sRGB uses, 2 means not said; 13 is sRGB's curve, 1 and 6 are close to it.
    """
    if primaries in (0, 1, 2) and transfer in (0, 1, 2, 6, 13):
        return ()
    return (
        tr(
            "the file uses wide or HDR colours without a colour profile; they were read as sRGB "
            "and may look different"
        ),
    )


@cache
def srgb_profile() -> bytes:
    """A small sRGB profile, the same bytes every time."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made[_CREATION_DATE] = bytes((0x07, 0xD0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0))  # 2000-01-01
    return bytes(made)


@cache
def is_srgb(icc: bytes) -> bool:
    """Whether converting colours from this profile to sRGB changes nothing to speak of.

    Judged by the colours, since many writers give sRGB names of their own.
    """
    mode = "L" if profile_space(icc) == "grey" else "RGB"
    transform = _transform(icc, mode) if profile_space(icc) in ("grey", "rgb") else None
    if transform is None:
        return False
    levels = np.linspace(0, 255, 6).round().astype(np.uint8)
    grid = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(-1, 6, 3)
    sample = np.ascontiguousarray(grid[..., :1] if mode == "L" else grid)
    converted = np.asarray(ImageCms.applyTransform(_as_image(sample), transform))
    return int(np.abs(converted.astype(np.int16) - sample).max()) <= 2


def to_srgb8(picture: RasterImage) -> Pixels:
    """The picture for showing: (H, W, 3) uint8 sRGB, alpha left out.

    A profile that cannot be used is passed over, as viewers do.
    """
    return srgb8(picture.pixels, picture.metadata.icc)


def is_plain(picture: RasterImage) -> bool:
    """Whether its pixels are 8-bit sRGB as they are."""
    icc = picture.metadata.icc
    unconverted = not icc or not fits(icc, picture.channels) or is_srgb(icc)
    return picture.channels == 3 and picture.depth == 8 and unconverted


def srgb8(pixels: Pixels, icc: bytes | None) -> Pixels:
    """As ``to_srgb8``, from pixels (H, W, 1 or 3) and their profile."""
    height, width, channels = pixels.shape
    transform = None
    if icc and fits(icc, channels) and not is_srgb(icc):
        transform = _transform(icc, "L" if channels == 1 else "RGB")
    out = np.empty((height, width, 3), np.uint8)
    for rows in _row_blocks(height, width):
        block = reduced(pixels[rows])
        if transform is not None:
            block = np.asarray(ImageCms.applyTransform(_as_image(block), transform))
        out[rows] = block
    return out


def cmyk_to_srgb(inks: Pixels, icc: bytes | None) -> tuple[Pixels, tuple[str, ...]]:
    """(H, W, 4) uint8, 255 full ink, to (H, W, 3) uint8 sRGB; and what to tell the person."""
    transform = _transform(icc, "CMYK") if icc and profile_space(icc) == "cmyk" else None
    out = np.empty((*inks.shape[:2], 3), np.uint8)
    for rows in _row_blocks(*inks.shape[:2]):
        block = np.ascontiguousarray(inks[rows])
        if transform is not None:
            image = Image.frombuffer("CMYK", block.shape[1::-1], block, "raw", "CMYK", 0, 1)
            out[rows] = np.asarray(ImageCms.applyTransform(image, transform))
        else:
            paper = (255 - block).astype(np.uint16)
            out[rows] = (paper[..., :3] * paper[..., 3:] + 127) // 255
    if transform is not None:
        return out, (tr("the printing colours (CMYK) were converted to sRGB"),)
    return out, (
        tr(
            "the printing colours (CMYK) were converted to sRGB without a colour profile; "
            "they may look different"
        ),
    )


def from_ycbcr(
    stored: Pixels, weights: Sequence[float], reference: Sequence[float] | None
) -> Pixels:
    """(H, W, 3) of Y, Cb and Cr to RGB of the same dtype; TIFF 6.0, section 21.

    weights: of red, green and blue in Y; reference: the numbers of black and white in each channel.
    """
    most = int(np.iinfo(stored.dtype).max)
    half = (most + 1) / 2
    black, white, *chroma = reference or (0, most, half, most, half, most)
    red, green, blue = weights
    out = np.empty_like(stored)
    for rows in _row_blocks(*stored.shape[:2]):
        block = stored[rows].astype(np.float32)
        y = (block[..., 0] - black) * most / ((white - black) or 1)
        b, r = (
            (block[..., 1 + i] - chroma[2 * i])
            * (half - 1)
            / ((chroma[2 * i + 1] - chroma[2 * i]) or 1)
            for i in (0, 1)
        )
        parts = [y + r * (2 - 2 * red), y, y + b * (2 - 2 * blue)]
        parts[1] = (y - red * parts[0] - blue * parts[2]) / (green or 1)
        out[rows] = np.stack(parts, axis=-1).round().clip(0, most)
    return out


def reduced(pixels: Pixels) -> Pixels:
    """uint16 over the full range to uint8, rounded; uint8 as it is."""
    if pixels.dtype == np.uint8:
        return pixels
    # 65535 / 255 = 257; the sum must not overflow
    result: Pixels = ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
    return result


def reduced_in_blocks(pixels: Pixels) -> Pixels:
    """As ``reduced``, without much memory beside the result."""
    if pixels.dtype == np.uint8:
        return pixels
    out = np.empty(pixels.shape, np.uint8)
    for rows in _row_blocks(*pixels.shape[:2]):
        out[rows] = reduced(pixels[rows])
    return out


def on_white(pixels: Pixels, alpha: Pixels) -> Pixels:
    """The colours as seen on white paper, in the same dtype."""
    white = int(np.iinfo(pixels.dtype).max)
    out = np.empty_like(pixels)
    for rows in _row_blocks(*pixels.shape[:2]):
        share = alpha[rows][..., None].astype(np.uint64)
        mixed = pixels[rows] * share + white * (white - share)
        out[rows] = (mixed + white // 2) // white
    return out


def from_lab_image(image: Image.Image) -> Pixels:
    """A Pillow picture of mode LAB as (H, W, 3) uint8 sRGB."""
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    transform = ImageCms.buildTransform(lab, srgb, "LAB", "RGB")
    converted = ImageCms.applyTransform(image, transform)
    return np.asarray(converted)


@cache
def _transform(icc: bytes, mode: str) -> Any:
    """To sRGB, relative colorimetric with black point compensation; None where it is unusable."""
    try:
        return ImageCms.buildTransform(
            ImageCms.getOpenProfile(BytesIO(icc)),
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _as_image(block: Pixels) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(block[..., 0] if block.shape[2] == 1 else block))


def _row_blocks(height: int, width: int) -> list[slice]:
    step = max(1, _BLOCK_PIXELS // max(width, 1))
    return [slice(start, min(start + step, height)) for start in range(0, height, step)]
