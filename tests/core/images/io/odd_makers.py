"""Files that no library writes, put together byte by byte: TIFF, GIF and PNG of odd kinds."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

# TIFF: field type -> struct code, and how many codes make one value
_TIFF_CODES = {1: ("B", 1), 3: ("H", 1), 4: ("I", 1), 5: ("I", 2), 7: ("B", 1), 16: ("Q", 1)}
SHORT, LONG, RATIONAL = 3, 4, 5
PALETTE = bytes((0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255))

Tags = Mapping[int, tuple[int, Sequence[int]]]


def tiff(
    size: tuple[int, int],
    bits: Sequence[int],
    photometric: int | None,
    data: bytes | Sequence[bytes],
    *,
    compression: int = 1,
    planar: int = 1,
    sample_format: int = 1,
    tile: tuple[int, int] | None = None,
    rows: int | None = None,
    order: str = "<",
    big: bool = False,
    tags: Tags | None = None,
) -> bytes:
    """A file of one picture: width and height, the bits of each sample, its strips or tiles."""
    pieces = [data] if isinstance(data, bytes) else list(data)
    start = 16 if big else 8
    body, places = b"", []
    for piece in pieces:
        places.append(start + len(body))
        body += piece + bytes(len(piece) % 2)
    samples = len(bits)
    fields: dict[int, tuple[int, Sequence[int]]] = {
        256: (LONG, [size[0]]),
        257: (LONG, [size[1]]),
        258: (SHORT, bits),
        259: (SHORT, [compression]),
        277: (SHORT, [samples]),
        284: (SHORT, [planar]),
        339: (SHORT, [sample_format] * samples),
    }
    if photometric is not None:
        fields[262] = (SHORT, [photometric])
    if tile:
        fields |= {322: (LONG, [tile[0]]), 323: (LONG, [tile[1]])}
    else:
        fields[278] = (LONG, [rows or size[1]])
    fields[324 if tile else 273] = (LONG, places)
    fields[325 if tile else 279] = (LONG, [len(piece) for piece in pieces])
    fields |= dict(tags or {})
    head = (b"II" if order == "<" else b"MM") + (
        struct.pack(order + "HHHQ", 43, 8, 0, start + len(body))
        if big
        else struct.pack(order + "HI", 42, start + len(body))
    )
    return head + body + _tiff_table(fields, start + len(body), order, big)


def _tiff_table(
    fields: Mapping[int, tuple[int, Sequence[int]]], at: int, order: str, big: bool
) -> bytes:
    count_code, pointer, room, row = ("Q", "Q", 8, 20) if big else ("H", "I", 4, 12)
    count = struct.pack(order + count_code, len(fields))
    after = at + len(count) + row * len(fields) + room
    rows, values = b"", b""
    for tag in sorted(fields):
        kind, numbers = fields[tag]
        code, each = _TIFF_CODES[kind]
        stored = struct.pack(f"{order}{len(numbers)}{code}", *numbers)
        rows += struct.pack(order + "HH" + pointer, tag, kind, len(numbers) // each)
        if len(stored) <= room:
            rows += stored.ljust(room, b"\0")
        else:
            rows += struct.pack(order + pointer, after + len(values))
            values += stored + bytes(len(stored) % 2)
    return count + rows + bytes(room) + values


def padded_tiles(pixels: np.ndarray, side: int = 16) -> list[bytes]:
    """The square tiles of (H, W) or (H, W, C), row by row, filled up with zeros."""
    height, width = pixels.shape[:2]
    pad = [(0, -height % side), (0, -width % side)] + [(0, 0)] * (pixels.ndim - 2)
    full = np.pad(pixels, pad)
    return [
        full[top : top + side, left : left + side].tobytes()
        for top in range(0, full.shape[0], side)
        for left in range(0, full.shape[1], side)
    ]


def packed_12_bits(values: np.ndarray) -> bytes:
    """Rows of an even number of values 0..4095, two in three bytes."""
    first, second = values[..., ::2].astype(int), values[..., 1::2].astype(int)
    triple = np.stack([first >> 4, (first & 15) << 4 | second >> 8, second & 255], axis=-1)
    return triple.astype(np.uint8).tobytes()


def gif(
    size: tuple[int, int],
    frames: Sequence[tuple[tuple[int, int], np.ndarray]],
    *,
    delay: int | None = 10,
    loop: int | None = 0,
    transparent: int | None = None,
    disposal: int = 1,
) -> bytes:
    """Frames are (left, top) and indices 0..3 into ``PALETTE``, (H, W). delay in hundredths."""
    parts = [b"GIF89a", struct.pack("<HHBBB", *size, 0x91, 0, 0), PALETTE]
    if loop is not None:
        parts.append(b"\x21\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<H", loop) + b"\0")
    for (left, top), pixels in frames:
        if delay is not None:
            flags = disposal << 2 | (transparent is not None)
            parts.append(b"\x21\xf9\x04" + struct.pack("<BHBB", flags, delay, transparent or 0, 0))
        place = struct.pack("<HHHHB", left, top, pixels.shape[1], pixels.shape[0], 0)
        parts.append(b"," + place + _lzw(pixels.reshape(-1).tolist()))
    return b"".join(parts) + b";"


def _lzw(indices: Sequence[int]) -> bytes:
    """Codes of three bits, the table cleared before it would need more."""
    codes = [code for at in range(0, len(indices), 2) for code in (4, *indices[at : at + 2])]
    stream = sum(code << 3 * n for n, code in enumerate((*codes, 5)))
    data = stream.to_bytes((3 * (len(codes) + 1) + 7) // 8, "little")
    blocks = [data[at : at + 255] for at in range(0, len(data), 255)]
    return b"\2" + b"".join(bytes((len(block),)) + block for block in blocks) + b"\0"


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(pixels: np.ndarray, *chunks: tuple[bytes, bytes]) -> bytes:
    """8 bits by Pillow, with chunks put behind the header."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    data = out.getvalue()
    return data[:33] + b"".join(png_chunk(*chunk) for chunk in chunks) + data[33:]


