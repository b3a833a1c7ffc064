"""TIFF files of the corpus."""

from __future__ import annotations

import itertools
import lzma
import zlib
from collections.abc import Iterator
from functools import partial

import numpy as np
import odd_makers as odd
from corpus_case import (
    HEIGHT,
    WIDTH,
    Case,
    photo,
    ramp,
    saved,
    tiff_of,
    unit,
)
from odd_makers import LONG, SHORT
from PIL import Image


def tiff_layouts() -> Iterator[Case]:
    """Every combination of the ways to lay out grey and RGB."""
    for channels, bits, planar, layout, packed, order, big in itertools.product(
        (1, 3), (8, 16), (1, 2), ("strip", "strips", "tiles"), (False, True), "<>", (False, True)
    ):
        if channels == 1 and planar == 2:
            continue
        name = (
            f"tiff-{channels}x{bits}-{'planes' if planar == 2 else 'pixels'}-{layout}"
            f"{'-deflate' if packed else ''}-{'little' if order == '<' else 'big'}"
            f"{'-bigtiff' if big else ''}"
        )
        make = partial(laid_out, channels, bits, planar, layout, packed, order, big)
        pixels = photo(channels, bits)
        # tiles in planes are read by Pillow alone, which knows neither 16 bits of colour nor
        # BigTIFF in big-endian order
        if planar == 2 and layout == "tiles" and (bits == 16 or (big and order == ">")):
            yield Case(name, ".tif", make, refused="of this kind cannot be read here")
        else:
            yield Case(name, ".tif", make, unit(pixels), depth=bits)


def laid_out(
    channels: int, bits: int, planar: int, layout: str, packed: bool, order: str, big: bool
) -> bytes:
    pixels = photo(channels, bits).astype(f"{order}u{bits // 8}")
    planes = [pixels[..., i] for i in range(channels)] if planar == 2 else [pixels]
    rows = {"strip": HEIGHT, "strips": 5, "tiles": HEIGHT}[layout]
    pieces = [
        piece
        for plane in planes
        for piece in (
            odd.padded_tiles(plane)
            if layout == "tiles"
            else [plane[top : top + rows].tobytes() for top in range(0, HEIGHT, rows)]
        )
    ]
    if packed:
        pieces = [zlib.compress(piece) for piece in pieces]
    return odd.tiff(
        (WIDTH, HEIGHT),
        [bits] * channels,
        2 if channels == 3 else 1,
        pieces,
        compression=8 if packed else 1,
        planar=planar,
        order=order,
        big=big,
        tile=(16, 16) if layout == "tiles" else None,
        rows=rows,
    )


