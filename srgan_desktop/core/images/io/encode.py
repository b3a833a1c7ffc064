"""Encoding pixels and metadata that already suit the format, format by format."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, cast

import numpy as np
from PIL import Image

from srgan_desktop.core.images.finished_rows import FinishedRows
from srgan_desktop.core.images.image import Metadata, Pixels
from srgan_desktop.core.images.io import boxes, jpeg_segments, jxl_encode
from srgan_desktop.core.images.io import exif as exif_blocks
from srgan_desktop.core.images.io.jpeg_write import write_jpeg
from srgan_desktop.core.images.io.libjxl import JxlPicture
from srgan_desktop.core.images.io.png_write import write_png
from srgan_desktop.core.images.io.tiff_write import Page, write_tiff

# Above this, Pillow's copy of the pixels (4 bytes each) is worth avoiding where it can be.
LARGE_PIXELS = 50_000_000
DEFAULT_QUALITY = {"jpeg": 95, "webp": 95, "avif": 90, "heic": 90, "jxl": 95, "jpeg2000": 100}
LOSSLESS = 100
_FULL_COLOUR_ABOVE = 90


@dataclass(frozen=True)
class EncodeRequest:
    """One picture to encode. quality 1..100; ``LOSSLESS`` is exact in WebP, JPEG XL, JPEG 2000.

    ``finished``: rows that may be read already, where ``encodes_in_rows``; None: all.
    """

    pixels: Pixels
    alpha: Pixels | None
    metadata: Metadata
    quality: int
    bare: bool = False  # JPEG 2000: only the codestream, without the file format around it
    finished: FinishedRows | None = None

    @property
    def full_colour(self) -> bool:
        """Whether colour is stored as finely as brightness (4:4:4)."""
        return self.quality > _FULL_COLOUR_ABOVE


def encode(file: BinaryIO, name: str, job: EncodeRequest) -> None:
    """Write the whole file. OSError as the system raises it; encoders may raise other things."""
    _ENCODERS[name](file, job)


def encodes_in_rows(name: str) -> bool:
    """Whether a format's rows are encoded without those below them; WebP and AVIF want all."""
    return name in ("png", "tiff", "jpeg")


def _png(file: BinaryIO, job: EncodeRequest) -> None:
    write_png(file, job.pixels, job.alpha, job.metadata, job.finished)


def _tiff(file: BinaryIO, job: EncodeRequest) -> None:
    write_tiff(file, [Page(job.pixels, job.alpha, job.metadata, job.finished)])


class _WithHead(io.RawIOBase):
    """Passes a JPEG stream on with our head in place of the encoder's.

    Has no descriptor, so that encoders write through it and the system's own errors reach us.
    """

    def __init__(self, file: BinaryIO, head: bytes) -> None:
        self._file, self._head, self._start = file, head, b""
        self._passed = False

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if self._passed:
            self._file.write(data)
            return len(data)
        self._start += bytes(data)
        end = jpeg_segments.end_of_head(self._start)
        if end is not None:
            self._file.write(self._head)
            self._file.write(self._start[end:])
            self._passed = True
        return len(data)


def _jpeg(file: BinaryIO, job: EncodeRequest) -> None:
    target = _WithHead(file, jpeg_segments.head(job.metadata))
    height, width = job.pixels.shape[:2]
    if job.finished is not None or height * width > LARGE_PIXELS:
        write_jpeg(
            cast(BinaryIO, target),
            job.pixels,
            job.quality,
            full_colour=job.full_colour,
            finished=job.finished,
        )
        return
    subsampling = 0 if job.full_colour else 2
    image = _image(job)
    image.save(cast(IO[bytes], target), "JPEG", quality=job.quality, subsampling=subsampling)


def _webp(file: BinaryIO, job: EncodeRequest) -> None:
    options = metadata_options(job.metadata)
    lossless = job.quality >= LOSSLESS
    image = _image(job)
    out = io.BytesIO()
    image.save(
        out,
        "WEBP",
        quality=job.quality,
        lossless=lossless,
        exact=lossless,
        # WebP has no 4:4:4; this makes the most of its coarser colour
        use_sharp_yuv=job.full_colour,
        **options,
    )
    file.write(out.getbuffer())


