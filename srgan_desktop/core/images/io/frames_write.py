"""Writing files with several pictures: animated PNG, WebP and GIF, TIFF with pages.

Animated PNG (the specification's third edition, section 11.3.6) and TIFF are written picture by
picture; WebP and GIF by Pillow, from pixels that may lie in mapped files.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.animation import FOREVER, Animation, Frame
from srgan_desktop.core.images.canvas import new_canvas
from srgan_desktop.core.images.image import Pixels, RasterImage
from srgan_desktop.core.images.io import blocks, encode, formats, write
from srgan_desktop.core.images.io.encode import EncodeRequest
from srgan_desktop.core.images.io.formats import FORMATS
from srgan_desktop.core.images.io.png_chunks import chunk
from srgan_desktop.core.images.io.png_write import pixel_stream, write_head
from srgan_desktop.core.images.io.tiff_write import Page, needs_big, write_tiff
from srgan_desktop.core.images.io.write import WriteOptions, Written

_SEEN = 128  # alpha from which a pixel of a GIF is opaque
_PALETTE_FRAMES = 16
_PALETTE_SIDE = 128
_MOST_COUNTED = 0xFFFF  # by WebP plays, by GIF repetitions


def write_animation(path: Path | str, animation: Animation, options: WriteOptions) -> Written:
    """Write all frames whole or not at all; otherwise as ``write_image``.

    A format that holds one picture gets the first, with a word about the rest.
    """
    first = animation.frames[0].picture
    if len(animation.frames) == 1:
        return write.write_image(path, first, options)
    target = FORMATS.get(options.format)
    if target is not None and not (target.moves if animation.moves else target.pages):
        warning = tr(
            "{format} holds one picture; the other {n} were left out",
            format=target.label,
            n=len(animation.frames) - 1,
        )
        written = write.write_image(path, first, options)
        return replace(written, warnings=(warning, *written.warnings))
    for frame in animation.frames:
        size = frame.picture.width, frame.picture.height
        formats.check_target(path, options.format, *size, frames=len(animation.frames))
    quality = write.quality_of(options)
    with write.problems_reported(path):
        if atomic.free_target(path, options.existing) is None:
            return Written(Path(path), skipped=True)
        jobs, warnings = _jobs(Path(path), animation, options, quality)
        with atomic.replace_file(path, options.existing) as new:
            _WRITERS[options.format](new.file, jobs, animation)
    return Written(new.path, () if new.skipped else warnings, new.skipped)


def _jobs(
    path: Path, animation: Animation, options: WriteOptions, quality: int
) -> tuple[list[EncodeRequest], tuple[str, ...]]:
    """Every frame as the format can hold it; and what was lost, each thing once."""
    frames = _alike(animation.frames) if animation.moves else animation.frames
    jobs, all_warnings = [], dict[str, None]()
    for frame in frames:
        job, warnings = write.prepared(path, frame.picture, options, quality)
        jobs.append(job)
        all_warnings |= dict.fromkeys(warnings)
    if options.format == "tiff":
        all_warnings |= dict.fromkeys(_exif_lost(jobs))
    return jobs, tuple(all_warnings)


def _alike(frames: Sequence[Frame]) -> list[Frame]:
    """In the colours and with the transparency that any of them needs."""
    channels = max(frame.picture.channels for frame in frames)
    depth = max((frame.picture.pixels.dtype for frame in frames), key=lambda kind: kind.itemsize)
    alpha = any(frame.picture.alpha is not None for frame in frames)
    return [replace(frame, picture=_as(frame.picture, channels, depth, alpha)) for frame in frames]


def _as(
    picture: RasterImage, channels: int, depth: np.dtype[np.generic], alpha: bool
) -> RasterImage:
    pixels, opacity = picture.pixels, picture.alpha
    if pixels.dtype != depth:  # 8 to 16 bits: 255 is 65,535
        pixels = pixels.astype(depth) * 257
        opacity = None if opacity is None else opacity.astype(depth) * 257
    if pixels.shape[2] < channels:
        pixels = np.broadcast_to(pixels, (*pixels.shape[:2], channels))
    if alpha and opacity is None:
        most = np.iinfo(pixels.dtype).max
        opacity = np.broadcast_to(most, pixels.shape[:2]).astype(pixels.dtype)
    return replace(picture, pixels=pixels, alpha=opacity)


def _exif_lost(jobs: Sequence[EncodeRequest]) -> Iterator[str]:
    if any(job.metadata.exif for job in jobs[1:]):
        yield tr("the EXIF data of the pages after the first were left out")
    if jobs[0].metadata.exif and needs_big(_pages(jobs)):
        yield tr("the EXIF data had to be left out: the file is larger than 4 GB")


def _pages(jobs: Sequence[EncodeRequest]) -> list[Page]:
    return [Page(job.pixels, job.alpha, job.metadata) for job in jobs]


def _tiff(file: BinaryIO, jobs: Sequence[EncodeRequest], animation: Animation) -> None:
    del animation
    write_tiff(file, _pages(jobs))


def _durations_ms(animation: Animation) -> list[float]:
    return [frame.duration_ms or 0.0 for frame in animation.frames]


def _plays(animation: Animation, most: int) -> int:
    """As the format can count them; nobody sees the end of more."""
    return animation.plays if animation.plays <= most else FOREVER


def _png(file: BinaryIO, jobs: Sequence[EncodeRequest], animation: Animation) -> None:
    head = chunk(b"acTL", struct.pack(">II", len(jobs), animation.plays))
    write_head(file, jobs[0].pixels, jobs[0].alpha, jobs[0].metadata, head)
    number = 0  # of the chunks that make the animation
    before: EncodeRequest | None = None
    for job, duration_ms in zip(jobs, _durations_ms(animation), strict=True):
        left, top, right, bottom = _changed(before, job)
        area = right - left, bottom - top, left, top
        timing = struct.pack(">I4IHH2x", number, *area, *_png_delay(duration_ms))
        file.write(chunk(b"fcTL", timing))
        number += 1
        where = np.s_[top:bottom, left:right]
        for packed in pixel_stream(
            job.pixels[where], None if job.alpha is None else job.alpha[where]
        ):
            if before is None:
                file.write(chunk(b"IDAT", packed))
            else:
                file.write(chunk(b"fdAT", struct.pack(">I", number) + packed))
                number += 1
        before = job
    file.write(chunk(b"IEND", b""))


def _png_delay(duration_ms: float) -> tuple[int, int]:
    """Seconds as a fraction of two 16-bit numbers."""
    whole = round(duration_ms)
    if whole <= 0xFFFF:
        return whole, 1000
    return min(round(duration_ms / 10), 0xFFFF), 100


def _changed(before: EncodeRequest | None, job: EncodeRequest) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what differs; one pixel where nothing does."""
    height, width = job.pixels.shape[:2]
    if before is None:
        return 0, 0, width, height
    rows, columns = np.zeros(height, bool), np.zeros(width, bool)
    step = blocks.rows_per_block(job.pixels[:1].nbytes)
    for start in range(0, height, step):
        part = slice(start, start + step)
        differs = (job.pixels[part] != before.pixels[part]).any(axis=2)
        if job.alpha is not None and before.alpha is not None:
            differs |= job.alpha[part] != before.alpha[part]
        rows[part] = differs.any(axis=1)
        columns |= differs.any(axis=0)
    if not rows.any():
        return 0, 0, 1, 1
    (top, bottom), (left, right) = _ends(rows), _ends(columns)
    return left, top, right, bottom


