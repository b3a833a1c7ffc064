"""The files of the corpus in the other formats than PNG and TIFF."""

from __future__ import annotations

import io
import itertools
import struct
from collections.abc import Iterator, Sequence
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
    unit,
)
from image_makers import cmyk_profile, profile, wide_profile
from PIL import Image


def jpegs() -> Iterator[Case]:
    colour, grey = Image.fromarray(photo(3)), Image.fromarray(photo(1)[..., 0])
    for subsampling, progressive, optimize in itertools.product((0, 1, 2), (0, 1), (0, 1)):
        make = partial(
            saved,
            colour,
            "JPEG",
            quality=97,
            subsampling=subsampling,
            progressive=progressive,
            optimize=optimize,
        )
        name = f"jpeg-{subsampling}{'-progressive' if progressive else ''}"
        yield Case(f"{name}{'-optimised' if optimize else ''}", ".jpg", make, unit(photo(3)), 0.06)
    for progressive in (0, 1):
        make = partial(saved, grey, "JPEG", quality=97, progressive=progressive)
        yield Case(f"jpeg-grey-{progressive}", ".jpg", make, unit(photo(1)), 0.03)
    for ending in (".jpe", ".jfif", ".JPEG"):
        make = partial(saved, colour, "JPEG", quality=97, subsampling=0)
        yield Case(f"jpeg-named{ending[1:]}", ending, make, unit(photo(3)), 0.04)
    make = partial(saved, colour, "JPEG", quality=97, subsampling=0, restart_marker_rows=1)
    yield Case("jpeg-restarts", ".jpg", make, unit(photo(3)), 0.04)
    make = partial(saved, colour, "JPEG", quality=97, subsampling=0, keep_rgb=True)
    yield Case("jpeg-stored-as-rgb", ".jpg", make, unit(photo(3)), 0.04)
    inks = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    inks[..., 0], inks[..., 3] = 200, 40
    paper = 1 - inks / 255
    seen = paper[..., :3] * paper[..., 3:]
    cmyk = saved(Image.fromarray(inks, "CMYK"), "JPEG", quality=98)
    told = ("(CMYK) were converted to sRGB without",)
    yield Case("jpeg-cmyk", ".jpg", lambda: cmyk, seen, 0.02, told=told)
    at = cmyk.index(b"\xff\xee\x00\x0eAdobe")
    plain = cmyk[:at] + cmyk[at + 16 :]
    yield Case("jpeg-cmyk-without-marker", ".jpg", lambda: plain, seen, 0.02, told=told)
    two = partial(saved, colour, "MPO", save_all=True, append_images=[colour], quality=97)
    yield Case(
        "mpo-two-pictures", ".jpg", two, unit(photo(3)), 0.06, frames=2, told=("holds 2 pictures",)
    )
    head = saved(colour, "JPEG", quality=97, subsampling=0)
    film = head + b"\0\0\0\x18ftypmp42" + bytes(200)
    yield Case("jpeg-with-a-film-behind", ".jpg", lambda: film, unit(photo(3)), 0.04)
    comment = head[:2] + b"\xff\xfe\x00\x0anote 123" + head[2:]
    yield Case("jpeg-comment-first", ".jpg", lambda: comment, unit(photo(3)), 0.04)
    for name, icc in (("srgb", profile()), ("wide", wide_profile())):
        make = partial(saved, colour, "JPEG", quality=97, subsampling=0, icc_profile=icc)
        yield Case(f"jpeg-{name}-profile", ".jpg", make, unit(photo(3)), 0.04)
    make = partial(saved, colour, "JPEG", quality=97, subsampling=0, icc_profile=cmyk_profile())
    yield Case(
        "jpeg-foreign-profile",
        ".jpg",
        make,
        unit(photo(3)),
        0.04,
        told=("not one for RGB pictures",),
    )
    twelve = bytearray(head)
    twelve[twelve.index(b"\xff\xc0") + 4] = 12
    yield Case("jpeg-12-bits", ".jpg", lambda: bytes(twelve), refused="cannot be read here")


