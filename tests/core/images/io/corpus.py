"""A corpus of image files: every format, mode and way of storing that can be made here, small.

Each case knows what is right for it, from the array it was made of and not from any reader.
"""

from __future__ import annotations

import itertools
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import odd_makers as odd
from corpus_case import (
    HEIGHT,
    WIDTH,
    Array,
    Case,
    by_vips,
    palette_image,
    photo,
    ramp,
    saved,
    tiff_of,
    unit,
)
from corpus_formats import (
    avifs,
    bitmaps,
    gifs,
    heics,
    jpeg2000s,
    jpeg_xls,
    jpegs,
    portable_maps,
    webps,
)
from corpus_tiff import tiff_colours, tiff_compressions, tiff_layouts, tiff_numbers
from image_makers import exif_block, profile, wide_profile
from odd_makers import SHORT
from PIL import Image


def cases() -> Iterator[Case]:
    """All of them, in a stable order, each with a name of its own."""
    groups = (
        png_modes,
        png_chunks,
        tiff_layouts,
        tiff_numbers,
        tiff_colours,
        tiff_compressions,
        jpegs,
        bitmaps,
        gifs,
        webps,
        avifs,
        heics,
        jpeg2000s,
        jpeg_xls,
        portable_maps,
        sizes,
        orientations,
        not_read,
    )
    for group in groups:
        yield from group()


# PNG


def png_modes() -> Iterator[Case]:
    grey, colour = photo(1), photo(3)
    deep_grey, deep = photo(1, 16), photo(3, 16)
    with_alpha = np.dstack([colour, ramp()])
    deep_alpha = np.dstack([deep, ramp(16)])
    arrays: list[tuple[str, Array, Array, Array | None, int]] = [
        ("grey", grey, unit(grey), None, 8),
        ("rgb", colour, unit(colour), None, 8),
        ("rgba", with_alpha, unit(colour), unit(ramp())[..., 0], 8),
        ("grey-alpha", np.dstack([grey, ramp()]), unit(grey), unit(ramp())[..., 0], 8),
        ("grey16", deep_grey, unit(deep_grey), None, 16),
        ("rgb16", deep, unit(deep), None, 16),
        ("rgba16", deep_alpha, unit(deep), unit(ramp(16))[..., 0], 16),
        (
            "grey-alpha16",
            np.dstack([deep_grey, ramp(16)]),
            unit(deep_grey),
            unit(ramp(16))[..., 0],
            16,
        ),
    ]
    for (name, stored, pixels, alpha, depth), laced in itertools.product(arrays, (False, True)):
        make = partial(by_vips, stored, ".png", interlace=laced)
        title = f"png-{name}{'-interlaced' if laced else ''}"
        yield Case(title, ".png", make, pixels, alpha=alpha, depth=depth)
    for bits in (1, 2, 4, 8):
        indices = (np.arange(WIDTH * HEIGHT).reshape(HEIGHT, WIDTH) % (1 << bits)).astype("u1")
        palette = np.random.default_rng(bits).integers(0, 256, (1 << bits, 3), np.uint8)
        image = palette_image(indices, palette)
        make = partial(saved, image, "PNG", bits=bits)
        yield Case(f"png-palette{bits}", ".png", make, unit(palette[indices]))
        clear = np.where(indices == 1, 0.0, 1.0)
        make = partial(saved, image, "PNG", bits=bits, transparency=1)
        yield Case(f"png-palette{bits}-clear", ".png", make, unit(palette[indices]), alpha=clear)
    black = photo(1)[..., 0] > 127
    make = partial(saved, Image.fromarray(black), "PNG")
    yield Case("png-1-bit", ".png", make, unit(black))


