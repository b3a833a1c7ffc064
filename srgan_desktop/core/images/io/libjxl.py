"""libjxl (BSD) through ctypes: finding it, and what its two ways share.

The library is looked for beside the packaged program and in the wheel of opencodecs, which carries
it for Linux, Windows and macOS; of that package nothing is imported. Interface: jxl/decode.h and
jxl/encode.h of libjxl 0.11.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ctypes import (
    POINTER,
    Structure,
    c_double,
    c_float,
    c_int,
    c_size_t,
    c_uint32,
    c_void_p,
)
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from srgan_desktop.core.images.image import Pixels

PACKAGE = "opencodecs"
FOLDER = "libjxl.libs"  # in the packaged program
_OLDEST = 9_000  # 0.9 took an argument away from functions that are called here
# what depends on another comes after it
_PARTS = ("brotlicommon", "brotlidec", "brotlienc", "jxl_cms", "jxl_threads", "jxl")

SUCCESS = 0
TYPES = {"float32": 0, "uint8": 2, "uint16": 3, "float16": 5}
BLOCK_BYTES = 2**20


class JxlError(ValueError):
    """libjxl refuses a file or a picture."""


@dataclass(frozen=True)
class JxlPicture:
    """What is in a file, or goes into one.

    pixels  (H, W, channels), C-contiguous; 1 or 3 colours, alpha (not premultiplied) last
    exif    the whole box: the offset of what follows, and that
    """

    pixels: Pixels
    has_alpha: bool
    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None


class BasicInfo(Structure):
    _fields_ = (
        ("have_container", c_int),
        ("xsize", c_uint32),
        ("ysize", c_uint32),
        ("bits_per_sample", c_uint32),
        ("exponent_bits_per_sample", c_uint32),
        ("intensity_target", c_float),
        ("min_nits", c_float),
        ("relative_to_max_display", c_int),
        ("linear_below", c_float),
        ("uses_original_profile", c_int),
        ("have_preview", c_int),
        ("have_animation", c_int),
        ("orientation", c_int),
        ("num_color_channels", c_uint32),
        ("num_extra_channels", c_uint32),
        ("alpha_bits", c_uint32),
        ("alpha_exponent_bits", c_uint32),
        ("alpha_premultiplied", c_int),
        ("more", c_uint32 * 64),  # preview, animation, and room for later fields
    )


class ExtraChannelInfo(Structure):
    _fields_ = (("kind", c_int), ("bits_per_sample", c_uint32), ("more", c_uint32 * 32))


class PixelFormat(Structure):
    _fields_ = (
        ("num_channels", c_uint32),
        ("data_type", c_int),
        ("endianness", c_int),
        ("align", c_size_t),
    )


class ColourEncoding(Structure):
    _fields_ = (("values", c_double * 32),)


class _Cms(Structure):
    _fields_ = (("pointers", c_void_p * 8),)


@dataclass(frozen=True)
class Library:
    main: ctypes.CDLL
    threads: ctypes.CDLL
    cms: ctypes.CDLL


def is_there() -> bool:
    """Whether the library's files are here; they are not loaded."""
    return files() is not None


@cache
def files() -> dict[str, Path] | None:
    """The library and what it needs, by name; None where one is missing."""
    for folder in _folders():
        found = {}
        names = sorted(folder.iterdir()) if folder.is_dir() else []
        for part in _PARTS:
            pattern = re.compile(rf"(lib)?{part}[-.].*(so|dll|dylib)")
            for path in filter(lambda path: pattern.match(path.name), names):
                found[part] = path
        if {"jxl", "jxl_threads", "jxl_cms"} <= found.keys():
            return found
    return None


def _folders() -> Iterator[Path]:
    packed = getattr(sys, "_MEIPASS", None)
    if packed:
        yield Path(packed) / FOLDER
    spec = importlib.util.find_spec(PACKAGE)
    if spec is not None and spec.origin:
        folder = Path(spec.origin).parent
        yield folder.parent / f"{PACKAGE}.libs"
        yield folder / ".dylibs"


@cache
def _library() -> Library:
    found = files()
    if found is None:
        raise JxlError("libjxl is not installed")
    with suppress(AttributeError):  # Windows alone has it, and needs it for what the files need
        os.add_dll_directory(str(found["jxl"].parent))  # type: ignore[attr-defined,unused-ignore]
    try:
        loaded = {part: ctypes.CDLL(str(found[part])) for part in _PARTS if part in found}
    except OSError as error:  # made for a newer system
        raise JxlError(f"libjxl cannot be loaded: {error}") from error
    library = Library(loaded["jxl"], loaded["jxl_threads"], loaded["jxl_cms"])
    _declare(library)
    if library.main.JxlDecoderVersion() < _OLDEST:
        raise JxlError(f"libjxl is too old: {found['jxl'].name}")
    return library


def _declare(library: Library) -> None:
    main = library.main
    for name in ("JxlDecoderCreate", "JxlEncoderCreate", "JxlEncoderFrameSettingsCreate"):
        getattr(main, name).restype = c_void_p
    for name in ("JxlDecoderReleaseBoxBuffer", "JxlDecoderReleaseJPEGBuffer"):
        getattr(main, name).restype = c_size_t
    main.JxlEncoderDistanceFromQuality.restype = c_float
    library.threads.JxlThreadParallelRunnerCreate.restype = c_void_p
    library.cms.JxlGetDefaultCms.restype = POINTER(_Cms)


@contextmanager
def opened(kind: str) -> Iterator[tuple[Library, c_void_p]]:
    """A decoder or an encoder with threads, for the time of the ``with``."""
    library = _library()
    main, threads = library.main, library.threads
    made = c_void_p(getattr(main, f"Jxl{kind}Create")(None))
    count = c_size_t(os.cpu_count() or 1)
    runner = c_void_p(threads.JxlThreadParallelRunnerCreate(None, count))
    try:
        function = ctypes.cast(threads.JxlThreadParallelRunner, c_void_p)
        check(getattr(main, f"Jxl{kind}SetParallelRunner")(made, function, runner))
        yield library, made
    finally:
        getattr(main, f"Jxl{kind}Destroy")(made)
        threads.JxlThreadParallelRunnerDestroy(runner)


def check(status: int, what: str = "refused by libjxl") -> None:
    if status != SUCCESS:
        raise JxlError(what)
