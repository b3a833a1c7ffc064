"""Opening picture files: what is wrong with a path or a file, in plain words."""

from __future__ import annotations

import contextlib
import errno
import stat
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from PIL import Image, PngImagePlugin, UnidentifiedImageError

from srgan_desktop.core.base.errors import (
    FileError,
    ImageReadError,
    ImageTruncatedError,
    ImageUnsupportedError,
)
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.io import formats

# Ours is stricter and asked before anything is decoded (see read.py), also where Pillow's is not.
Image.MAX_IMAGE_PIXELS = None
# Programs that draw put their whole recipe into a PNG text chunk; Pillow's one megabyte is too
# little, and the picture would not open at all.
PngImagePlugin.MAX_TEXT_CHUNK = 64 * 1024 * 1024
PngImagePlugin.MAX_TEXT_MEMORY = 4 * PngImagePlugin.MAX_TEXT_CHUNK

_PLUGINS = {
    "png": ("PNG",),
    "jpeg": ("JPEG",),  # its reader opens MPO as well
    "webp": ("WEBP",),
    "tiff": ("TIFF",),
    "bmp": ("BMP",),
    "gif": ("GIF",),
    "avif": ("AVIF",),
    "jpeg2000": ("JPEG2000",),
    "pnm": ("PPM",),
}
_HEAD_BYTES = 64
_JPEG_LS = b"\xff\xd8\xff\xf7"  # begins as a JPEG does
# in what Pillow, libtiff, libvips and libheif say of files they do not know
_NOT_KNOWN = (
    "unsupported",
    "not supported",
    "not implemented",
    "not available",
    "unknown",
    "can not handle",
    "cannot handle",
    "not configured",
    "no support",
    "unimplemented",
    "whole number of bytes",
    "samples out of range",
    "labq",
    "different values per sample",
    "required field 262 missing",
)
# Python's warning filters belong to the whole process, so only one thread may change them.
_warnings_lock = threading.RLock()


class UnsupportedKindError(Exception):
    """A file, perhaps a valid one, that a decoder would read wrongly; says what it holds.

    ``ImageUnsupportedError`` is what people see of it.
    """


@contextlib.contextmanager
def open_image(path: Path | str) -> Iterator[tuple[BinaryIO, str]]:
    """The file, at its start, and its true format's name. ImageReadError as fits."""
    with _trouble_reported(path):
        file, name = opened(path)
        with file:
            yield file, name


def opened(path: Path | str) -> tuple[BinaryIO, str]:
    """As ``open_image``, for a caller who closes the file and minds what reading it raises."""
    name = Path(path)
    with _trouble_reported(path), contextlib.ExitStack() as closed_over_trouble:
        if name.is_dir():
            raise ImageReadError(path, tr("this is a folder, not a picture"))
        if not stat.S_ISREG(name.stat().st_mode):  # reading a pipe or a device might never end
            raise ImageReadError(path, tr("this is not an ordinary file"))
        file = closed_over_trouble.enter_context(name.open("rb"))
        true_format = _format_of(name, file)
        closed_over_trouble.pop_all()
        return file, true_format