def _ends(used: Pixels) -> tuple[int, int]:
    places = np.flatnonzero(used)
    return int(places[0]), int(places[-1]) + 1


def _webp(file: BinaryIO, jobs: Sequence[EncodeRequest], animation: Animation) -> None:
    first, *rest = _images("RGBA", jobs, _fill_rgba)
    lossless = jobs[0].quality >= encode.LOSSLESS
    out = io.BytesIO()
    first.save(
        out,
        "WEBP",
        save_all=True,
        append_images=rest,
        duration=[round(duration) for duration in _durations_ms(animation)],
        loop=_plays(animation, _MOST_COUNTED),
        quality=jobs[0].quality,
        lossless=lossless,
        exact=lossless,
        **encode.metadata_options(jobs[0].metadata),
    )
    file.write(out.getbuffer())


def _fill_rgba(out: Pixels, job: EncodeRequest) -> None:
    out[..., :3] = job.pixels
    out[..., 3] = 255 if job.alpha is None else job.alpha


def _gif(file: BinaryIO, jobs: Sequence[EncodeRequest], animation: Animation) -> None:
    """One palette for all frames, so that what rests does not flicker."""
    transparent = jobs[0].alpha is not None
    palette = _palette(jobs, 255 if transparent else 256)
    colours = palette.getpalette("RGB") or []

    def fill(out: Pixels, job: EncodeRequest) -> None:
        image = Image.fromarray(_rgb(job.pixels)).quantize(
            palette=palette, dither=Image.Dither.FLOYDSTEINBERG
        )
        out[...] = np.asarray(image)
        if job.alpha is not None:
            out[job.alpha < _SEEN] = 255

    images = _images("P", jobs, fill)
    for image in images:
        image.putpalette(colours, "RGB")
    # GIF counts repetitions and says nothing where there is none
    repeated = max(_plays(animation, _MOST_COUNTED + 1) - 1, 0)
    loop = {} if animation.plays == 1 else {"loop": repeated}
    seen = {"transparency": 255, "disposal": 2} if transparent else {"disposal": 1}
    out = io.BytesIO()
    images[0].save(
        out,
        "GIF",
        save_all=True,
        append_images=images[1:],
        duration=[max(round(duration / 10), 2) * 10 for duration in _durations_ms(animation)],
        optimize=False,
        **loop,
        **seen,
    )
    file.write(out.getbuffer())


