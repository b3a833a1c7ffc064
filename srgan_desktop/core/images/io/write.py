"""From pixels, transparency and metadata to a file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.atomic import Existing
from srgan_desktop.core.base.errors import FileError, ImageWriteError, UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.finished_rows import FinishedRows
from srgan_desktop.core.images.image import Metadata, Pixels, RasterImage
from srgan_desktop.core.images.io import colour, formats
from srgan_desktop.core.images.io import kept_metadata as metadata_rules
from srgan_desktop.core.images.io.encode import (
    DEFAULT_QUALITY,
    EncodeRequest,
    encode,
    encodes_in_rows,
)
from srgan_desktop.core.images.io.formats import Format
from srgan_desktop.core.images.io.tiff_write import Page, needs_big

_BARE_CODESTREAM = {".j2k", ".j2c", ".jpc"}


@dataclass(frozen=True)
class WriteOptions:
    """How to write.

    format          a format's name; the path's ending must be one of its own
    quality         1..100 for JPEG, WebP, AVIF, HEIC, JPEG XL and JPEG 2000; 100 is exact in WebP,
                    JPEG XL and JPEG 2000. None: 95 (AVIF and HEIC 90, JPEG 2000 100)
    existing        what to do where the name is taken
    strip_metadata  keep nothing but the colour profile
    dpi             pixels per inch that the file shall say instead of what the picture says
    """

    format: str
    quality: int | None = None
    existing: Existing = "rename"
    strip_metadata: bool = False
    dpi: float | None = None


@dataclass(frozen=True)
class Written:
    """Where the picture went (another name than asked for under "rename"), and what was lost."""

    path: Path
    warnings: tuple[str, ...] = ()
    skipped: bool = False


def write_image(
    path: Path | str,
    picture: RasterImage,
    options: WriteOptions,
    finished: FinishedRows | None = None,
) -> Written:
    """Write the picture whole or not at all.

    The metadata are corrected for the picture's size; what the format cannot hold is said in
    ``warnings``. Raises FormatLimitError for a format that cannot hold it at all, ImageWriteError
    for everything else that goes wrong (then nothing is left behind), UsageError for the quality.

    Args:
        finished: rows of the picture that may be read already, where ``can_write_in_rows``; waits
            for the others. None: all.
    """
    formats.check_target(path, options.format, picture.width, picture.height)
    quality = quality_of(options)
    with problems_reported(path):
        if atomic.free_target(path, options.existing) is None:
            return Written(Path(path), skipped=True)
        job, warnings = prepared(Path(path), picture, options, quality)
        with atomic.replace_file(path, options.existing) as new:
            encode(new.file, options.format, replace(job, finished=finished))
    return Written(new.path, () if new.skipped else warnings, new.skipped)


def can_write_in_rows(picture: RasterImage, options: WriteOptions) -> bool:
    """Whether rows can be written before those below them are known."""
    target = formats.FORMATS[options.format]
    metadata, _ = metadata_rules.with_fitting_profile(picture.metadata, picture.channels)
    return (
        encodes_in_rows(options.format)
        and (picture.alpha is None or target.alpha)
        and not _loses_depth(picture, target)
        and _keeps_profile(metadata, target, picture.channels, has_alpha=picture.alpha is not None)
    )


@contextlib.contextmanager
def problems_reported(path: Path | str) -> Iterator[None]:
    """Turn whatever an encoder or the system raises into ImageWriteError."""
    try:
        yield
    except FileError:
        raise
    except OSError as error:
        raise ImageWriteError(path, atomic.explain(error)) from error
    except MemoryError as error:
        problem = tr("there is not enough memory to write it; choose PNG, TIFF or a smaller size")
        raise ImageWriteError(path, problem) from error
    except Exception as error:  # encoders raise nearly anything
        detail = " ".join(str(error).split()) or type(error).__name__
        problem = tr(
            "the encoder refused the picture ({detail}); choose another format", detail=detail[:200]
        )
        raise ImageWriteError(path, problem) from error


def free_target(path: Path | str, existing: Existing) -> Path | None:
    """As ``atomic.free_target``; ImageWriteError where the name is impossible."""
    try:
        return atomic.free_target(path, existing)
    except OSError as error:
        raise ImageWriteError(path, atomic.explain(error)) from error


def default_quality(format_name: str) -> int:
    """What a format is written with unless asked otherwise; a number also for those without."""
    return DEFAULT_QUALITY.get(format_name, 95)


def quality_of(options: WriteOptions) -> int:
    """What was asked for, else the format's own. UsageError where it is out of range."""
    quality = options.quality
    if quality is None:
        return default_quality(options.format)
    if not 1 <= quality <= 100:
        raise UsageError(tr("quality must be from 1 to 100, not {quality}", quality=quality))
    return quality