def gamma_chunk(gamma: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", round(gamma * 100_000))


def chromaticity_chunk(*points: float) -> tuple[bytes, bytes]:
    """White, red, green, blue, x before y."""
    return b"cHRM", struct.pack(">8I", *(round(value * 100_000) for value in points))


def bmp_with_masks(pixels: np.ndarray, masks: Sequence[int], bits: int) -> bytes:
    """(H, W, 3 or 4) uint8 with the bits of each channel where its mask says."""
    packed = np.zeros(pixels.shape[:2], np.uint32)
    for channel, mask in enumerate(masks[: pixels.shape[2]]):
        shift = (mask & -mask).bit_length() - 1
        width = (mask >> shift).bit_length()
        values = pixels[..., channel].astype(np.uint32) << 8 >> (16 - width)
        packed |= values << shift
    rows = packed[::-1].astype("<u4" if bits == 32 else "<u2")
    lines = b"".join(row.tobytes() + bytes(-len(row.tobytes()) % 4) for row in rows)
    height, width = pixels.shape[:2]
    count = pixels.shape[2]
    start, kind = 14 + 40 + 4 * count, 6 if count == 4 else 3
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, kind, len(lines), 0, 0, 0, 0)
    head = b"BM" + struct.pack("<IHHI", start + len(lines), 0, 0, start)
    return head + info + struct.pack(f"<{count}I", *masks[:count]) + lines


def jpeg2000_of_bits(pixels: np.ndarray, bits: int) -> bytes:
    """(H, W, 3) uint8 as numbers of so many bits: what is stored is relative to them."""
    out = io.BytesIO()
    options = {"irreversible": True, "quality_mode": "dB", "quality_layers": [50]}
    Image.fromarray(pixels).save(out, "JPEG2000", no_jp2=True, **options)
    data = bytearray(out.getvalue())
    for at in (42, 45, 48):
        data[at] = bits - 1
    return bytes(data)