def tiff_numbers() -> Iterator[Case]:
    grey, colour = unit(photo(1, 16)), unit(photo(3, 16))
    rounded = "were rounded to 16 bits"
    for kind, within in (("<f2", 1e-3), ("<f4", 1e-4)):
        for name, values in (("grey", grey), ("rgb", colour)):
            make = tiff_of(values.astype(kind), 2 if name == "rgb" else 1, sample_format=3)
            yield Case(
                f"tiff-{name}-float{kind[2]}",
                ".tif",
                make,
                values,
                within,
                depth=16,
                told=(rounded,),
            )
    strange = grey.copy()
    strange[0, :3, 0] = np.nan, np.inf, -np.inf
    seen = grey.copy()
    seen[0, :3, 0] = 0, 1, 0
    make = tiff_of(strange.astype("<f4"), 1, sample_format=3)
    yield Case("tiff-nan-and-infinity", ".tif", make, seen, 1e-4, depth=16, told=(rounded,))
    make = tiff_of((grey * 1000).astype("<f4"), 1, sample_format=3)
    told = ("floating-point numbers up to 1000",)
    yield Case("tiff-float-of-1000", ".tif", make, grey, 1e-4, depth=16, told=told)
    make = tiff_of((colour * (2**32 - 1)).round().astype("<u4"), 2)
    told = ("more than 16 bits per channel",)
    yield Case("tiff-32-bits", ".tif", make, colour, 1e-4, depth=16, told=told)
    stored = (grey * (2**32 - 1)).round().astype("<u4")
    packed = lzma.compress(stored.tobytes())
    make = partial(odd.tiff, (WIDTH, HEIGHT), [32], 1, packed, compression=34925)
    yield Case("tiff-32-bits-lzma", ".tif", make, grey, 1e-4, depth=16, told=told)
    signed = (photo(1, 16).astype(np.int32) - 32768).astype("<i2")
    make = tiff_of(signed, 1, sample_format=2)
    told = ("numbers below zero",)
    yield Case("tiff-signed16", ".tif", make, grey, 1e-4, depth=16, told=told)
    make = tiff_of((photo(3) >> 1).astype("i1"), 2, sample_format=2)
    yield Case("tiff-signed-8-from-0", ".tif", make, unit(photo(3)), 0.005)
    make = tiff_of((photo(3, 16) >> 1).astype("<i2"), 2, sample_format=2)
    yield Case("tiff-signed-16-from-0", ".tif", make, colour, 1e-4, depth=16)
    make = tiff_of(np.full((HEIGHT, WIDTH), -5, "<i2"), 1, sample_format=2)
    yield Case("tiff-all-below-0", ".tif", make, grey * 0, depth=16, told=told)
    for name, values in (("8", photo(1)), ("float4", grey.astype("<f4"))):
        # libvips knows none without its kind of colours
        kind = 3 if name == "float4" else 1
        make = tiff_of(values, None, sample_format=kind)
        yield Case(
            f"tiff-of-no-colours{name}",
            ".tif",
            make,
            grey if kind == 3 else unit(values),
            1e-4,
            depth=16 if kind == 3 else 8,
            told=(rounded,) if kind == 3 else (),
        )
    for bits in (1, 2, 4):
        values = (photo(1)[..., 0].astype(int) * ((1 << bits) - 1) + 127) // 255
        packed = np.packbits(values[..., None] >> np.arange(bits)[::-1] & 1, axis=None)
        for photometric in (0, 1):
            make = partial(
                odd.tiff, (WIDTH, HEIGHT), [bits], photometric, packed.tobytes()
            )  # the width is a multiple of eight
            seen = values[..., None] / ((1 << bits) - 1)
            name = f"tiff-{bits}-bits{'-white-is-zero' if photometric == 0 else ''}"
            yield Case(name, ".tif", make, 1 - seen if photometric == 0 else seen, 0.004)
    for bits in (8, 16):
        make = tiff_of(photo(1, bits).astype(f"<u{bits // 8}"), 0)
        yield Case(f"tiff-white-is-zero{bits}", ".tif", make, 1 - unit(photo(1, bits)), depth=bits)
    values = (photo(1)[..., 0].astype(int) * 4095 + 127) // 255
    make = partial(odd.tiff, (WIDTH, HEIGHT), [12], 1, odd.packed_12_bits(values))
    yield Case("tiff-12-bits", ".tif", make, values[..., None] / 4095, 1e-4, depth=16)


def tiff_colours() -> Iterator[Case]:
    colour = photo(3)
    for bits in (8, 16):
        stored = np.dstack([photo(3, bits), ramp(bits)]).astype(f"<u{bits // 8}")
        make = tiff_of(stored, 2, tags={338: (SHORT, [2])})
        alpha = unit(ramp(bits))[..., 0]
        yield Case(f"tiff-rgba{bits}", ".tif", make, unit(photo(3, bits)), alpha=alpha, depth=bits)
    indices = (np.arange(WIDTH * HEIGHT).reshape(HEIGHT, WIDTH) % 256).astype("u1")
    palette = np.random.default_rng(0).integers(0, 256, (256, 3)).astype(np.uint16) * 257
    make = tiff_of(indices, 3, tags={320: (SHORT, palette.T.reshape(-1).tolist())})
    yield Case("tiff-palette", ".tif", make, unit(palette)[..., 0][indices])
    inks = np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 4), np.uint8)
    paper = 1 - inks / 255
    make = tiff_of(inks, 5)
    told = ("(CMYK) were converted to sRGB without",)
    yield Case("tiff-cmyk", ".tif", make, paper[..., :3] * paper[..., 3:], 0.005, told=told)
    stored = np.asarray(Image.fromarray(colour).convert("YCbCr"))
    make = tiff_of(stored, 6, tags={530: (SHORT, [1, 1])})
    yield Case("tiff-ycbcr", ".tif", make, unit(colour), 0.012)
    lightness = np.linspace(0, 100, WIDTH)[None].repeat(HEIGHT, 0)
    linear = np.where(lightness > 8, ((lightness + 16) / 116) ** 3, lightness / 903.3)
    seen = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    grey = np.repeat(seen[..., None], 3, axis=2)
    flat = np.zeros_like(lightness)
    told = ("the Lab colours were converted",)
    for name, photometric, bits, stored, within in (
        ("cie", 8, 8, np.dstack([lightness * 2.55, flat, flat]), 0.015),
        ("cie", 8, 16, np.dstack([lightness * 655.35, flat, flat]), 0.005),
        ("icc", 9, 8, np.dstack([lightness * 2.55, flat + 128, flat + 128]), 0.015),
        ("icc", 9, 16, np.dstack([lightness * 652.8, flat + 32768, flat + 32768]), 0.005),
    ):
        make = tiff_of(stored.round().astype(f"<u{bits // 8}"), photometric)
        yield Case(
            f"tiff-{name}-lab{bits}",
            ".tif",
            make,
            grey,
            within,
            depth=8 if photometric == 8 and bits == 8 else bits,
            told=told,
        )