def bitmaps() -> Iterator[Case]:
    colour = photo(3)
    yield Case("bmp-24", ".bmp", partial(saved, Image.fromarray(colour), "BMP"), unit(colour))
    grey = photo(1)
    yield Case("bmp-grey", ".bmp", partial(saved, Image.fromarray(grey[..., 0]), "BMP"), unit(grey))
    black = grey[..., 0] > 127
    yield Case("bmp-1-bit", ".bmp", partial(saved, Image.fromarray(black), "BMP"), unit(black))
    indices = (np.arange(WIDTH * HEIGHT).reshape(HEIGHT, WIDTH) % 256).astype("u1")
    palette = np.random.default_rng(2).integers(0, 256, (256, 3), np.uint8)
    make = partial(saved, palette_image(indices, palette), "BMP")
    yield Case("bmp-palette", ".dib", make, unit(palette[indices]), told=())
    for name, masks, bits, within in (
        ("888", (0xFF0000, 0xFF00, 0xFF), 32, 0.0),
        ("565", (0xF800, 0x7E0, 0x1F), 16, 0.035),
        ("555", (0x7C00, 0x3E0, 0x1F), 16, 0.035),
    ):
        make = partial(odd.bmp_with_masks, colour, masks, bits)
        yield Case(f"bmp-masks-{name}", ".bmp", make, unit(colour), within)
    for name, masks, bits, within in (
        ("444", (0xF00, 0xF0, 0xF), 16, 0.07),
        ("332", (0xE0, 0x1C, 0x3), 16, 0.27),
        ("backwards", (0xFF, 0xFF00, 0xFF0000, 0), 32, 0.0),
        ("high", (0xFF000000, 0xFF0000, 0xFF00), 32, 0.0),
        ("101010", (0x3FF00000, 0xFFC00, 0x3FF), 32, 0.004),
    ):
        make = partial(odd.bmp_with_masks, colour, masks, bits)
        depth = 16 if name == "101010" else 8
        yield Case(f"bmp-masks-{name}", ".bmp", make, unit(colour), within, depth=depth)
    stored, clear = np.dstack([colour, ramp()]), unit(ramp())[..., 0]
    for name, masks, bits, within in (
        ("4444", (0xF00, 0xF0, 0xF, 0xF000), 16, 0.07),
        ("8888", (0xFF000000, 0xFF0000, 0xFF00, 0xFF), 32, 0.0),
    ):
        make = partial(odd.bmp_with_masks, stored, masks, bits)
        yield Case(f"bmp-masks-{name}", ".bmp", make, unit(colour), within, alpha=clear)
    make = partial(odd.bmp_with_masks, colour, (0xF0F00, 0xF0, 0xF), 32)
    yield Case("bmp-masks-torn", ".bmp", make, refused="cannot be read here")
    down = bytearray(saved(Image.fromarray(colour[::-1]), "BMP"))
    down[22:26] = struct.pack("<i", -HEIGHT)
    yield Case("bmp-top-down", ".bmp", lambda: bytes(down), unit(colour))


def gif_seen(indices: Array) -> Array:
    table = np.frombuffer(odd.PALETTE, np.uint8).reshape(4, 3)
    return unit(table[indices])


def gifs() -> Iterator[Case]:
    indices = np.arange(WIDTH * HEIGHT).reshape(HEIGHT, WIDTH) % 4
    first, size = ((0, 0), indices), (WIDTH, HEIGHT)
    seen = gif_seen(indices)
    yield Case("gif", ".gif", partial(odd.gif, size, [first]), seen)
    yield Case("gif-no-time", ".gif", partial(odd.gif, size, [first], delay=None, loop=None), seen)
    clear = np.where(indices == 2, 0.0, 1.0)
    make = partial(odd.gif, size, [first], transparent=2)
    yield Case("gif-clear", ".gif", make, seen, alpha=clear)
    far = ((60_000, 60_000), indices[:1, :1])
    over = ((WIDTH - 2, HEIGHT - 2), indices[:6, :6])
    told = ("holds 2 pictures",)
    for name, second in (("inside", ((3, 2), indices[:5, :7])), ("far", far), ("over", over)):
        make = partial(odd.gif, size, [first, second])
        yield Case(f"gif-second-{name}", ".gif", make, seen, frames=2, told=told)
    lone = partial(odd.gif, size, [((3, 2), indices[:5, :7])])
    empty = np.zeros((HEIGHT, WIDTH, 3))
    empty[2:7, 3:10] = seen[:5, :7]
    covered = np.zeros((HEIGHT, WIDTH))
    covered[2:7, 3:10] = 1
    yield Case("gif-part-of-the-canvas", ".gif", lone, empty)


def webps() -> Iterator[Case]:
    colour, alpha = photo(3), ramp()
    make = partial(saved, Image.fromarray(colour), "WEBP", lossless=True)
    yield Case("webp-exact", ".webp", make, unit(colour))
    stored = np.dstack([colour, alpha])
    make = partial(saved, Image.fromarray(stored), "WEBP", lossless=True, exact=True)
    yield Case("webp-exact-alpha", ".webp", make, unit(colour), alpha=unit(alpha)[..., 0])
    for quality in (60, 95):
        make = partial(saved, Image.fromarray(colour), "WEBP", quality=quality)
        yield Case(f"webp-{quality}", ".webp", make, unit(colour), 0.15)
    frames = [Image.fromarray(colour), Image.fromarray(colour[::-1])]
    make = partial(saved, frames[0], "WEBP", lossless=True, save_all=True, append_images=frames[1:])
    yield Case("webp-moving", ".webp", make, unit(colour), frames=2, told=("holds 2 pictures",))