def _avif(file: BinaryIO, job: EncodeRequest) -> None:
    options = metadata_options(job.metadata)
    if "exif" in options:
        # Pillow rewrites a block that has this entry, and makers' data would not survive that
        options["exif"] = exif_blocks.without_entry(options["exif"], exif_blocks.ORIENTATION)
    subsampling = "4:4:4" if job.full_colour else "4:2:0"
    if job.pixels.shape[2] == 1 and job.alpha is None:
        subsampling = "4:0:0"
    out = io.BytesIO()
    _image(job).save(out, "AVIF", quality=job.quality, subsampling=subsampling, **options)
    file.write(out.getbuffer())


def _bmp(file: BinaryIO, job: EncodeRequest) -> None:
    options = {"dpi": job.metadata.dpi} if job.metadata.dpi else {}
    _image(job).save(cast(IO[bytes], _Plain(file)), "BMP", **options)


class _Plain(io.RawIOBase):
    """Only ``write``: no descriptor that would let an encoder write past us."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return self._file.write(data)


def _jpeg2000(file: BinaryIO, job: EncodeRequest) -> None:
    out = io.BytesIO()
    options: dict[str, Any] = {"irreversible": False}
    if job.quality < LOSSLESS:
        # decibels of signal to noise: 95 gives 50, visually without loss; 50 gives about 38
        options = {
            "irreversible": True,
            "quality_mode": "dB",
            "quality_layers": [25 + job.quality * 0.265],
        }
    _image(job).save(out, "JPEG2000", no_jp2=job.bare, **options)
    data = out.getvalue()
    file.write(data if job.bare else boxes.with_jpeg2000_metadata(data, job.metadata))


def _heic(file: BinaryIO, job: EncodeRequest) -> None:
    import pillow_heif

    mode, data = _joined(job)
    heif = pillow_heif.from_bytes(mode=mode, size=data.shape[1::-1], data=data.tobytes())
    metadata = job.metadata
    if metadata.icc:
        about: dict[str, Any] = heif[0].info
        about.update(icc_profile=metadata.icc, icc_profile_type="prof")
    out = io.BytesIO()
    heif.save(
        out,
        quality=job.quality,
        chroma="444" if job.full_colour else "420",
        exif=metadata.exif,
        xmp=metadata.xmp,
    )
    file.write(out.getbuffer())


def _jxl(file: BinaryIO, job: EncodeRequest) -> None:
    _, data = _joined(job)
    metadata = job.metadata
    picture = JxlPicture(
        data[:, :, None] if data.ndim == 2 else data,
        job.alpha is not None,
        metadata.icc,
        # the box starts with the offset of what follows
        bytes(4) + metadata.exif if metadata.exif else None,
        metadata.xmp,
    )
    file.write(jxl_encode.encode(picture, job.quality))


def metadata_options(metadata: Metadata) -> dict[str, Any]:
    """As Pillow's WebP and AVIF writers take them."""
    given = {"icc_profile": metadata.icc, "exif": metadata.exif, "xmp": metadata.xmp}
    return {name: value for name, value in given.items() if value}


def _joined(job: EncodeRequest) -> tuple[str, Pixels]:
    """Pillow's name of the mode, and (H, W) or (H, W, channels), C-contiguous."""
    data = job.pixels
    if job.alpha is not None:
        data = np.concatenate([data, job.alpha[:, :, None]], axis=2)
    if data.shape[2] == 1:
        return ("I;16" if data.dtype == np.uint16 else "L"), np.ascontiguousarray(data[:, :, 0])
    return {2: "LA", 3: "RGB", 4: "RGBA"}[data.shape[2]], np.ascontiguousarray(data)


def _image(job: EncodeRequest) -> Image.Image:
    mode, data = _joined(job)
    if mode == "LA":  # Pillow cannot make one from an array without guessing
        colours = Image.fromarray(np.ascontiguousarray(data[:, :, 0]))
        return Image.merge("LA", (colours, Image.fromarray(np.ascontiguousarray(data[:, :, 1]))))
    return Image.fromarray(data)


_ENCODERS: dict[str, Callable[[BinaryIO, EncodeRequest], None]] = {
    "png": _png,
    "jpeg": _jpeg,
    "webp": _webp,
    "tiff": _tiff,
    "bmp": _bmp,
    "avif": _avif,
    "jpeg2000": _jpeg2000,
    "heic": _heic,
    "jxl": _jxl,
}
