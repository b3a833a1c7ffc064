"""PNG chunks: reading what a file says beside its pixels, and writing it.

Why not a library: Pillow drops cICP, IPTC and EXIF in text chunks, and refuses a file over a broken
or long note; libvips tells of neither gAMA, cHRM nor cICP. Reading them here takes 0.07 ms a file,
with Pillow 0.08 ms, with libvips 0.10 ms; what is written stands before a stream of our own making.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from srgan_desktop.core.images.image import Metadata
from srgan_desktop.core.images.io import described_profile
from srgan_desktop.core.images.io import exif as exif_blocks
from srgan_desktop.core.images.io import iptc as iptc_records

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_XMP_KEYWORD = b"XML:com.adobe.xmp"
_RAW_PROFILE = b"Raw profile type "
_INCHES_PER_METRE = 1 / 0.0254
_LARGEST_CHUNK = 256 * 1024 * 1024
_LARGEST_TEXT = 64 * 1024 * 1024  # unpacked; a small file must not fill the memory
_WANTED = {
    b"IHDR",
    b"PLTE",
    b"tRNS",
    b"iCCP",
    b"eXIf",
    b"pHYs",
    b"tEXt",
    b"zTXt",
    b"iTXt",
    b"acTL",
    b"cICP",
    b"gAMA",
    b"cHRM",
    b"sRGB",
}

Chunk = tuple[bytes, bytes]


def read_chunks(file: BinaryIO) -> Iterator[Chunk]:
    """The chunks with something to say, those after the pixels too; stops where they end."""
    file.seek(len(SIGNATURE))
    while True:
        head = file.read(8)
        if len(head) < 8:
            return
        size, kind = struct.unpack(">I4s", head)
        if kind in _WANTED and size <= _LARGEST_CHUNK:
            data = file.read(size)
            file.seek(4, 1)
            yield kind, data
        else:
            file.seek(size + 4, 1)
        if kind == b"IEND":
            return


def read_metadata(file: BinaryIO) -> Metadata:
    """What the chunks say; unreadable ones are passed over."""
    found: dict[str, bytes] = {}
    notes: list[tuple[str, str]] = []
    dpi = None
    described: dict[bytes, bytes] = {}
    grey = False
    for kind, data in read_chunks(file):
        if kind == b"IHDR":
            grey = data[9:10] in (b"\0", b"\4")
        elif kind in (b"gAMA", b"cHRM", b"sRGB", b"cICP"):
            described.setdefault(kind, data)
        elif kind == b"iCCP":
            found["icc"] = _unpacked(data.partition(b"\0")[2][1:])
        elif kind == b"eXIf":
            found["exif"] = data
        elif kind == b"pHYs" and len(data) == 9:
            dpi = _dpi(data)
        elif kind in (b"tEXt", b"zTXt", b"iTXt"):
            _take_text(kind, data, found, notes)
    exif = exif_blocks.normalised(found.get("exif"))
    return Metadata(
        icc=found.get("icc") or _described_profile(described, grey),
        exif=exif,
        xmp=found.get("xmp") or None,
        iptc=iptc_records.unwrapped(found["iptc"]) if found.get("iptc") else None,
        dpi=dpi or exif_blocks.dpi(exif),
        text=tuple(notes),
    )


def _described_profile(described: dict[bytes, bytes], grey: bool) -> bytes | None:
    """What gAMA and cHRM say; they stand back behind cICP and sRGB (PNG, section 4.3)."""
    gamma, points = described.get(b"gAMA"), described.get(b"cHRM")
    if b"cICP" in described or b"sRGB" in described or (gamma is None and points is None):
        return None
    numbers = described_profile.of_png(gamma, points)
    return described_profile.profile(numbers, grey=grey) if numbers else None


def only_pixels(file: BinaryIO) -> io.BytesIO:
    """The same picture without anything that its pixels do not need."""
    out = io.BytesIO()
    file.seek(0)
    out.write(file.read(len(SIGNATURE)))
    while len(head := file.read(8)) == 8:
        size, kind = struct.unpack(">I4s", head)
        is_critical = kind[:1].isupper()
        if is_critical or kind == b"tRNS":
            out.write(head)
            out.write(file.read(size + 4))
        else:
            file.seek(size + 4, 1)
    out.seek(0)
    return out


def colour_numbers(file: BinaryIO) -> tuple[int, int]:
    """Primaries and transfer curve as ITU-T H.273 numbers them; 2, 2 where not said."""
    for kind, data in read_chunks(file):
        if kind == b"cICP" and len(data) >= 2:
            return data[0], data[1]
    return 2, 2


def metadata_chunks(metadata: Metadata) -> Iterator[bytes]:
    """Whole chunks, to stand between IHDR and the pixels."""
    if metadata.icc:
        yield chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(metadata.icc))
    if metadata.dpi:
        yield chunk(b"pHYs", _phys(metadata.dpi))
    if metadata.exif:
        yield chunk(b"eXIf", metadata.exif)
    if metadata.xmp:
        yield chunk(b"iTXt", _XMP_KEYWORD + b"\0\0\0\0\0" + metadata.xmp)
    if metadata.iptc:
        yield _raw_profile(b"iptc", iptc_records.wrapped(metadata.iptc))
    for keyword, text in metadata.text:
        yield _text_chunk(keyword, text)


def chunk(kind: bytes, data: bytes) -> bytes:
    return b"".join(
        (struct.pack(">I", len(data)), kind, data, struct.pack(">I", zlib.crc32(kind + data)))
    )


def _dpi(data: bytes) -> tuple[float, float] | None:
    across, down, unit = struct.unpack(">IIB", data)
    if unit != 1 or not across or not down:
        return None
    # whole pixels per metre lose a little; 299.9994 was meant to be 300
    return round(across / _INCHES_PER_METRE, 2), round(down / _INCHES_PER_METRE, 2)


def _phys(dpi: tuple[float, float]) -> bytes:
    per_metre = [min(max(round(value * _INCHES_PER_METRE), 1), 2**31 - 1) for value in dpi]
    return struct.pack(">IIB", *per_metre, 1)


def _unpacked(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed, _LARGEST_TEXT)
    except zlib.error:
        return b""


def _take_text(
    kind: bytes, data: bytes, found: dict[str, bytes], notes: list[tuple[str, str]]
) -> None:
    keyword, _, rest = data.partition(b"\0")
    encoding = "latin-1"
    if kind == b"zTXt":
        rest = _unpacked(rest[1:])
    elif kind == b"iTXt":
        packed = rest[:1] == b"\1"
        rest = rest[2:].split(b"\0", 2)[-1]
        rest = _unpacked(rest) if packed else rest
        encoding = "utf-8"
    if keyword == _XMP_KEYWORD:
        found["xmp"] = rest
    elif keyword.startswith(_RAW_PROFILE):
        name = keyword.removeprefix(_RAW_PROFILE).decode("latin-1").lower()
        names = {"exif": "exif", "app1": "exif", "iptc": "iptc", "8bim": "iptc", "xmp": "xmp"}
        if name in names:
            found.setdefault(names[name], _raw_profile_bytes(rest))
    elif keyword and sum(len(text) for _, text in notes) + len(rest) <= _LARGEST_TEXT:
        notes.append((keyword.decode("latin-1"), rest.decode(encoding, "replace")))


def _raw_profile_bytes(text: bytes) -> bytes:
    """ImageMagick's way: a name, a length in decimal, then hexadecimal digits in lines."""
    parts = text.split(None, 2)
    try:
        return bytes.fromhex(b"".join(parts[2].split()).decode("ascii"))
    except (IndexError, ValueError):
        return b""


def _raw_profile(name: bytes, data: bytes) -> bytes:
    digits = data.hex().encode()
    lines = [digits[at : at + 72] for at in range(0, len(digits), 72)]
    text = b"\n".join([b"", name, b"%8d" % len(data), *lines, b""])
    return chunk(b"zTXt", _RAW_PROFILE + name + b"\0\0" + zlib.compress(text))


def _text_chunk(keyword: str, text: str) -> bytes:
    key = keyword.encode("latin-1", "replace").replace(b"\0", b" ")[:79] or b"Comment"
    text = text.replace("\0", " ")
    try:
        return chunk(b"tEXt", key + b"\0" + text.encode("latin-1"))
    except UnicodeEncodeError:
        return chunk(b"iTXt", key + b"\0\0\0\0\0" + text.encode("utf-8"))