@contextlib.contextmanager
def _trouble_reported(path: Path | str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ImageReadError(path, _explain(error)) from error


@contextlib.contextmanager
def damage_reported(path: Path | str) -> Iterator[None]:
    """Turn whatever a decoder raises over a file into ImageReadError.

    Damage, a cut and a kind of file that no decoder here knows are told apart.
    """
    try:
        yield
    except FileError:
        raise
    except MemoryError as error:
        raise ImageReadError(
            path, tr("there is not enough memory to open it; close other programs")
        ) from error
    except Exception as error:  # decoders raise nearly anything over broken data
        raise _refusal(path, error) from error


def _refusal(path: Path | str, error: Exception) -> ImageReadError:
    if isinstance(error, OSError) and error.errno is not None:
        return ImageReadError(path, _explain(error))
    if is_truncation(error):
        return ImageTruncatedError(path, tr("the file is cut short; copy or download it again"))
    detail = _detail(error)
    if is_unsupported(error):
        problem = tr(
            "files of this kind cannot be read here ({detail}); save it as PNG or plain TIFF with "
            "another program",
            detail=detail,
        )
        return ImageUnsupportedError(path, problem)
    if not detail:
        return ImageReadError(path, tr("the file is damaged or cut short; get a whole copy of it"))
    problem = tr(
        "the file is damaged or cut short ({detail}); get a whole copy of it", detail=detail
    )
    return ImageReadError(path, problem)


def is_truncation(error: Exception) -> bool:
    """Whether a decoder's error says that the file ended too early."""
    return isinstance(error, EOFError) or "truncated" in str(error).lower()


def is_unsupported(error: Exception) -> bool:
    """Whether a decoder's error says that it does not know this kind, which may be valid."""
    said = str(error).lower()
    return isinstance(error, UnsupportedKindError) or any(word in said for word in _NOT_KNOWN)


def _detail(error: Exception) -> str:
    """What the decoder says, where that means anything to a person."""
    if isinstance(error, UnidentifiedImageError | OverflowError):
        return ""  # they speak of Python's objects
    said = str(getattr(error, "detail", "") or error)  # libvips puts the call before it
    # the same of each tile, and that reading was given up for it
    lines = dict.fromkeys(line for line in said.splitlines() if "killed for image" not in line)
    return " ".join(" ".join(lines).split())[:200] or type(error).__name__


@contextlib.contextmanager
def pillow_quiet() -> Iterator[None]:
    """Keep Pillow's remarks about odd files off the terminal."""
    with _warnings_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def open_with_pillow(file: BinaryIO, name: str) -> Image.Image:
    """Header only; nothing is decoded yet. Raises as Pillow does."""
    file.seek(0)
    with pillow_quiet():
        try:
            return Image.open(file, formats=_PLUGINS[name])
        except UnidentifiedImageError:
            _raise_cause(file, name)
            raise


def _raise_cause(file: BinaryIO, name: str) -> None:
    """Raise what ``Image.open`` keeps to itself: why its reader of that format refused the file."""
    file.seek(0)
    factory, _ = Image.OPEN[_PLUGINS[name][0]]
    factory(file, "")


def _format_of(path: Path, file: BinaryIO) -> str:
    head = file.read(_HEAD_BYTES)
    file.seek(0)
    if not head:
        raise ImageReadError(path, tr("the file is empty"))
    name = formats.sniff(head)
    if head.startswith(_JPEG_LS):
        raise ImageUnsupportedError(path, tr("JPEG-LS is not supported; save it as PNG or JPEG"))
    if name is None:
        raise ImageReadError(path, _unknown(path, head))
    if name == "tiff" and path.suffix.lower() in formats.RAW_EXTENSIONS:
        raise ImageReadError(path, camera_raw_problem())
    if not formats.available(name):
        raise ImageReadError(path, formats.missing_decoder(name))
    return name


def camera_raw_problem() -> str:
    return tr(
        "this is a camera's raw file, which needs developing first; export it as TIFF or PNG "
        "from a raw converter"
    )


def _unknown(path: Path, head: bytes) -> str:
    if path.suffix.lower() in formats.RAW_EXTENSIONS:
        return camera_raw_problem()
    if head.startswith(b"8BPS"):
        return tr("Photoshop files are not supported; save it as TIFF or PNG")
    labels = ", ".join(entry.label for entry in formats.FORMATS.values())
    return tr("this is not a picture of a known kind ({labels})", labels=labels)


def _explain(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return tr("the file does not exist; it may have been moved or renamed")
    if isinstance(error, PermissionError):
        return tr("no permission to read it; change its access rights or copy it elsewhere")
    if error.errno == errno.ENAMETOOLONG:
        return tr("the name is too long")
    detail = error.strerror or str(error)
    return tr("reading failed ({detail})", detail=detail)