def png_chunks() -> Iterator[Case]:
    colour, seen = photo(3), unit(photo(3))
    notes = zlib.compress(bytes(1 << 20))
    wide = (0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
    kinds: dict[str, list[tuple[bytes, bytes]]] = {
        "gamma-srgb": [odd.gamma_chunk(1 / 2.2)],
        "gamma-linear": [odd.gamma_chunk(1.0)],
        "gamma-1.8": [odd.gamma_chunk(1 / 1.8)],
        "gamma-zero": [(b"gAMA", bytes(4))],
        "gamma-short": [(b"gAMA", b"\0")],
        "primaries": [odd.chromaticity_chunk(*wide)],
        "primaries-nonsense": [odd.chromaticity_chunk(*[0.0] * 8)],
        "srgb": [(b"sRGB", b"\0"), odd.gamma_chunk(1.0)],
        "cicp-srgb": [(b"cICP", b"\1\x0d\0\1")],
        "cicp-p3": [(b"cICP", b"\x0c\x0d\0\1")],
        "significant-bits": [(b"sBIT", b"\5\6\5")],
        "profile": [(b"iCCP", b"x\0\0" + zlib.compress(profile()))],
        "wide-profile": [(b"iCCP", b"x\0\0" + zlib.compress(wide_profile()))],
        "note": [(b"tEXt", b"Comment\0words")],
        "packed-note": [(b"zTXt", b"parameters\0\0" + notes)],
        "unicode-note": [(b"iTXt", b"Title\0\0\0en\0\0" + "größe".encode())],
        "broken-note": [(b"zTXt", b"parameters\0\0" + b"no deflate")],
        "time": [(b"tIME", b"\x07\xe8\1\1\1\1\1")],
        "exif": [(b"eXIf", exif_block())],
        "broken-exif": [(b"eXIf", b"nothing")],
        "resolution": [(b"pHYs", struct.pack(">IIB", 11811, 11811, 1))],
        "background": [(b"bKGD", struct.pack(">3H", 1, 2, 3))],
        "unknown": [(b"abCd", b"private")],
    }
    for name, chunks in kinds.items():
        yield Case(f"png-{name}", ".png", partial(odd.png, colour, *chunks), seen)
    hdr = [(b"cICP", b"\x09\x10\0\1")]
    told = ("wide or HDR colours",)
    yield Case("png-cicp-hdr", ".png", partial(odd.png, colour, *hdr), seen, told=told)
    clear = np.all(colour == colour[3, 4], axis=2)
    chunk = (b"tRNS", struct.pack(">3H", *colour[3, 4]))
    yield Case("png-clear-colour", ".png", partial(odd.png, colour, chunk), seen, alpha=1.0 - clear)
    yield Case(
        "png-damaged-profile",
        ".png",
        partial(odd.png, colour, (b"iCCP", b"x\0\0" + notes)),
        seen,
        told=("the colour profile is damaged",),
    )


# sizes, turns, refusals


def sizes() -> Iterator[Case]:
    for width, height in ((1, 1), (1, 40), (40, 1), (2, 3), (65_500, 1), (1, 65_500)):
        pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
        for ending, kind in ((".png", "PNG"), (".tif", "TIFF"), (".bmp", "BMP"), (".gif", "GIF")):
            if kind == "GIF" and max(width, height) > 40:
                continue
            image = Image.fromarray(pixels if kind != "GIF" else pixels // 255 * 255)
            seen = unit(pixels if kind != "GIF" else pixels // 255 * 255)
            make = partial(saved, image, kind)
            yield Case(f"{kind.lower()}-{width}x{height}", ending, make, seen)
        flat = np.full((height, width, 3), 90, np.uint8)
        make = partial(saved, Image.fromarray(flat), "JPEG", quality=98)
        yield Case(f"jpeg-{width}x{height}", ".jpg", make, unit(flat), 0.02)
    names = ("ümläut", "space d", "日本", "dots.in.it", "quote'd", "percent%20", "-dash", "#hash")
    for name in names:
        make = partial(saved, Image.fromarray(photo(3)), "PNG")
        yield Case(name, ".PNG", make, unit(photo(3)))


def orientations() -> Iterator[Case]:
    """As cameras write them: the stored picture is to be turned."""
    for number in range(1, 9):
        stored = Image.fromarray(photo(3))
        seen = unit(upright(photo(3), number))
        block = exif_block(number)
        tag = b"Exif\0\0" + block
        make: Callable[[], bytes] = partial(odd.png, photo(3), (b"eXIf", block))
        yield Case(f"png-turned{number}", ".png", make, seen)
        make = partial(saved, stored, "JPEG", quality=97, subsampling=0, exif=tag)
        yield Case(f"jpeg-turned{number}", ".jpg", make, seen, 0.04)
        make = partial(saved, stored, "WEBP", lossless=True, exif=tag)
        yield Case(f"webp-turned{number}", ".webp", make, seen)
        make = tiff_of(photo(3), 2, tags={274: (SHORT, [number])})
        yield Case(f"tiff-turned{number}", ".tif", make, seen)


def upright(pixels: Array, number: int) -> Array:
    """By the table of the EXIF standard: which side of the picture the first row and column are."""
    turns: dict[int, Callable[[Array], Array]] = {
        1: lambda p: p,
        2: np.fliplr,
        3: lambda p: np.rot90(p, 2),
        4: np.flipud,
        5: lambda p: p.swapaxes(0, 1),
        6: lambda p: np.rot90(p, -1),
        7: lambda p: np.rot90(p, 2).swapaxes(0, 1),
        8: np.rot90,
    }
    return turns[number](pixels)


def not_read() -> Iterator[Case]:
    """What is no image, broken, or of a kind that is not known: a plain word, never a crash."""
    whole = {
        ".png": saved(Image.fromarray(photo(3)), "PNG"),
        ".jpg": saved(Image.fromarray(photo(3)), "JPEG"),
        ".gif": odd.gif((WIDTH, HEIGHT), [((0, 0), np.ones((HEIGHT, WIDTH), int))]),
        ".webp": saved(Image.fromarray(photo(3)), "WEBP"),
        ".bmp": saved(Image.fromarray(photo(3)), "BMP"),
        ".tif": saved(Image.fromarray(photo(3)), "TIFF"),
        ".avif": saved(Image.fromarray(photo(3)), "AVIF", speed=10),
        ".jp2": saved(Image.fromarray(photo(3)), "JPEG2000"),
    }
    for ending, data in whole.items():
        for part in (0.1, 0.5):
            cut = data[: int(len(data) * part)]
            yield Case(f"cut{part}-{ending[1:]}", ending, lambda cut=cut: cut, refused=": ")  # type: ignore[misc]
        yield Case(f"empty-{ending[1:]}", ending, bytes, refused="the file is empty")
        page = b"<!DOCTYPE html><html><body>404</body></html>" + bytes(60)
        yield Case(
            f"web-page-{ending[1:]}",
            ending,
            lambda page=page: page,  # type: ignore[misc]
            refused="not a picture of a known kind",
        )
    kinds: list[tuple[str, Sequence[int], int]] = [
        ("five-inks", [8] * 5, 5),
        ("itu-lab", [8] * 3, 10),
        ("64-bits", [64], 1),
        ("rgb-12-bits", [12] * 3, 2),
        ("rgb-565", [5, 6, 5], 2),
        ("mask", [1], 4),
    ]
    for name, bits, photometric in kinds:
        data = bytes(WIDTH * HEIGHT * sum(bits) // 8 + 8)
        make = partial(odd.tiff, (WIDTH, HEIGHT), bits, photometric, data)
        yield Case(f"tiff-{name}", ".tif", make, refused="of this kind cannot be read here")
    double = unit(photo(3)).astype("<f8")
    make = tiff_of(double, 2, sample_format=3)
    yield Case("tiff-float8", ".tif", make, refused="of this kind cannot be read here")
