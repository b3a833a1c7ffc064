"""What libvips does for us: 16-bit pictures exactly, TIFF of every kind."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Iterator
from functools import cache
from typing import Any, BinaryIO

import numpy as np

from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.base.turns import Turns
from srgan_desktop.core.images.image import Pixels
from srgan_desktop.core.images.io import colour
from srgan_desktop.core.images.io import raster as samples
from srgan_desktop.core.images.io.raster import Raster

_LOADERS = {
    "png": "pngload_source",
    "tiff": "tiffload_source",
    "avif": "heifload_source",
    "gif": "gifload_source",
}
_OPTIONS: dict[str, dict[str, bool]] = {"png": {"unlimited": True}, "avif": {"unlimited": True}}
_TYPES = {
    "uchar": np.uint8,
    "char": np.int8,
    "ushort": np.uint16,
    "short": np.int16,
    "uint": np.uint32,
    "int": np.int32,
    "float": np.float32,
    "double": np.float64,
}

# libvips keeps one note of what went wrong for all threads, and each failure takes it along
_note_turns = Turns()


@cache
def available() -> bool:
    """Whether libvips can be loaded here; the package alone does not bring it everywhere."""
    if importlib.util.find_spec("pyvips") is None:
        return False
    try:
        import pyvips
    except (ImportError, OSError):
        return False
    return bool(pyvips.at_least_libvips(8, 15))


@cache
def divides_alpha_out() -> bool:
    """Whether this libvips gives straight colours for TIFF files with alpha multiplied in.

    Newer ones do, older ones leave that to the caller; tried out on a small file.
    """
    import pyvips

    half = pyvips.Image.black(1, 1, bands=4).linear(1, [200, 200, 200, 128]).cast("uchar")
    stored = half.copy(interpretation="srgb").tiffsave_buffer(premultiply=True)
    return float(pyvips.Image.tiffload_buffer(stored)(0, 0)[0]) > 150


def read(
    file: BinaryIO,
    name: str,
    icc: bytes | None,
    page: int = 0,
    *,
    size: tuple[int, int] | None = None,
) -> Raster:
    """Decode an open file as stored (AVIF: turned). Raises pyvips.Error over damage.

    page counts all tables of a TIFF file, thumbnails too. ValueError, before anything is decoded,
    for a picture of another size than this.
    """
    with _opened(file, name, page) as image:
        if size is not None:
            samples.refuse_other_size(image, size)
        if image.interpretation == "cmyk":
            return _from_cmyk(image, icc)
        if image.interpretation in ("lab", "labs"):
            return _from_lab(image)
        data = _array(image)
        if name == "avif" and data.dtype == np.uint16:
            data = samples.stretched(data, int(image.get("bits-per-sample")))
        return samples.from_array(data, image.bands in (2, 4) or image.bands > 4)


def read_stored(file: BinaryIO, name: str, page: int = 0) -> Pixels:
    """The numbers as they are stored, (H, W, channels), whatever they mean."""
    with _opened(file, name, page) as image:
        return _array(image)


def read_icc_lab(file: BinaryIO, page: int = 0) -> Raster:
    """A TIFF whose Lab colours are stored as ICC profiles store them, 8 or 16 bits."""
    with _opened(file, "tiff", page) as image:
        # white is 255 or 0xFF00, no colour 128 or 0x8000
        fine = image.format == "ushort"
        each = (100 / 65_280, 1 / 256, 1 / 256) if fine else (100 / 255, 1, 1)
        lab = image[:3].cast("float").linear(list(each), [0, -128, -128])
        lab = lab.copy(interpretation="lab")
        if image.bands > 3:
            lab = lab.bandjoin(image[3].cast("float") / (257 if fine else 1))  # alpha: 0..255
        return _from_lab(lab, fine)


def read_frames(file: BinaryIO, name: str) -> Iterator[tuple[Raster, float]]:
    """The whole frames of an animation, one after the other, and for how many ms each is shown."""
    import pyvips

    source, failures = _source(file)
    with _guarded(name, failures):
        image = _load(source, name, n=-1, access="sequential")
        height = image.get("page-height")
        region = pyvips.Region.new(image)
    for number, delay in enumerate(image.get("delay")):
        with _guarded(name, failures):  # not while the caller works on a frame
            fetched = region.fetch(0, number * height, image.width, height)
        data = np.frombuffer(fetched, _TYPES[image.format])
        data = data.reshape(height, image.width, image.bands)
        yield samples.from_array(data, image.bands in (2, 4)), float(delay)


@contextlib.contextmanager
def _opened(file: BinaryIO, name: str, page: int = 0) -> Iterator[Any]:
    """The file as a libvips image over ``file``; what reading it raised is raised at the end."""
    source, failures = _source(file)
    with _guarded(name, failures):
        image = _load(source, name, **({"page": page} if page else {}))
        if name == "tiff":
            _stop_at_first_lost_tile(image)
        yield image


def _load(source: Any, name: str, **options: Any) -> Any:
    import pyvips

    load = getattr(pyvips.Image, _LOADERS[name])
    return load(source, fail_on="error", **_OPTIONS.get(name, {}), **options)


@contextlib.contextmanager
def _guarded(name: str, failures: list[Exception]) -> Iterator[None]:
    """Around all that reads or decodes: what goes wrong is told of the file it belongs to.

    Raises the first of the failures of reading instead of what libvips makes of it.
    """
    import pyvips

    try:
        with _no_tile_lost() if name == "tiff" else _note_turns.together():
            yield
    except pyvips.Error:
        if failures:
            raise failures[0] from None
        raise


@contextlib.contextmanager
def _no_tile_lost() -> Iterator[None]:
    """Raises pyvips.Error for tiles that cannot be decoded.

    libvips makes them black and goes on; only its note shows that, so that nothing else may fail
    meanwhile.
    """
    import pyvips

    with _note_turns.alone():
        pyvips.vips_lib.vips_error_clear()
        yield
        if _has_note():
            raise pyvips.Error("a tile cannot be decoded")  # takes the note along


def _stop_at_first_lost_tile(image: Any) -> None:
    """For a small file may claim millions of them."""

    def look(_image: Any, _progress: Any) -> None:
        if _has_note():
            image.set_kill(True)

    image.set_progress(True)
    image.signal_connect("eval", look)


def _has_note() -> bool:
    import pyvips

    return bool(pyvips.ffi.string(pyvips.vips_lib.vips_error_buffer()))


def _source(file: BinaryIO) -> tuple[Any, list[Exception]]:
    """A source over the open file, whatever its name is made of, and what reading it raised."""
    import pyvips

    failures: list[Exception] = []

    def read(count: int) -> bytes:
        try:
            return file.read(count)
        except Exception as error:  # nothing may pass through the C code in between
            failures.append(error)
            return b""

    def seek(offset: int, whence: int) -> int:
        try:
            return file.seek(offset, whence)
        except ValueError:  # a damaged file sends its reader before the start
            return -1
        except Exception as error:
            failures.append(error)
            return -1

    file.seek(0)
    source = pyvips.SourceCustom()
    source.on_read(read)
    source.on_seek(seek)
    return source, failures


def _array(image: Any) -> Pixels:
    memory = image.write_to_memory()
    data = np.frombuffer(memory, _TYPES[image.format])
    return data.reshape(image.height, image.width, image.bands)


def _from_cmyk(image: Any, icc: bytes | None) -> Raster:
    data = _array(image)
    inks, alpha = data[:, :, :4], data[:, :, 4] if image.bands > 4 else None
    warnings: tuple[str, ...] = ()
    if data.dtype == np.uint16:
        warnings = (tr("the printing colours have 16 bits per channel and were read with 8"),)
        inks = colour.reduced_in_blocks(inks)
        alpha = colour.reduced(alpha) if alpha is not None else None
    pixels, more = colour.cmyk_to_srgb(inks, icc)
    plain = None if alpha is None else np.ascontiguousarray(alpha)
    return Raster(pixels, plain, warnings + more, converted=True)


def _from_lab(image: Any, fine: bool | None = None) -> Raster:
    """To sRGB by the colours' white, D50; in 16 bits unless ``fine`` is false."""
    depth = 8 if fine is False else 16
    made = image[:3].icc_export(output_profile="srgb", depth=depth, intent="relative")
    data = _array(made)
    alpha = None
    if image.bands > 3:
        stored = _array(image[3])[:, :, 0]
        if stored.dtype == np.int16:  # read as if it were a colour
            alpha = stored.view(np.uint16)
        else:
            most = 65_535 if depth == 16 else 255
            alpha = (stored * (most / 255)).round().clip(0, most).astype(data.dtype)
    warnings = (tr("the Lab colours were converted to sRGB"),)
    return Raster(data, alpha, warnings, converted=True)