def tiff_compressions() -> Iterator[Case]:
    colour, size = Image.fromarray(photo(3)), (WIDTH, HEIGHT)
    for name in ("tiff_lzw", "packbits", "tiff_adobe_deflate", "lzma", "zstd"):
        make = partial(saved, colour, "TIFF", compression=name)
        yield Case(f"tiff-{name}", ".tif", make, unit(photo(3)))
        make = partial(saved, Image.fromarray(photo(1)[..., 0]), "TIFF", compression=name)
        yield Case(f"tiff-grey-{name}", ".tif", make, unit(photo(1)))
    tiles = odd.padded_tiles(photo(3))
    packed = [lzma.compress(tile) for tile in tiles]
    make = partial(odd.tiff, size, [8] * 3, 2, packed, compression=34925, tile=(16, 16))
    yield Case("tiff-lzma-tiles", ".tif", make, unit(photo(3)))
    for number in (34887, 34712, 50002, 1234):  # LERC, JPEG 2000, JPEG XL, none
        make = partial(odd.tiff, size, [8] * 3, 2, tiles, compression=number, tile=(16, 16))
        yield Case(f"tiff-tiles-{number}", ".tif", make, refused="cannot be read here")
    packed = [zlib.compress(tile) for tile in tiles]
    packed[1] = packed[1][:5] + bytes(20) + packed[1][25:]
    make = partial(odd.tiff, size, [8] * 3, 2, packed, compression=8, tile=(16, 16))
    yield Case("tiff-damaged-tile", ".tif", make, refused="damaged or cut short")
    make = partial(odd.tiff, (16 * 20_000, 160), [8] * 3, 2, packed, compression=8, tile=(16, 16))
    yield Case("tiff-claims-many-tiles", ".tif", make, refused="damaged or cut short")
    planes = [np.ascontiguousarray(photo(2)[..., channel]).tobytes() for channel in range(2)]
    make = partial(odd.tiff, size, [8] * 2, 1, planes, planar=2, tags={338: (SHORT, [2])})
    yield Case("tiff-grey-and-alpha-planes", ".tif", make, refused="cannot be read here")
    halves = [
        np.ascontiguousarray(unit(photo(3))[..., i].astype("<f2")).tobytes() for i in range(3)
    ]
    make = partial(odd.tiff, size, [16] * 3, 2, halves, planar=2, sample_format=3)
    yield Case("tiff-half-float-planes", ".tif", make, refused="cannot be read here")
    black = photo(1)[..., 0] > 127
    for name in ("group3", "group4", "tiff_ccitt", "packbits"):
        make = partial(saved, Image.fromarray(black), "TIFF", compression=name)
        yield Case(f"tiff-1-bit-{name}", ".tif", make, unit(black))
    make = partial(saved, colour, "TIFF", compression="jpeg", quality=98)
    yield Case("tiff-jpeg", ".tif", make, unit(photo(3)), 0.05)
    stream = saved(Image.fromarray(photo(3, height=32, width=32)), "JPEG", quality=98)
    tags = {513: (LONG, [8]), 514: (LONG, [len(stream)]), 530: (SHORT, [2, 2])}
    make = partial(odd.tiff, (32, 32), [8] * 3, 6, stream, compression=6, tags=tags)
    yield Case("tiff-old-jpeg", ".tif", make, unit(photo(3, height=32, width=32)), 0.05)
    deep = lzma.compress(photo(3, 16).astype("<u2").tobytes())
    make = partial(odd.tiff, (WIDTH, HEIGHT), [16] * 3, 2, deep, compression=34925)
    yield Case("tiff-lzma16", ".tif", make, unit(photo(3, 16)), 0.005, told=("read with 8",))
    pages = [Image.fromarray(photo(3)), Image.fromarray(photo(1)[..., 0])]
    make = partial(saved, pages[0], "TIFF", save_all=True, append_images=pages[1:])
    yield Case("tiff-two-pages", ".tif", make, unit(photo(3)), frames=2, told=("holds 2 pictures",))
