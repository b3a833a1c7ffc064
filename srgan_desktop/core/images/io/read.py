"""From a file to pixels, transparency and metadata, the right way up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from srgan_desktop.core.base.errors import ImageTooLargeError
from srgan_desktop.core.base.translation import tr, trn
from srgan_desktop.core.images.image import Metadata, RasterImage
from srgan_desktop.core.images.io import colour, formats, open_image, xmp
from srgan_desktop.core.images.io import kept_metadata as metadata_rules
from srgan_desktop.core.images.io.decode import Decoded, decode
from srgan_desktop.core.images.io.orientation import turned
from srgan_desktop.core.images.io.probe import Header, read_header

DEFAULT_MAX_PIXELS = 500_000_000


def read_image(path: Path | str, *, max_pixels: int | None = DEFAULT_MAX_PIXELS) -> RasterImage:
    """Read a picture file by its content, whatever its name says.

    Of several frames the first is read. What cannot be taken over is in ``warnings``. Raises
    ImageReadError for a file that is missing, damaged or no picture, and, before anything is
    decoded, ImageTooLargeError for more than max_pixels (None: no limit).
    """
    with open_image.open_image(path) as (file, name), open_image.damage_reported(path):
        header = read_header(path, file, name)
        check_size(path, header.width, header.height, max_pixels)
        picture = picture_of(Path(path), name, decode(file, name, header))
        return replace(picture, warnings=(*_frame_warnings(header), *picture.warnings))


def check_size(path: Path | str, width: int, height: int, max_pixels: int | None) -> None:
    """Raise ImageTooLargeError if a picture of width x height has more than max_pixels."""
    if max_pixels is not None and width * height > max_pixels:
        raise ImageTooLargeError(
            path,
            tr(
                "the file claims {width} x {height} pixels, more than the limit of {limit} "
                "million; if you trust it, allow it with --allow-huge",
                width=width,
                height=height,
                limit=f"{max_pixels / 1e6:g}",
            ),
        )


def picture_of(path: Path, name: str, decoded: Decoded) -> RasterImage:
    """What was decoded from a file of that format, the right way up; path is for messages only."""
    raster = decoded.raster
    warnings = [*_name_warnings(path, name), *decoded.warnings, *raster.warnings]
    metadata = metadata_rules.upright(decoded.metadata)
    if raster.converted:
        metadata = replace(metadata, icc=colour.srgb_profile())
    metadata, profile_warnings = metadata_rules.with_fitting_profile(
        metadata, raster.pixels.shape[2]
    )
    metadata, xmp_warnings = _without_lost_xmp(metadata)
    return RasterImage(
        pixels=turned(raster.pixels, decoded.orientation),
        alpha=None if raster.alpha is None else turned(raster.alpha, decoded.orientation),
        metadata=metadata,
        format=name,
        warnings=(*warnings, *profile_warnings, *xmp_warnings),
    )


def _name_warnings(path: Path, name: str) -> tuple[str, ...]:
    by_name = formats.format_of_extension(path)
    if by_name is None or by_name == name:
        return ()
    return (
        tr(
            "the name says {by_name}, but the file is {true}; it was read as {true}",
            by_name=formats.FORMATS[by_name].label,
            true=formats.FORMATS[name].label,
        ),
    )


def _frame_warnings(header: Header) -> tuple[str, ...]:
    if header.frames <= 1:
        return ()
    return (
        trn(
            "the file holds {n} picture; only the first was read",
            "the file holds {n} pictures; only the first was read",
            header.frames,
        ),
    )


def _without_lost_xmp(metadata: Metadata) -> tuple[Metadata, tuple[str, ...]]:
    """Without what the packet says of things that are not read; and what to tell the person."""
    if not metadata.xmp:
        return metadata, ()
    warnings = []
    packet = metadata.xmp
    if xmp.has_extension(packet):
        warnings.append(tr("a part of the XMP data is stored separately and was left out"))
        packet = xmp.without_extension(packet)
    alone = xmp.without_attachments(packet)
    if alone != packet:
        warnings.append(
            tr("the film or brightness map (HDR gain map) behind the picture was left out")
        )
    return replace(metadata, xmp=alone), tuple(warnings)
