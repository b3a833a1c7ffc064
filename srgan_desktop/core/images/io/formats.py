"""The kinds of picture files: names, endings, limits, and what each can keep."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from srgan_desktop.core.base.errors import FormatLimitError, UsageError
from srgan_desktop.core.base.self_command import is_frozen
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.image import ImageInfo
from srgan_desktop.core.images.io import libjxl

Kept = Literal["icc", "exif", "xmp", "iptc", "dpi", "text", "comment"]


@dataclass(frozen=True)
class Format:
    """One kind of file.

    extensions      lower case with the dot; the first is the one given to new files
    writable        whether this program writes still pictures in it
    module          the Python module it needs besides Pillow, or the Pillow feature ("PIL:...");
                    "libjxl" is a library of its own
    encoder         the module that writes it, where that is another than the one that reads it
    max_side        pixels, of width and of height; None where only memory limits
    max_pixels      of the whole picture, or None
    alpha           whether transparency can be written
    grey_depth, rgb_depth   the most bits per channel this program can write
    keeps           which kinds of metadata can be written
    lossy           whether the quality setting means anything
    grey, grey_alpha  whether one channel, without and with transparency, is stored as one
    moves           whether this program writes animations in it
    pages           whether this program writes several pages in it
    """

    name: str
    label: str
    extensions: tuple[str, ...]
    writable: bool = True
    module: str | None = None
    encoder: str | None = None
    max_side: int | None = None
    max_pixels: int | None = None
    alpha: bool = True
    grey_depth: int = 8
    rgb_depth: int = 8
    keeps: frozenset[Kept] = frozenset()
    lossy: bool = False
    grey: bool = True
    grey_alpha: bool = True
    moves: bool = False
    pages: bool = False


_ALL: tuple[Format, ...] = (
    Format(
        "png", "PNG", (".png", ".apng"), max_side=2**31 - 1, grey_depth=16, rgb_depth=16,
        keeps=frozenset({"icc", "exif", "xmp", "iptc", "dpi", "text", "comment"}), moves=True,
    ),
    Format(
        "jpeg", "JPEG", (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
        # libjpeg's own limit; the format would hold 35 more
        max_side=65_500, alpha=False,
        keeps=frozenset({"icc", "exif", "xmp", "iptc", "dpi", "comment"}), lossy=True,
    ),
    Format(
        "webp", "WebP", (".webp",), module="PIL:webp", max_side=16_383,
        keeps=frozenset({"icc", "exif", "xmp", "dpi"}), lossy=True, moves=True,
        grey=False, grey_alpha=False,
    ),
    Format(
        "tiff", "TIFF", (".tif", ".tiff"), max_side=2**32 - 1, grey_depth=16, rgb_depth=16,
        keeps=frozenset({"icc", "exif", "xmp", "iptc", "dpi"}), pages=True,
    ),
    Format(
        "bmp", "BMP", (".bmp", ".dib"), max_side=2**31 - 1, max_pixels=1_400_000_000,
        alpha=False, keeps=frozenset({"dpi"}),
    ),
    # 256 colours are too few for a still picture; animations must be readable elsewhere
    Format("gif", "GIF", (".gif",), writable=False, max_side=65_535, moves=True),
    Format(
        # libavif refuses more than 2^28 pixels unless it is built otherwise
        "avif", "AVIF", (".avif",), module="PIL:avif", max_side=65_535, max_pixels=2**28,
        keeps=frozenset({"icc", "exif", "xmp", "dpi"}), lossy=True, grey=False, grey_alpha=False,
    ),
    Format(
        "jpeg2000", "JPEG 2000", (".jp2", ".j2k", ".jpf", ".jpx", ".j2c", ".jpc"),
        module="PIL:jpg_2000", max_side=2**32 - 1, grey_depth=16,
        keeps=frozenset({"icc", "exif", "xmp", "iptc", "dpi"}), lossy=True,
    ),
    Format(
        # libheif's own limit for one picture is 32768 x 32768 pixels. Its encoder, x265, is under
        # the GPL and an extra of its own; the decoder is under the LGPL and always there.
        "heic", "HEIC", (".heic", ".heif", ".hif"), module="pi_heif", encoder="pillow_heif",
        max_side=65_535, max_pixels=2**30, keeps=frozenset({"icc", "exif", "xmp", "dpi"}),
        lossy=True, grey_alpha=False,
    ),
    Format(
        "jxl", "JPEG XL", (".jxl",), module="libjxl", max_side=2**30, grey_depth=16, rgb_depth=16,
        keeps=frozenset({"icc", "exif", "xmp", "dpi"}), lossy=True,
    ),
    # what other tools for pictures exchange; nobody keeps photos in it
    Format("pnm", "PNM", (".ppm", ".pgm", ".pbm", ".pnm"), writable=False),
)  # fmt: skip

# module -> what to ask pip for
_DISTRIBUTIONS = {
    "pi_heif": "pi-heif",
    "pillow_heif": "pillow-heif",
    "libjxl": libjxl.PACKAGE,
}

FORMATS: dict[str, Format] = {entry.name: entry for entry in _ALL}
_BY_EXTENSION = {ending: entry.name for entry in _ALL for ending in entry.extensions}

# Files that start like TIFF but hold the unprocessed data of a camera's sensor.
RAW_EXTENSIONS = frozenset(
    {
        ".3fr", ".arw", ".cr2", ".cr3", ".dcr", ".dng", ".erf", ".fff", ".iiq", ".kdc", ".mef",
        ".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2",
        ".srf", ".srw", ".x3f",
    }
)  # fmt: skip
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def sniff(head: bytes) -> str | None:
    """The format's name by the first 64 bytes of a file, None where it is none we know."""
    starts = {
        b"\x89PNG\r\n\x1a\n": "png",
        b"\xff\xd8\xff": "jpeg",
        b"GIF87a": "gif",
        b"GIF89a": "gif",
        b"II*\0": "tiff",
        b"MM\0*": "tiff",
        b"II+\0": "tiff",
        b"MM\0+": "tiff",
        b"\0\0\0\x0cjP  \r\n\x87\n": "jpeg2000",
        b"\xff\x4f\xff\x51": "jpeg2000",
        b"\0\0\0\x0cJXL \r\n\x87\n": "jxl",
        b"\xff\x0a": "jxl",
    }
    for start, name in starts.items():
        if head.startswith(start):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[:2] == b"BM" and len(head) >= 26:
        return "bmp"
    if head[:1] == b"P" and head[1:2] in b"123456" and head[2:3].isspace():
        return "pnm"
    return _sniff_heif(head)