def avifs() -> Iterator[Case]:
    for bits in (8, 10, 12):
        pixels = photo(3, 8 if bits == 8 else 16)
        make = partial(
            by_vips, pixels, ".avif", bitdepth=bits, Q=98, subsample_mode="off", effort=0
        )
        yield Case(f"avif-{bits}", ".avif", make, unit(pixels), 0.05, depth=8 if bits == 8 else 16)
    stored = np.dstack([photo(3), ramp()])
    make = partial(
        saved, Image.fromarray(stored), "AVIF", quality=98, subsampling="4:4:4", speed=10
    )
    alpha = unit(ramp())[..., 0]
    yield Case("avif-alpha", ".avif", make, unit(photo(3)), 0.05, alpha=alpha)


def heics() -> Iterator[Case]:
    colour = photo(3, height=64, width=64)
    yield Case("heic", ".heic", partial(heic, [colour]), unit(colour), 0.05)
    yield Case("heic-named-hif", ".HIF", partial(heic, [colour]), unit(colour), 0.05)
    yield Case(
        "heic-two",
        ".heic",
        partial(heic, [colour, colour[::-1]]),
        unit(colour),
        0.05,
        frames=2,
        told=("holds 2 pictures",),
    )


def heic(pictures: Sequence[Array]) -> bytes:
    import pillow_heif

    first, *rest = (np.ascontiguousarray(pixels) for pixels in pictures)
    file = pillow_heif.from_bytes(mode="RGB", size=first.shape[1::-1], data=first.tobytes())
    for pixels in rest:
        file.add_frombytes(mode="RGB", size=pixels.shape[1::-1], data=pixels.tobytes())
    out = io.BytesIO()
    file.save(out, quality=95, chroma="444")
    return out.getvalue()


def jpeg2000s() -> Iterator[Case]:
    for name, pixels in (("grey", photo(1)), ("rgb", photo(3))):
        for ending in (".jp2", ".j2k"):
            image = Image.fromarray(pixels[..., 0] if name == "grey" else pixels)
            make = partial(saved, image, "JPEG2000", no_jp2=ending == ".j2k")
            yield Case(f"jpeg2000-{name}-{ending[1:]}", ending, make, unit(pixels))
    stored = Image.fromarray(np.dstack([photo(3), ramp()]))
    make = partial(saved, stored, "JPEG2000")
    yield Case("jpeg2000-alpha", ".jp2", make, unit(photo(3)), alpha=unit(ramp())[..., 0])
    make = partial(saved, Image.fromarray(photo(1, 16)[..., 0]), "JPEG2000")
    yield Case("jpeg2000-grey16", ".jp2", make, unit(photo(1, 16)), depth=16)
    for bits in (2, 4):
        values = photo(3) >> (8 - bits)
        make = partial(odd.jpeg2000_of_bits, values << (8 - bits), bits)
        yield Case(f"jpeg2000-rgb{bits}", ".j2k", make, values / ((1 << bits) - 1), 0.001)
    for bits in (10, 12, 16):
        # white among it, which Pillow takes for black
        make = partial(odd.jpeg2000_of_bits, photo(3), bits)
        told = (f"has {bits} bits per channel",)
        yield Case(f"jpeg2000-rgb{bits}", ".j2k", make, unit(photo(3)), 0.02, told=told)


def jpeg_xls() -> Iterator[Case]:
    for name, pixels in (("grey", photo(1)), ("rgb", photo(3))):
        image = Image.fromarray(pixels[..., 0] if name == "grey" else pixels)
        make = partial(jxl, image)
        yield Case(f"jxl-{name}", ".jxl", make, unit(pixels))


def jxl(image: Image.Image) -> bytes:
    import pillow_jxl  # noqa: F401 - makes Pillow write it

    return saved(image, "JXL", lossless=True)


def portable_maps() -> Iterator[Case]:
    grey, colour = photo(1), photo(3)
    words = " ".join(map(str, colour.reshape(-1).tolist())).encode()
    heads = f"{WIDTH} {HEIGHT}\n255\n".encode()
    yield Case("ppm", ".ppm", lambda: b"P6\n" + heads + colour.tobytes(), unit(colour))
    yield Case("ppm-words", ".ppm", lambda: b"P3\n# note\n" + heads + words, unit(colour))
    yield Case("pgm", ".pgm", lambda: b"P5\n" + heads + grey.tobytes(), unit(grey))
    deep = photo(1, 16)
    head = f"P5\n{WIDTH} {HEIGHT}\n65535\n".encode()
    yield Case("pgm16", ".pgm", lambda: head + deep.astype(">u2").tobytes(), unit(deep), depth=16)
    black = grey[..., 0] > 127
    make = partial(saved, Image.fromarray(black), "PPM")
    yield Case("pbm", ".pbm", make, unit(black))