def _palette(jobs: Sequence[EncodeRequest], colours: int) -> Image.Image:
    """The best colours for a few frames spread over the whole."""
    chosen = jobs[:: -(-len(jobs) // _PALETTE_FRAMES)]
    pieces = []
    for job in chosen:
        step = max(1, -(-max(job.pixels.shape[:2]) // _PALETTE_SIDE))
        seen = _rgb(job.pixels[::step, ::step]).reshape(-1, 3)
        if job.alpha is not None:
            seen = seen[job.alpha[::step, ::step].reshape(-1) >= _SEEN]
        pieces.append(seen)
    seen = np.concatenate(pieces)
    if not len(seen):
        seen = np.zeros((1, 3), np.uint8)
    return Image.fromarray(seen[None]).quantize(colours, method=Image.Quantize.MEDIANCUT)


def _rgb(pixels: Pixels) -> Pixels:
    return np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3)))


def _images(
    mode: str, jobs: Sequence[EncodeRequest], fill: Callable[[Pixels, EncodeRequest], None]
) -> list[Image.Image]:
    """Pillow pictures over one canvas, which is a mapped file where it is large."""
    height, width = jobs[0].pixels.shape[:2]
    shape = (len(jobs), height, width, *((4,) if mode == "RGBA" else ()))
    canvas = new_canvas(shape, np.dtype(np.uint8))
    images = []
    for layer, job in zip(canvas, jobs, strict=True):
        fill(layer, job)
        images.append(Image.frombuffer(mode, (width, height), layer, "raw", mode, 0, 1))
    return images


_WRITERS: dict[str, Callable[[BinaryIO, Sequence[EncodeRequest], Animation], None]] = {
    "png": _png,
    "webp": _webp,
    "gif": _gif,
    "tiff": _tiff,
}