def _sniff_heif(head: bytes) -> str | None:
    if head[4:8] != b"ftyp":
        return None
    size = int.from_bytes(head[:4], "big")
    brands = {head[8:12]} | {head[at : at + 4] for at in range(16, min(size, len(head)), 4)}
    if brands & {b"avif", b"avis"}:
        return "avif"
    return "heic" if brands & _HEIC_BRANDS else None


def format_of_extension(path: Path | str) -> str | None:
    """The format's name by the ending of the file's name, None where it is none we know."""
    return _BY_EXTENSION.get(Path(path).suffix.lower())


def extension(name: str) -> str:
    """The usual ending, with its dot, of the format of that name. UsageError if unknown."""
    return _format(name).extensions[0]


def is_image_name(path: Path | str) -> bool:
    """Whether a file of this name is worth trying to read; the content is not looked at."""
    return format_of_extension(path) is not None


def target_format(name: str, source: ImageInfo, target: Path | str | None = None) -> str:
    """The format in which to write the result.

    name is a format's name or "same". "same" means the one of the target's ending where it has a
    known one, else the source's, else (the source's is only read here, such as GIF) "png". Raises
    UsageError for an unknown name and FormatLimitError where name and ending contradict.
    """
    by_name = format_of_extension(target) if target is not None else None
    if name == "same":
        own = FORMATS.get(source.format)
        kept = own is not None and (_can_write(own) or (own.moves and source.frames > 1))
        return by_name or (own.name if own and kept else "png")
    chosen = _format(name).name
    if by_name is not None and by_name != chosen:
        raise FormatLimitError(
            target or "",
            tr(
                "the name's ending says {by_name}, but the format asked for is {chosen}; "
                "change one of them",
                by_name=FORMATS[by_name].label,
                chosen=FORMATS[chosen].label,
            ),
        )
    return chosen


def holds_frames(name: str, source: ImageInfo) -> bool:
    """Whether files of that format can hold all of the source's frames or pages."""
    entry = _format(name)
    return entry.pages if source.format == "tiff" else entry.moves


