"""Pictures and metadata for the tests of picture files, made in code."""

from __future__ import annotations

import struct
from functools import cache
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from srgan_desktop.core.images.image import Metadata, Pixels, RasterImage

MAKER_NOTE = b"MAKER\0" + bytes(range(200))
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description tiff:Orientation="6" '
    b'exif:PixelXDimension="7" xmp:Rating="4"><exif:PixelYDimension>5</exif:PixelYDimension>'
    b"</rdf:Description></rdf:RDF></x:xmpmeta>"
)
IPTC = b"\x1c\x02\x50\x00\x07Someone\x1c\x02\x78\x00\x05Words"
KINDS = {
    "grey8": (1, False, np.uint8),
    "greya8": (1, True, np.uint8),
    "rgb8": (3, False, np.uint8),
    "rgba8": (3, True, np.uint8),
    "grey16": (1, False, np.uint16),
    "greya16": (1, True, np.uint16),
    "rgb16": (3, False, np.uint16),
    "rgba16": (3, True, np.uint16),
}


def smooth(height: int, width: int, channels: int, dtype: Any) -> Pixels:
    """Ramps over the full range, which lossy formats keep well."""
    down, across = np.mgrid[0:height, 0:width]
    ramps = [across / (width - 1), down / (height - 1), (across + down) / (width + height - 2)]
    stacked = np.stack(ramps[:channels], axis=-1)
    result: Pixels = (stacked * np.iinfo(dtype).max).round().astype(dtype)
    return result


def picture(kind: str, height: int = 20, width: int = 31, **metadata: Any) -> RasterImage:
    channels, has_alpha, dtype = KINDS[kind]
    alpha = smooth(height, width, 2, dtype)[:, :, 1].copy() if has_alpha else None
    return RasterImage(smooth(height, width, channels, dtype), alpha, Metadata(**metadata))


def noise(kind: str, height: int = 13, width: int = 17, seed: int = 0) -> RasterImage:
    channels, has_alpha, dtype = KINDS[kind]
    random = np.random.default_rng(seed)
    most = int(np.iinfo(dtype).max) + 1
    pixels = random.integers(0, most, (height, width, channels), dtype=dtype)
    alpha = random.integers(0, most, (height, width), dtype=dtype) if has_alpha else None
    return RasterImage(pixels, alpha)


def as_fraction(pixels: Pixels) -> Pixels:
    """0..1 whatever the depth."""
    result: Pixels = pixels.astype(np.float64) / np.iinfo(pixels.dtype).max
    return result


def exif_block(orientation: int = 1, **sizes: int) -> bytes:
    """By Pillow: a camera, a place, maker's data, an interoperability table, sizes."""
    block = Image.Exif()
    block[0x010F] = "Cameramaker"
    block[0x0112] = orientation
    block[0x011A], block[0x011B], block[0x0128] = 240.0, 240.0, 2
    block[0x0100], block[0x0101] = sizes.get("width", 7), sizes.get("height", 5)
    details = block.get_ifd(0x8769)
    details[0x9003] = "2024:05:06 07:08:09"
    details[0x927C] = MAKER_NOTE
    details[0xA002], details[0xA003] = sizes.get("width", 7), sizes.get("height", 5)
    place = block.get_ifd(0x8825)
    place[1], place[2] = "N", (47.0, 30.0, 15.5)
    details[0xA005] = {1: "R98"}
    return block.tobytes().removeprefix(b"Exif\0\0")


def with_thumbnail(block: bytes, thumbnail: bytes) -> bytes:
    """A little-endian block with a second table that describes a thumbnail at the end."""
    order = "<" if block[:2] == b"II" else ">"
    main = struct.unpack_from(order + "I", block, 4)[0]
    next_at = main + 2 + 12 * struct.unpack_from(order + "H", block, main)[0]
    block += bytes(len(block) % 2)
    table, start = len(block), len(block) + 2 + 2 * 12 + 4
    rows = struct.pack(order + "HHIIHHII", 0x201, 4, 1, start, 0x202, 4, 1, len(thumbnail))
    changed = bytearray(block + struct.pack(order + "H", 2) + rows + bytes(4) + thumbnail)
    struct.pack_into(order + "I", changed, next_at, table)
    return bytes(changed)


@cache
def profile(name: str = "sRGB") -> bytes:
    if name == "grey":
        return _grey_profile()
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()  # type: ignore[arg-type]


def wide_profile() -> bytes:
    """One matrix profile whose red and green are exchanged: wrong handling is plain to see."""
    made = bytearray(profile())
    count = struct.unpack_from(">I", made, 128)[0]
    rows = [132 + 12 * number for number in range(count)]
    names = {bytes(made[at : at + 4]): at for at in rows}
    red, green = names[b"rXYZ"] + 4, names[b"gXYZ"] + 4
    made[red : red + 8], made[green : green + 8] = made[green : green + 8], made[red : red + 8]
    return bytes(made)


def _grey_profile() -> bytes:
    """A smallest grey profile: gamma 2.2, white of D50."""
    white = b"XYZ " + bytes(4) + struct.pack(">iii", 63190, 65536, 54061)
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, int(2.2 * 256)) + bytes(2)
    text = b"desc" + bytes(4) + struct.pack(">I", 5) + b"grey\0" + bytes(90)
    text += bytes(-len(text) % 4)
    tags, body = [], b""
    for name, data in ((b"desc", text), (b"wtpt", white), (b"kTRC", curve)):
        tags.append(struct.pack(">4sII", name, 128 + 4 + 36 + len(body), len(data)))
        body += data
    size = 128 + 4 + 36 + len(body)
    head = struct.pack(
        ">I4s4s4s4s4s12x4s", size, bytes(4), b"\x02\x10\0\0", b"mntr", b"GRAY", b"XYZ ", b"acsp"
    )
    head = head.ljust(68, b"\0") + struct.pack(">iii", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", 3) + b"".join(tags) + body


def cmyk_profile() -> bytes:
    """A printing profile made up so that cyan ink looks red: its use is plain to see."""
    table = b"".join(_lab8(number) for number in range(16))
    straight = bytes(range(256))
    matrix = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    lut = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + matrix + straight * 4 + table + straight * 3
    lut += bytes(-len(lut) % 4)
    white = b"XYZ " + bytes(4) + struct.pack(">iii", 63190, 65536, 54061)
    start = 128 + 4 + 24
    tags = struct.pack(">4sII", b"A2B0", start, len(lut))
    tags += struct.pack(">4sII", b"wtpt", start + len(lut), len(white))
    head = struct.pack(
        ">I4s4s4s4s4s12x4s",
        start + len(lut) + len(white),
        bytes(4),
        b"\x02\x10\0\0",
        b"prtr",
        b"CMYK",
        b"Lab ",
        b"acsp",
    )
    head = head.ljust(68, b"\0") + struct.pack(">iii", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", 2) + tags + lut + white


def _lab8(inks: int) -> bytes:
    """Lightness and the two colour axes at one corner; the first ink varies slowest."""
    if inks == 0:
        return bytes((255, 128, 128))
    return bytes((135, 208, 195)) if inks == 8 else bytes((0, 128, 128))
