"""Decoding a file's pixels and gathering its metadata, format by format."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import BinaryIO

import numpy as np
from PIL import Image

from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.image import Metadata
from srgan_desktop.core.images.io import (
    bmp_masks,
    boxes,
    colour,
    described_profile,
    jpeg2000,
    jxl_decode,
    open_image,
    png_chunks,
    tiff_read,
    tiff_tables,
    vips,
)
from srgan_desktop.core.images.io import exif as exif_blocks
from srgan_desktop.core.images.io import iptc as iptc_records
from srgan_desktop.core.images.io import raster as samples
from srgan_desktop.core.images.io.probe import BOX_SEARCH_BYTES, Header, mapped
from srgan_desktop.core.images.io.raster import Raster

_PHOTOSHOP_IPTC = 0x0404


@dataclass(frozen=True)
class Decoded:
    """Pixels as stored, still to be turned by ``orientation``."""

    raster: Raster
    metadata: Metadata
    orientation: int = 1
    warnings: tuple[str, ...] = ()


def decode(file: BinaryIO, name: str, header: Header) -> Decoded:
    """Decode the open file of that format. Raises what the decoders raise."""
    return _DECODERS[name](file, header)


def _png(file: BinaryIO, header: Header) -> Decoded:
    metadata = png_chunks.read_metadata(file)
    raster, warnings = _deep_or_pillow(file, "png", header, metadata.icc)
    if metadata.icc is None:
        numbers = png_chunks.colour_numbers(file)
        grey = header.channels == 1
        metadata, more = _with_described_colours(metadata, *numbers, grey=grey)
        warnings += more
    return Decoded(raster, metadata, header.orientation, warnings)


def _with_described_colours(
    metadata: Metadata, primaries: int, transfer: int, *, grey: bool = False
) -> tuple[Metadata, tuple[str, ...]]:
    """With a profile that says what the numbers (ITU-T H.273) say, else a word about them."""
    numbers = described_profile.of_code_points(primaries, transfer)
    if numbers is None:
        return metadata, colour.numbered_colours_warning(primaries, transfer)
    return replace(metadata, icc=described_profile.profile(numbers, grey=grey)), ()


def _deep_or_pillow(
    file: BinaryIO, name: str, header: Header, icc: bytes | None
) -> tuple[Raster, tuple[str, ...]]:
    """By libvips where Pillow would drop to 8 bits, else, or where that is missing, by Pillow."""
    pillow_suffices = header.bits <= 8 or (header.channels == 1 and not header.has_alpha)
    by_pillow = _png_by_pillow if name == "png" else partial(_raster_by_pillow, name=name)
    size = header.width, header.height
    if pillow_suffices and name != "avif":
        return by_pillow(file, icc=icc, size=size), ()
    if header.bits > 8 and vips.available():
        return vips.read(file, name, icc, size=size), ()
    raster = by_pillow(file, icc=icc, size=size)
    return raster, samples.reduced_warning(header.bits, raster)


def _raster_by_pillow(
    file: BinaryIO, name: str, icc: bytes | None, size: tuple[int, int]
) -> Raster:
    with open_image.open_with_pillow(file, name) as image:
        samples.refuse_other_size(image, size)
        image.load()
        return samples.from_image(image, icc)


def _png_by_pillow(file: BinaryIO, icc: bytes | None, size: tuple[int, int]) -> Raster:
    try:
        return _raster_by_pillow(file, "png", icc, size)
    except ValueError:
        # a note that is broken, or unpacks to more than Pillow takes, is no reason to refuse
        return _raster_by_pillow(png_chunks.only_pixels(file), "png", icc, size)


def _jpeg(file: BinaryIO, header: Header) -> Decoded:
    with header.opened or open_image.open_with_pillow(file, "jpeg") as image:
        image.load()
        metadata, warnings = _jpeg_metadata(image)
        # inks are taken to be stored as Adobe does, inverted, also where its marker is missing, as
        # every other program does
        raster = samples.from_image(image, metadata.icc)
    return Decoded(raster, metadata, exif_blocks.orientation(metadata.exif), warnings)


def _jpeg_metadata(image: Image.Image) -> tuple[Metadata, tuple[str, ...]]:
    info = image.info
    metadata, warnings = _common_metadata(info)
    unit, density = info.get("jfif_unit", 0), info.get("jfif_density", (0, 0))
    if unit in (1, 2) and all(density):
        per_inch = 1.0 if unit == 1 else 2.54
        metadata = replace(metadata, dpi=(density[0] * per_inch, density[1] * per_inch))
    comment = info.get("comment")
    records = info.get("photoshop", {}).get(_PHOTOSHOP_IPTC)
    return (
        replace(
            metadata,
            iptc=iptc_records.unwrapped(records) or records if records else None,
            text=(("Comment", _text(comment)),) if comment else (),
        ),
        warnings,
    )


def _common_metadata(info: dict[str | tuple[int, int], object]) -> tuple[Metadata, tuple[str, ...]]:
    """From what Pillow and its plug-ins leave in ``info``; and what to tell the person."""
    raw, icc, xmp = (_bytes(info.get(key)) for key in ("exif", "icc_profile", "xmp"))
    exif = exif_blocks.normalised(raw)
    warnings = (tr("the EXIF data are damaged and were left out"),) if raw and not exif else ()
    return Metadata(icc=icc, exif=exif, xmp=xmp, dpi=exif_blocks.dpi(exif)), warnings


def _bytes(value: object) -> bytes | None:
    if isinstance(value, str):
        return value.encode("utf-8")
    return bytes(value) if isinstance(value, bytes | bytearray) and value else None


def _text(value: bytes | str) -> str:
    if isinstance(value, str):
        return value
    try:
        return value.decode("utf-8").rstrip("\0")
    except UnicodeDecodeError:
        return value.decode("latin-1").rstrip("\0")


def _webp(file: BinaryIO, header: Header) -> Decoded:
    with open_image.open_with_pillow(file, "webp") as image:
        image.load()
        metadata, warnings = _common_metadata(image.info)
        raster = samples.from_image(image, metadata.icc)
    return Decoded(raster, metadata, header.orientation, warnings)


def _avif(file: BinaryIO, header: Header) -> Decoded:
    with open_image.open_with_pillow(file, "avif") as image:
        metadata, warnings = _common_metadata(image.info)
    metadata, more = _with_numbered_colours(file, metadata)
    warnings += more
    if header.bits > 8 and vips.available():
        # libvips turns the picture itself; Pillow leaves that to the EXIF it hands out
        return Decoded(vips.read(file, "avif", metadata.icc), metadata, 1, warnings)
    raster, reduced = _deep_or_pillow(file, "avif", header, metadata.icc)
    return Decoded(raster, metadata, header.orientation, warnings + reduced)


def _with_numbered_colours(file: BinaryIO, metadata: Metadata) -> tuple[Metadata, tuple[str, ...]]:
    if metadata.icc is not None:
        return metadata, ()
    file.seek(0)
    return _with_described_colours(metadata, *boxes.colour_numbers(file.read(BOX_SEARCH_BYTES)))


def _simple(name: str) -> Callable[[BinaryIO, Header], Decoded]:
    """BMP, GIF and PNM: a resolution or a comment at most."""

    def read(file: BinaryIO, header: Header) -> Decoded:
        with open_image.open_with_pillow(file, name) as image:
            image.load()
            comment, dpi = image.info.get("comment"), image.info.get("dpi")
            metadata = Metadata(
                icc=_bytes(image.info.get("icc_profile")),
                xmp=_bytes(image.info.get("xmp")),
                dpi=(float(dpi[0]), float(dpi[1])) if dpi and all(dpi) else None,
                text=(("Comment", _text(comment)),) if comment else (),
            )
            raster = samples.from_image(image, metadata.icc)
            return Decoded(raster, metadata, 1, samples.reduced_warning(header.bits, raster))

    return read


def _bmp(file: BinaryIO, header: Header) -> Decoded:
    try:
        return _simple("bmp")(file, header)
    except Exception:
        found = bmp_masks.parse(file)
        if found is None:
            raise
    return Decoded(bmp_masks.read(file, found), Metadata())


def _jpeg2000(file: BinaryIO, header: Header) -> Decoded:
    with mapped(file) as data:
        metadata = boxes.jpeg2000_metadata(bytes(data))
    if metadata.dpi is None:
        metadata = replace(metadata, dpi=exif_blocks.dpi(metadata.exif))
    raster = jpeg2000.read_raster(file, metadata.icc)
    return Decoded(raster, metadata, 1, samples.reduced_warning(header.bits, raster))


def _tiff(file: BinaryIO, header: Header) -> Decoded:
    with mapped(file) as data:
        metadata = tiff_tables.read_metadata(data)
        found = tiff_tables.read_header(data)
    raster, orientation = tiff_read.read_raster(file, found, metadata.icc)
    return Decoded(raster, metadata, orientation)


def _heic(file: BinaryIO, header: Header) -> Decoded:
    import pi_heif

    file.seek(0)
    heif = pi_heif.open_heif(file, convert_hdr_to_8bit=False)
    metadata, warnings = _common_metadata(heif.info)
    metadata, more = _with_numbered_colours(file, metadata)
    warnings += more
    # copied: the library frees its own pixels with the file, whoever still looks at them
    data = np.array(heif)
    if data.dtype == np.uint16:
        data = samples.stretched(data, header.bits)
    # the size in the header is the one after turning, which libheif does itself
    raster = samples.from_array(data, header.has_alpha)
    if heif.premultiplied_alpha:
        raster = samples.with_alpha_divided_out(raster)
    return Decoded(raster, metadata, 1, warnings)


def _jxl(file: BinaryIO, header: Header) -> Decoded:
    file.seek(0)
    found = jxl_decode.decode(file.read())
    if isinstance(found, bytes):
        return _jpeg(io.BytesIO(found), header)
    metadata = Metadata(icc=found.icc)
    warnings: tuple[str, ...] = ()
    if found.exif:
        exif, warnings = _jxl_exif(found.exif)
        metadata = replace(metadata, exif=exif, dpi=exif_blocks.dpi(exif))
    if found.xmp and b"xmpmeta" in found.xmp:
        metadata = replace(metadata, xmp=found.xmp)
    return Decoded(samples.from_array(found.pixels, found.has_alpha), metadata, 1, warnings)


def _jxl_exif(data: bytes) -> tuple[bytes | None, tuple[str, ...]]:
    """The box starts with an offset, which some writers leave out."""
    if data[:2] not in (b"II", b"MM") and len(data) > 4:
        data = data[4 + int.from_bytes(data[:4], "big") :]
    exif = exif_blocks.normalised(data)
    return exif, () if exif else (tr("the EXIF data are damaged and were left out"),)


_DECODERS: dict[str, Callable[[BinaryIO, Header], Decoded]] = {
    "png": _png,
    "jpeg": _jpeg,
    "webp": _webp,
    "avif": _avif,
    "bmp": _bmp,
    "gif": _simple("gif"),
    "pnm": _simple("pnm"),
    "jpeg2000": _jpeg2000,
    "tiff": _tiff,
    "heic": _heic,
    "jxl": _jxl,
}
