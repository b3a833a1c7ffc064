"""The pixels of a TIFF file: by libvips, by Pillow where that knows the kind and libvips does not.

libvips keeps 16 bits of every kind; Pillow with its own libtiff knows more compressions (LZMA,
Zstandard, old JPEG), tiles in separate planes, 8-bit Lab and 12-bit grey.
"""

from __future__ import annotations

import contextlib
import ctypes
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import PIL

from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.io import colour, open_image, vips
from srgan_desktop.core.images.io import raster as samples
from srgan_desktop.core.images.io.raster import Raster
from srgan_desktop.core.images.io.tiff_tables import TiffHeader

_INKS, _YCBCR, _CIE_LAB, _ICC_LAB = 5, 6, 8, 9
# two kinds of grey, RGB, palette, and the logarithmic ones of libtiff
_KNOWN_COLOURS = {0, 1, 2, 3, _INKS, _YCBCR, _CIE_LAB, _ICC_LAB, 32844, 32845}
_JPEGS = (6, 7)
_UNSIGNED, _SIGNED, _FLOAT = 1, 2, 3
# by Pillow's mode, bits and format
_OTHER_NUMBERS: dict[tuple[str, int, int], np.dtype[Any]] = {
    ("I", 32, _UNSIGNED): np.dtype(np.uint32),
    ("I", 16, _SIGNED): np.dtype(np.int16),
    ("L", 8, _SIGNED): np.dtype(np.int8),
    ("RGB", 8, _SIGNED): np.dtype(np.int8),
}
_USUAL_WEIGHTS = (0.299, 0.587, 0.114)


def read_raster(
    file: BinaryIO, header: TiffHeader, icc: bytes | None, index: int = 0
) -> tuple[Raster, int]:
    """One picture of the file, and the orientation by which it is still to be turned.

    index counts all tables of the chain. Raises what the decoders raise.
    """
    _refuse_foreign_colours(header)
    if not vips.available():
        return _by_pillow(file, header, icc, index), 1
    if header.photometric == _CIE_LAB and header.bits == 8:
        return _by_pillow(file, header, icc, index), 1  # libvips takes it for another coding
    try:
        return _by_vips(file, header, icc, index), header.orientation
    except Exception as error:
        if not open_image.is_unsupported(error):
            raise
        return _instead_of(error, file, header, icc, index), 1


def _refuse_foreign_colours(header: TiffHeader) -> None:
    """Raise UnsupportedKindError for colours that would be taken for others."""
    inks = header.samples - len(header.extra)
    if header.photometric not in _KNOWN_COLOURS or (header.photometric == _INKS and inks != 4):
        raise open_image.UnsupportedKindError(
            tr("its colours are stored in a way that is not known here")
        )


def _instead_of(
    refused: Exception, file: BinaryIO, header: TiffHeader, icc: bytes | None, index: int
) -> Raster:
    try:
        return _by_pillow(file, header, icc, index)
    except Exception as error:
        # neither knows the kind (a SyntaxError is Pillow's word for that): the first says more
        unknown = isinstance(error, SyntaxError) or open_image.is_unsupported(error)
        raise (refused if unknown else error) from None


def _by_vips(file: BinaryIO, header: TiffHeader, icc: bytes | None, index: int) -> Raster:
    if header.photometric == _ICC_LAB:
        return vips.read_icc_lab(file, index)
    if header.photometric == _YCBCR and header.compression not in _JPEGS:
        return _from_ycbcr(file, header, index)
    halves = header.bits == 16 and header.sample_format == _FLOAT
    if header.in_planes and (header.samples == 2 or halves):  # libvips mixes up their rows
        raise open_image.UnsupportedKindError(
            tr("two channels, or short numbers, in separate planes")
        )
    raster = vips.read(file, "tiff", icc, index)
    if samples.is_premultiplied(header.extra) and not vips.divides_alpha_out():
        raster = samples.with_alpha_divided_out(raster)
    return raster


def _from_ycbcr(file: BinaryIO, header: TiffHeader, index: int) -> Raster:
    if header.in_planes:  # libvips mixes up their rows
        raise open_image.UnsupportedKindError(tr("brightness and colour in separate planes"))
    stored = vips.read_stored(file, "tiff", index)
    if header.subsampling == (1, 1):  # libvips hands these over as if they were RGB
        stored = colour.from_ycbcr(
            stored[:, :, :3], header.weights or _USUAL_WEIGHTS, header.reference
        )
    return samples.from_array(stored[:, :, :3], has_alpha=False)


def _by_pillow(file: BinaryIO, header: TiffHeader, icc: bytes | None, index: int) -> Raster:
    """Turned by its orientation."""
    if header.in_planes and header.bits > 8:  # taken for twice as many of 8 bits by Pillow
        raise open_image.UnsupportedKindError(tr("more than 8 bits per channel in separate planes"))
    _silence_libtiff()
    with open_image.pillow_quiet(), open_image.open_with_pillow(file, "tiff") as image:
        if index:
            image.seek(index)
        image.load()
        bits = header.bits if image.mode.startswith("I;16") else 8
        # Pillow has other numbers for these
        stored = _OTHER_NUMBERS.get((image.mode, header.bits, header.sample_format))
        if stored is not None:
            data = np.asarray(image)
            data = data.view(stored) if data.itemsize == stored.itemsize else data.astype(stored)
            raster = samples.from_array(data, has_alpha=False)
        else:
            raster = samples.from_image(image.copy() if index else image, icc, bits=bits)
        if header.photometric_missing and image.mode in ("1", "L"):
            # libtiff and others take black for 0 then, Pillow white
            raster = replace(raster, pixels=255 - raster.pixels)
    warnings = samples.reduced_warning(header.bits, raster)
    return replace(raster, warnings=(*warnings, *raster.warnings))


@cache
def _silence_libtiff() -> None:
    """Pillow's copy would print on the terminal what is raised as well."""
    package = Path(PIL.__file__).parent
    for folder in (package.parent / "pillow.libs", package / ".dylibs"):
        for path in folder.glob("libtiff*"):
            with contextlib.suppress(OSError, AttributeError):
                ctypes.CDLL(str(path)).TIFFSetErrorHandler(None)