def prepared(
    path: Path, picture: RasterImage, options: WriteOptions, quality: int
) -> tuple[EncodeRequest, tuple[str, ...]]:
    """Pixels and metadata as the format can hold them; and what was lost."""
    target = formats.FORMATS[options.format]
    bare = path.suffix.lower() in _BARE_CODESTREAM
    if bare:
        target = replace(target, label=tr("a bare JPEG 2000 codestream"), keeps=frozenset())
    metadata = metadata_rules.fitted(picture.metadata, picture.width, picture.height)
    if options.strip_metadata:
        metadata = metadata_rules.only_profile(metadata)
    if options.dpi is not None:
        metadata = metadata_rules.with_dpi(metadata, options.dpi)
    metadata, of_profile = metadata_rules.with_fitting_profile(metadata, picture.channels)
    pixels, alpha, of_pixels = _fitting_pixels(picture, target)
    pixels, metadata, of_colours = _fitting_colours(
        pixels, metadata, target, has_alpha=alpha is not None
    )
    if alpha is not None and alpha.dtype != pixels.dtype:
        alpha = colour.reduced(alpha)
    metadata, lost = metadata_rules.kept(metadata, target)
    metadata, of_size = _fitting_big_tiff(pixels, alpha, metadata, target)
    warnings = (*of_profile, *of_pixels, *of_colours, *lost, *of_size)
    return EncodeRequest(pixels, alpha, metadata, quality, bare), warnings


def _fitting_pixels(
    picture: RasterImage, target: Format
) -> tuple[Pixels, Pixels | None, tuple[str, ...]]:
    pixels, alpha = picture.pixels, picture.alpha
    warnings = []
    if alpha is not None and not target.alpha:
        if int(alpha.min()) < np.iinfo(alpha.dtype).max:
            pixels = colour.on_white(pixels, alpha)
            warnings.append(
                tr(
                    "{format} has no transparency; the picture was put on white",
                    format=target.label,
                )
            )
        alpha = None
    if _loses_depth(replace(picture, alpha=alpha), target):
        warnings.append(_eight_bits(target))
        pixels = colour.reduced_in_blocks(pixels)
        alpha = None if alpha is None else colour.reduced(alpha)
    return pixels, alpha, tuple(warnings)


def _loses_depth(picture: RasterImage, target: Format) -> bool:
    plain_grey = picture.channels == 1 and picture.alpha is None
    most = target.grey_depth if plain_grey or target.rgb_depth == 16 else target.rgb_depth
    return picture.pixels.dtype == np.uint16 and most < 16


def _keeps_profile(metadata: Metadata, target: Format, channels: int, *, has_alpha: bool) -> bool:
    # a grey profile describes no RGB, and some formats store grey as that
    described = channels != 1 or (target.grey_alpha if has_alpha else target.grey)
    return metadata.icc is None or ("icc" in target.keeps and described)


def _fitting_colours(
    pixels: Pixels, metadata: Metadata, target: Format, *, has_alpha: bool
) -> tuple[Pixels, Metadata, tuple[str, ...]]:
    """Converted to sRGB, which all programs assume, where the profile cannot be stored."""
    icc = metadata.icc
    grey = pixels.shape[2] == 1
    if icc is None or _keeps_profile(metadata, target, pixels.shape[2], has_alpha=has_alpha):
        return pixels, metadata, ()
    if colour.is_srgb(icc):
        return pixels, replace(metadata, icc=None), ()
    warnings = [
        tr(
            "{format} cannot hold the colour profile here; the colours were converted to sRGB",
            format=target.label,
        )
    ]
    if pixels.dtype == np.uint16:
        warnings.append(_eight_bits(target))
    converted = colour.srgb8(pixels, icc)
    if grey:
        converted = np.ascontiguousarray(converted[:, :, :1])
    return converted, replace(metadata, icc=None), tuple(warnings)


def _eight_bits(target: Format) -> str:
    return tr("{format} is written with 8 bits per channel, not 16", format=target.label)


def _fitting_big_tiff(
    pixels: Pixels, alpha: Pixels | None, metadata: Metadata, target: Format
) -> tuple[Metadata, tuple[str, ...]]:
    if (
        target.name != "tiff"
        or metadata.exif is None
        or not needs_big([Page(pixels, alpha, metadata)])
    ):
        return metadata, ()
    warning = tr("the EXIF data had to be left out: the file is larger than 4 GB")
    return replace(metadata, exif=None), (warning,)
