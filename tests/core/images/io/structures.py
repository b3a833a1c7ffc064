"""Mutations that know how files are built: of tables, segments, boxes, chunks and lengths."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np

_LEAST_BYTES = 16

Random = np.random.Generator
Place = tuple[int, str]  # where a number stands, and its struct code

_EXTREMES = (0, 1, 2, 3, 7, 0x7F, 0x80, 0xFF, 0xFFFF, 1 << 16, 1 << 24, 2**31 - 1, 2**31, 2**32 - 1)


def numbers(data: bytearray, random: Random) -> bool:
    """One to three of the numbers of its structure are others. False where it has none."""
    places = list(_places(data)) if len(data) > _LEAST_BYTES else []
    if not places:
        return False
    for _ in range(int(random.integers(1, 4))):
        at, code = places[int(random.integers(len(places)))]
        size = struct.calcsize(code)
        (old,) = struct.unpack_from(code, data, at)
        near = old + int(random.integers(-3, 4))
        extreme = _EXTREMES[int(random.integers(len(_EXTREMES)))]
        value = near if random.random() < 0.4 else extreme
        struct.pack_into(code, data, at, value & ((1 << 8 * size) - 1))
    return True


def parts(data: bytearray, random: Random) -> bool:
    """A part is missing, there twice or in another's place. False where there are too few."""
    spans = list(_spans(data)) if len(data) > _LEAST_BYTES else []
    if len(spans) < 2:
        return False
    first, second = sorted(int(i) for i in random.integers(len(spans), size=2))
    (start, end), (other, other_end) = spans[first], spans[second]
    choice = int(random.integers(3))
    if choice == 0:
        del data[start:end]
    elif choice == 1 or first == second:
        data[other:other] = data[start:end]
    else:
        data[start:other_end] = data[other:other_end] + data[end:other] + data[start:end]
    return True


def _places(data: bytearray) -> Iterator[Place]:
    if data[:4] in (b"II*\0", b"MM\0*"):
        yield from _tiff(data)
    elif data[:2] == b"\xff\xd8":
        for at, size in _segments(data):
            yield at + 2, ">H"
            yield from ((spot, ">B") for spot in range(at + 4, at + min(size, 24)))
    elif data[:4] == b"RIFF":
        yield from ((at + 4, "<I") for at, _ in _spans(data))
    elif data[4:8] in (b"ftyp", b"jP  "):
        yield from ((at, ">I") for at, _ in _boxes(data, 0, len(data)))
    elif data[:4] == b"\xff\x4f\xff\x51":
        yield from ((at, ">B") for at in range(4, min(len(data), 120)))
    elif data[:3] == b"GIF":
        yield from _gif(data)
    elif data[:2] == b"BM":
        yield from ((at, "<I") for at in range(10, min(len(data) - 4, 70), 4))


def _tiff(data: bytearray) -> Iterator[Place]:
    """Each entry's tag, kind, count and value, and where the next table is."""
    order = "<" if data[:2] == b"II" else ">"
    (table,) = struct.unpack_from(order + "I", data, 4)
    if table + 2 > len(data):
        return
    (count,) = struct.unpack_from(order + "H", data, table)
    yield table, order + "H"
    for at in range(table + 2, min(table + 2 + 12 * count, len(data) - 12), 12):
        yield at, order + "H"
        yield at + 2, order + "H"
        yield at + 4, order + "I"
        yield at + 8, order + "I"
        yield at + 8, order + "H"


def _gif(data: bytearray) -> Iterator[Place]:
    """Sizes of the canvas and, with its flags and first length, of what looks like a frame."""
    yield from ((at, "<H") for at in (6, 8))
    at = data.find(b",", 13)
    while 0 <= at < len(data) - 12:
        yield from ((at + 1 + 2 * number, "<H") for number in range(4))
        yield from ((at + 9 + number, "<B") for number in range(3))
        at = data.find(b",", at + 1)


def _spans(data: bytearray) -> Iterator[tuple[int, int]]:
    """Start and end of each part at the top level."""
    if data[:2] == b"\xff\xd8":
        yield from ((at, at + size) for at, size in _segments(data))
    elif data[:4] == b"\x89PNG":
        at = 8
        while at + 12 <= len(data):
            size = 12 + int.from_bytes(data[at : at + 4], "big")
            if at + size > len(data):
                return
            yield at, at + size
            at += size
    elif data[:4] == b"RIFF":
        at = 12
        while at + 8 <= len(data):
            size = 8 + (int.from_bytes(data[at + 4 : at + 8], "little") + 1) // 2 * 2
            yield at, min(at + size, len(data))
            at += size
    elif data[4:8] in (b"ftyp", b"jP  "):
        yield from _boxes(data, 0, len(data), deep=False)


def _segments(data: bytearray) -> Iterator[tuple[int, int]]:
    """Markers of a JPEG up to its first scan: where, and how long with their marker."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        size = 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if at + size > len(data):
            return
        yield at, size
        if data[at + 1] == 0xDA:
            return
        at += size


_HOLDERS = {b"meta": 12, b"iprp": 8, b"ipco": 8, b"jp2h": 8, b"moov": 8, b"trak": 8, b"iinf": 14}


def _boxes(data: bytearray, at: int, end: int, *, deep: bool = True) -> Iterator[tuple[int, int]]:
    while at + 8 <= end:
        size = int.from_bytes(data[at : at + 4], "big") or end - at
        if size < 8 or at + size > end:
            return
        yield at, at + size
        head = _HOLDERS.get(bytes(data[at + 4 : at + 8]))
        if head and deep:
            yield from _boxes(data, at + head, at + size)
        at += size
