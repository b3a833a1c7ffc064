"""What libvips does for us: 16-bit pictures exactly, TIFF of every kind, JPEG in little memory."""

from __future__ import annotations

import importlib.util
from functools import cache
from typing import Any, BinaryIO

import numpy as np

from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.image import Pixels
from srgan_desktop.core.images.io import colour, samples
from srgan_desktop.core.images.io.samples import Raster

_LOADERS = {"png": "pngload_source", "tiff": "tiffload_source", "avif": "heifload_source"}
_OPTIONS: dict[str, dict[str, bool]] = {"png": {"unlimited": True}, "avif": {"unlimited": True}}
_TYPES = {
    "uchar": np.uint8, "char": np.int8, "ushort": np.uint16, "short": np.int16, "uint": np.uint32,
    "int": np.int32, "float": np.float32, "double": np.float64,
}  # fmt: skip


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


def read(file: BinaryIO, name: str, icc: bytes | None, page: int = 0) -> Raster:
    """Decode an open file as stored (AVIF: turned). Raises pyvips.Error over damage.

    page counts all tables of a TIFF file, thumbnails too.
    """
    import pyvips

    source = _source(file)
    load = getattr(pyvips.Image, _LOADERS[name])
    options: dict[str, Any] = {"page": page} if page else {}
    image = load(source, fail_on="error", **_OPTIONS.get(name, {}), **options)
    if image.interpretation == "cmyk":
        return _from_cmyk(image, icc)
    if image.interpretation in ("lab", "labs"):
        told = (tr("the Lab colours were converted to sRGB"),)
        converted = image.colourspace("rgb16" if image.format != "uchar" else "srgb")
        raster = samples.from_array(_array(converted), converted.bands in (2, 4))
        return Raster(raster.pixels, raster.alpha, told + raster.warnings, converted=True)
    data = _array(image)
    if name == "avif" and data.dtype == np.uint16:
        data = samples.stretched(data, int(image.get("bits-per-sample")))
    return samples.from_array(data, image.bands in (2, 4) or image.bands > 4)


def write_jpeg(target: Any, pixels: Pixels, quality: int, *, full_colour: bool) -> None:
    """Encode (H, W, 1 or 3) uint8 into target (an object with ``write``), row by row.

    pixels is not copied and may be a memory map. What target raises is raised here.
    """
    import pyvips

    height, width, bands = pixels.shape
    image = pyvips.Image.new_from_memory(pixels, width, height, bands, "uchar")
    image = image.copy(interpretation="srgb" if bands == 3 else "b-w")
    failures: list[BaseException] = []

    def write(chunk: Any) -> int:
        try:
            target.write(bytes(chunk))
        except BaseException as error:  # nothing may pass through the C code in between
            failures.append(error)
            return -1
        return len(chunk)

    sink = pyvips.TargetCustom()
    sink.on_write(write)
    try:
        image.jpegsave_target(
            sink,
            Q=quality,
            subsample_mode="off" if full_colour else "on",
            optimize_coding=False,  # needs all coefficients at once, four times the pixels
            keep="none",
        )
    except pyvips.Error:
        if not failures:
            raise
    if failures:
        raise failures[0]


def _source(file: BinaryIO) -> Any:
    """A source over the open file, whatever its name is made of."""
    import pyvips

    def read(count: int) -> bytes:
        return file.read(count)

    def seek(offset: int, whence: int) -> int:
        return file.seek(offset, whence)

    file.seek(0)
    source = pyvips.SourceCustom()
    source.on_read(read)
    source.on_seek(seek)
    return source


def _array(image: Any) -> Pixels:
    memory = image.write_to_memory()
    data = np.frombuffer(memory, _TYPES[image.format])
    return data.reshape(image.height, image.width, image.bands)


def _from_cmyk(image: Any, icc: bytes | None) -> Raster:
    data = _array(image)
    inks, alpha = data[:, :, :4], data[:, :, 4] if image.bands > 4 else None
    told: tuple[str, ...] = ()
    if data.dtype == np.uint16:
        told = (tr("the printing colours have 16 bits per channel and were read with 8"),)
        inks = colour.reduced_in_blocks(inks)
        alpha = colour.reduced(alpha) if alpha is not None else None
    pixels, more = colour.cmyk_to_srgb(inks, icc)
    plain = None if alpha is None else np.ascontiguousarray(alpha)
    return Raster(pixels, plain, told + more, converted=True)
