"""What becomes of a picture's metadata when it is turned, resized or changes its format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.image import Metadata
from srgan_desktop.core.images.io import colour, jpeg_segments, xmp
from srgan_desktop.core.images.io import exif as exif_blocks
from srgan_desktop.core.images.io.formats import Format

_SAME_DPI = 0.01  # which is as far as formats round it


def upright(metadata: Metadata) -> Metadata:
    """For pixels that have been turned the right way up."""
    return replace(
        metadata,
        exif=exif_blocks.upright(metadata.exif) if metadata.exif else None,
        xmp=xmp.upright(metadata.xmp) if metadata.xmp else None,
    )


def fitted(metadata: Metadata, width: int, height: int) -> Metadata:
    """For a picture of another size: sizes corrected, thumbnails of the old one gone."""
    return replace(
        metadata,
        exif=exif_blocks.fitted(metadata.exif, width, height) if metadata.exif else None,
        xmp=xmp.fitted(metadata.xmp, width, height) if metadata.xmp else None,
    )


def with_dpi(metadata: Metadata, dpi: float) -> Metadata:
    """With this resolution, in pixels per inch, wherever one is said."""
    exif = exif_blocks.with_dpi(metadata.exif, (dpi, dpi)) if metadata.exif else None
    return replace(metadata, dpi=(dpi, dpi), exif=exif)


def only_profile(metadata: Metadata) -> Metadata:
    return Metadata(icc=metadata.icc)


def with_fitting_profile(metadata: Metadata, channels: int) -> tuple[Metadata, tuple[str, ...]]:
    """Without a profile that does not describe such pixels; and what to tell the person."""
    if metadata.icc is None or colour.fits(metadata.icc, channels):
        return metadata, ()
    if colour.profile_space(metadata.icc) is None:
        problem = tr("the colour profile is damaged and was left out")
    elif channels == 1:
        problem = tr("the colour profile is not one for grey pictures and was left out")
    else:
        problem = tr("the colour profile is not one for RGB pictures and was left out")
    return replace(metadata, icc=None), (problem,)


def kept(metadata: Metadata, target: Format) -> tuple[Metadata, tuple[str, ...]]:
    """What of the metadata the format can hold, and a warning for each thing it cannot."""
    if "dpi" in target.keeps and metadata.dpi and _dpi_by_exif(target):
        metadata = replace(metadata, exif=_saying_dpi(metadata.exif, metadata.dpi))
    lost = dict(_lost(metadata, target))
    emptied: dict[str, Any] = {name: () if name == "text" else None for name in lost}
    result = replace(metadata, **emptied)
    if "text" in lost and "comment" in target.keeps:
        result = replace(result, text=tuple(n for n in metadata.text if n[0] == "Comment"))
    return result, tuple(lost.values())


def _dpi_by_exif(target: Format) -> bool:
    """Whether only EXIF can say the resolution in files of this format."""
    return "exif" in target.keeps and target.name in {"webp", "avif", "heic", "jxl"}


def _saying_dpi(exif: bytes | None, resolution: tuple[float, float]) -> bytes:
    if not exif:
        return exif_blocks.only_dpi(resolution)
    said = exif_blocks.dpi(exif)
    if said and all(abs(a - b) < _SAME_DPI for a, b in zip(said, resolution, strict=True)):
        return exif
    return exif_blocks.with_dpi(exif, resolution)


def _lost(metadata: Metadata, target: Format) -> Iterator[tuple[str, str]]:
    """(field of Metadata, warning)."""
    label = target.label
    if metadata.icc and "icc" not in target.keeps:
        yield "icc", tr("{format} cannot hold the colour profile", format=label)
    if metadata.exif and "exif" not in target.keeps:
        yield "exif", tr("{format} cannot hold the EXIF data (camera, date, place)", format=label)
    if metadata.xmp and "xmp" not in target.keeps:
        yield "xmp", tr("{format} cannot hold the XMP data (editing, ratings)", format=label)
    if metadata.iptc and "iptc" not in target.keeps:
        yield "iptc", tr("{format} cannot hold the IPTC data (caption, rights)", format=label)
    if metadata.dpi and "dpi" not in target.keeps:
        yield "dpi", tr("{format} cannot hold the resolution in dpi", format=label)
    allowed = {"Comment"} if "comment" in target.keeps else set()
    if "text" not in target.keeps and any(key not in allowed for key, _ in metadata.text):
        yield "text", tr("{format} cannot hold the text notes", format=label)
    if target.name == "jpeg":
        yield from _too_long_for_jpeg(metadata)


def _too_long_for_jpeg(metadata: Metadata) -> Iterator[tuple[str, str]]:
    parts = {
        "icc": (tr("the colour profile"), jpeg_segments.ICC_LIMIT),
        "exif": (tr("the EXIF data"), jpeg_segments.EXIF_LIMIT),
        "xmp": (tr("the XMP data"), jpeg_segments.XMP_LIMIT),
        "iptc": (tr("the IPTC data"), jpeg_segments.IPTC_LIMIT),
    }
    for name, (what, limit) in parts.items():
        value = getattr(metadata, name)
        if value and len(value) > limit:
            yield (
                name,
                tr(
                    "{what} had to be left out: JPEG holds at most {limit} bytes of it",
                    what=what,
                    limit=limit,
                ),
            )