def available(name: str) -> bool:
    """Whether what it takes to read this format is installed here."""
    return _is_installed(_format(name).module)


def writable_formats() -> tuple[str, ...]:
    """The names of the formats that can be written on this machine."""
    return tuple(entry.name for entry in _ALL if _can_write(entry))


def check_target(
    path: Path | str, format: str | None, width: int, height: int, *, frames: int = 1
) -> None:
    """Raise FormatLimitError if a picture of width x height pixels cannot be written there.

    format None means that of the path's ending. To be called before the work is done.
    """
    name = format or format_of_extension(path)
    if name is None or name not in FORMATS:
        raise FormatLimitError(
            path,
            tr(
                "no known picture format has this ending; use one of {endings}",
                endings=", ".join(extension(known) for known in writable_formats()),
            ),
        )
    entry = FORMATS[name]
    by_name = format_of_extension(path)
    if by_name != name:
        raise FormatLimitError(
            path,
            tr(
                "a {label} file needs the ending {ending}",
                label=entry.label,
                ending=" / ".join(entry.extensions),
            ),
        )
    if not entry.writable and frames == 1:
        raise FormatLimitError(
            path,
            tr(
                "{label} is written for animations only; choose PNG for a still picture",
                label=entry.label,
            ),
        )
    require(path, name)
    _check_size(path, entry, width, height)


def require(path: Path | str, name: str) -> None:
    """Raise FormatLimitError, naming path, if what writing the format needs is not installed."""
    entry = FORMATS[name]
    if not _has_encoder(entry):
        raise FormatLimitError(path, missing_encoder(name))


def missing_decoder(name: str) -> str:
    """What to tell whoever wants to open a file of a format that is not ``available``."""
    entry = FORMATS[name]
    if is_frozen():
        return tr(
            "this build of the program does not read {label}; convert the file to PNG",
            label=entry.label,
        )
    return tr(
        "reading {label} needs {package}, which is not installed here; install it "
        "(pip install {package}) or convert the file to PNG",
        label=entry.label,
        package=_package(entry.module),
    )


def missing_encoder(name: str) -> str:
    """The same for whoever wants to write one that is not among the ``writable_formats``."""
    entry = FORMATS[name]
    if is_frozen():
        return tr(
            "this build of the program does not write {label}; choose another format",
            label=entry.label,
        )
    return tr(
        "writing {label} needs {package}, which is not installed here; install it "
        "(pip install {package}) or choose another format",
        label=entry.label,
        package=_package(entry.encoder or entry.module),
    )


def _package(module: str | None) -> str:
    name = module or ""
    # features of Pillow that this build of it was made without
    return "pillow" if name.startswith("PIL:") else _DISTRIBUTIONS.get(name, name)


def _can_write(entry: Format) -> bool:
    return entry.writable and _has_encoder(entry)


def _has_encoder(entry: Format) -> bool:
    return _is_installed(entry.encoder or entry.module)


def _is_installed(module: str | None) -> bool:
    return module is None or _is_there(module)


def _check_size(path: Path | str, entry: Format, width: int, height: int) -> None:
    if entry.max_side is not None and max(width, height) > entry.max_side:
        problem = tr(
            "{label} holds at most {limit} pixels a side, the picture would have "
            "{width} x {height}; choose PNG or TIFF, or a smaller size",
            label=entry.label,
            limit=entry.max_side,
            width=width,
            height=height,
        )
        raise FormatLimitError(path, problem)
    if entry.max_pixels is not None and width * height > entry.max_pixels:
        problem = tr(
            "{label} holds at most {limit} million pixels, the picture would have "
            "{width} x {height}; choose PNG or TIFF, or a smaller size",
            label=entry.label,
            limit=entry.max_pixels // 1_000_000,
            width=width,
            height=height,
        )
        raise FormatLimitError(path, problem)


def _format(name: str) -> Format:
    if name not in FORMATS:
        raise UsageError(
            tr(
                "unknown picture format {name}; choose one of {names}",
                name=name,
                names=", ".join(FORMATS),
            )
        )
    return FORMATS[name]


@cache
def _is_there(module: str) -> bool:
    if module.startswith("PIL:"):
        from PIL import features

        return bool(features.check(module.removeprefix("PIL:")))
    if module == "libjxl":
        return libjxl.is_there()
    return importlib.util.find_spec(module) is not None
