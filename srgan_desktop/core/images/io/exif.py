"""EXIF blocks, read and changed in place.

An EXIF block is a small TIFF structure: tables of 12-byte entries that point to values by their
offset from the block's start. Makers' private data are blobs that may hold such offsets, too, so
nothing is ever moved: values are overwritten where they are.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Buffer = bytes | bytearray | memoryview

ORIENTATION = 0x0112
EXIF_IFD, GPS_IFD, INTEROP_IFD = 0x8769, 0x8825, 0xA005
_WIDTH, _HEIGHT = 0x0100, 0x0101
_X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT = 0x011A, 0x011B, 0x0128
_PIXEL_X, _PIXEL_Y = 0xA002, 0xA003
_THUMBNAIL_AT, _THUMBNAIL_SIZE = 0x0201, 0x0202
_SHORT, _LONG, _RATIONAL = 3, 4, 5
KIND_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}


@dataclass(frozen=True)
class Entry:
    """One entry of a table: ``at`` is where it stands, ``value_at`` where its value does."""

    tag: int
    kind: int
    count: int
    at: int
    value_at: int

    @property
    def size(self) -> int:
        """Bytes of the value."""
        return KIND_BYTES[self.kind] * self.count


def normalised(raw: bytes | None) -> bytes | None:
    """The block without JPEG's prefix; None where there is none or it is not readable."""
    if not raw:
        return None
    block = raw.removeprefix(b"Exif\0\0")
    if block[:4] not in (b"II*\0", b"MM\0*") or len(block) < 14:
        return None
    return bytes(block) if entries(block, first_table(block)) else None


def byte_order(block: Buffer) -> str:
    """``<`` or ``>``, as struct has it."""
    return "<" if bytes(block[:2]) == b"II" else ">"


def first_table(block: Buffer) -> int:
    """The offset of the first table, IFD0."""
    return int(struct.unpack_from(byte_order(block) + "I", block, 4)[0])


def entries(block: Buffer, table: int) -> tuple[Entry, ...]:
    """The sound entries of the table at that offset; those that point outside are left out."""
    order = byte_order(block)
    if not 8 <= table <= len(block) - 2:
        return ()
    count = struct.unpack_from(order + "H", block, table)[0]
    found = []
    for number in range(count):
        at = table + 2 + 12 * number
        if at + 12 > len(block):
            break
        tag, kind, items = struct.unpack_from(order + "HHI", block, at)
        size = KIND_BYTES.get(kind, 0) * items
        value_at = at + 8 if size <= 4 else struct.unpack_from(order + "I", block, at + 8)[0]
        if kind in KIND_BYTES and value_at + size <= len(block):
            found.append(Entry(tag, kind, items, at, value_at))
    return tuple(found)


def find(block: Buffer, table: int, tag: int) -> Entry | None:
    return next((entry for entry in entries(block, table) if entry.tag == tag), None)


def sub_table(block: Buffer, table: int, tag: int) -> int | None:
    """The offset of the table to which that entry points, None where there is none."""
    entry = find(block, table, tag)
    return _integer(block, entry) if entry else None


def orientation(block: bytes | None) -> int:
    """1..8 as EXIF numbers them; 1, upright, where nothing valid is said."""
    if block is None:
        return 1
    entry = find(block, first_table(block), ORIENTATION)
    value = _integer(block, entry) if entry else None
    return value if value is not None and 1 <= value <= 8 else 1


def dpi(block: bytes | None) -> tuple[float, float] | None:
    """Pixels per inch, None where not said or not meaningful."""
    if block is None:
        return None
    return dpi_of_table(block, first_table(block))


def dpi_of_table(block: Buffer, table: int) -> tuple[float, float] | None:
    """As ``dpi``, from the table at that offset."""
    across, down = (find(block, table, tag) for tag in (_X_RESOLUTION, _Y_RESOLUTION))
    unit_entry = find(block, table, _RESOLUTION_UNIT)
    unit = (_integer(block, unit_entry) if unit_entry else None) or 2
    per_inch = {2: 1.0, 3: 2.54}.get(unit)
    values = [_rational(block, entry) for entry in (across, down)]
    if per_inch is None or values[0] is None or values[1] is None:
        return None
    return values[0] * per_inch, values[1] * per_inch


def upright(block: bytes) -> bytes:
    """The block with its orientation set to 1, for pixels that have been turned."""
    changed = bytearray(block)
    entry = find(changed, first_table(changed), ORIENTATION)
    if entry:
        _set_integer(changed, entry, 1)
    return bytes(changed)


def fitted(block: bytes, width: int, height: int) -> bytes:
    """The block for a picture of another size: sizes corrected, the old thumbnail gone."""
    changed = bytearray(upright(block))
    main = first_table(changed)
    _set_where_present(changed, main, {_WIDTH: width, _HEIGHT: height})
    details = sub_table(changed, main, EXIF_IFD)
    if details is not None:
        _set_where_present(changed, details, {_PIXEL_X: width, _PIXEL_Y: height})
    return bytes(_without_thumbnail(changed))


def without_entry(block: bytes, tag: int) -> bytes:
    """The block whose first table lacks that entry; no value moves."""
    changed = bytearray(block)
    main = first_table(changed)
    entry = find(changed, main, tag)
    if entry is None:
        return block
    order = byte_order(changed)
    count = struct.unpack_from(order + "H", changed, main)[0]
    end = main + 2 + 12 * count + 4  # the pointer to the next table moves up with the entries
    if end > len(changed):
        return block
    changed[entry.at : end] = changed[entry.at + 12 : end] + bytes(12)
    struct.pack_into(order + "H", changed, main, count - 1)
    # values of up to four bytes stand in the entries themselves, and those moved with them
    return bytes(changed)


def with_dpi(block: bytes, resolution: tuple[float, float]) -> bytes:
    """The block with this resolution, in pixels per inch, whatever it said before.

    The first table is written anew at the end; the values that it points to stay where they are.
    """
    order, main = byte_order(block), first_table(block)
    changed = bytearray(block + bytes(len(block) % 2))
    said = {_X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT}
    rows = [bytes(block[e.at : e.at + 12]) for e in entries(block, main) if e.tag not in said]
    value_at = len(changed)
    changed += rational(resolution[0], order) + rational(resolution[1], order)
    for tag, at in ((_X_RESOLUTION, value_at), (_Y_RESOLUTION, value_at + 8)):
        rows.append(struct.pack(order + "HHII", tag, _RATIONAL, 1, at))
    rows.append(struct.pack(order + "HHIHH", _RESOLUTION_UNIT, _SHORT, 1, 2, 0))
    rows.sort(key=lambda row: int(struct.unpack(order + "H", row[:2])[0]))
    struct.pack_into(order + "I", changed, 4, len(changed))
    return bytes(changed + struct.pack(order + "H", len(rows)) + b"".join(rows) + bytes(4))


def only_dpi(resolution: tuple[float, float]) -> bytes:
    """A new block that says nothing but the resolution, in pixels per inch."""
    return build(
        "<",
        [
            (_X_RESOLUTION, _RATIONAL, 1, rational(resolution[0])),
            (_Y_RESOLUTION, _RATIONAL, 1, rational(resolution[1])),
            (_RESOLUTION_UNIT, _SHORT, 1, struct.pack("<H", 2)),
        ],
    )


def rational(value: float, order: str = "<") -> bytes:
    """A TIFF RATIONAL near value, exact for up to four digits after the point."""
    return struct.pack(order + "II", min(round(value * 10_000), 2**32 - 1), 10_000)


Field = tuple[int, int, int, bytes]  # tag, kind, count, value


def build(order: str, main: Sequence[Field], **tables: Sequence[Field]) -> bytes:
    """A new block from the fields of IFD0 and, by the names exif, gps and interop, of the others.

    Values are bytes in the byte order given (``<`` or ``>``).
    """
    block = bytearray((b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8))
    pointers = {EXIF_IFD: tables.get("exif", ()), GPS_IFD: tables.get("gps", ())}
    spots = _append(block, order, main, [tag for tag, fields in pointers.items() if fields])
    for tag, spot in spots.items():
        struct.pack_into(order + "I", block, spot, len(block))
        interop = tables.get("interop", ()) if tag == EXIF_IFD else ()
        inner = _append(block, order, pointers[tag], [INTEROP_IFD] if interop else [])
        for inner_spot in inner.values():
            struct.pack_into(order + "I", block, inner_spot, len(block))
            _append(block, order, interop, [])
    return bytes(block)


def _append(
    block: bytearray, order: str, fields: Sequence[Field], pointers: Sequence[int]
) -> dict[int, int]:
    """Append one table and its values; gives where each pointer's value is to be filled in."""
    rows = [*fields, *((tag, _LONG, 1, bytes(4)) for tag in pointers)]
    rows.sort(key=lambda row: row[0])
    table = len(block)
    block += struct.pack(order + "H", len(rows)) + bytes(12 * len(rows) + 4)
    spots = {}
    for number, (tag, kind, count, value) in enumerate(rows):
        at = table + 2 + 12 * number
        struct.pack_into(order + "HHI", block, at, tag, kind, count)
        if tag in pointers:
            spots[tag] = at + 8
        if len(value) <= 4:
            block[at + 8 : at + 12] = value.ljust(4, b"\0")
        else:
            struct.pack_into(order + "I", block, at + 8, len(block))
            block += value + bytes(len(value) % 2)
    return spots


def _integer(block: Buffer, entry: Entry) -> int | None:
    codes = {1: "B", _SHORT: "H", _LONG: "I", 13: "I"}
    if entry.kind not in codes or entry.count < 1:
        return None
    return int(struct.unpack_from(byte_order(block) + codes[entry.kind], block, entry.value_at)[0])


def _set_integer(block: bytearray, entry: Entry, value: int) -> None:
    """Overwrite a single number, as a LONG where it does not fit the kind it had."""
    order = byte_order(block)
    if entry.count != 1 or entry.size > 4:
        return
    if entry.kind == _SHORT and value < 2**16:
        struct.pack_into(order + "HHIHH", block, entry.at, entry.tag, _SHORT, 1, value, 0)
    elif value < 2**32:
        struct.pack_into(order + "HHII", block, entry.at, entry.tag, _LONG, 1, value)


def _set_where_present(block: bytearray, table: int, values: dict[int, int]) -> None:
    for entry in entries(block, table):
        if entry.tag in values:
            _set_integer(block, entry, values[entry.tag])


def _rational(block: Buffer, entry: Entry | None) -> float | None:
    if entry is None or entry.kind != _RATIONAL or entry.count != 1:
        return None
    over, under = struct.unpack_from(byte_order(block) + "II", block, entry.value_at)
    return over / under if over and under else None


def _without_thumbnail(block: bytearray) -> bytearray:
    """Unhook the second table, which describes the thumbnail, and wipe the thumbnail's bytes."""
    order, main = byte_order(block), first_table(block)
    next_at = main + 2 + 12 * struct.unpack_from(order + "H", block, main)[0]
    if next_at + 4 > len(block):
        return block
    second = struct.unpack_from(order + "I", block, next_at)[0]
    struct.pack_into(order + "I", block, next_at, 0)
    start_entry, size_entry = (find(block, second, tag) for tag in (_THUMBNAIL_AT, _THUMBNAIL_SIZE))
    start = _integer(block, start_entry) if start_entry else None
    size = _integer(block, size_entry) if size_entry else None
    if start is None or size is None or start + size > len(block) or start < _used(block):
        return block
    if start + size >= len(block) - 64:  # nothing but padding follows
        return block[:start]
    block[start : start + size] = bytes(size)
    return block


def _used(block: bytearray) -> int:
    """The end of the last byte that the tables we know use."""
    return max(end for table in _tables(block) for end in _ends(block, table))


def _tables(block: bytearray) -> Iterator[int]:
    main = first_table(block)
    yield main
    for tag in (EXIF_IFD, GPS_IFD):
        table = sub_table(block, main, tag)
        if table is not None:
            yield table
            inner = sub_table(block, table, INTEROP_IFD)
            if inner is not None:
                yield inner


def _ends(block: bytearray, table: int) -> Iterator[int]:
    yield table
    for entry in entries(block, table):
        yield entry.at + 16
        yield entry.value_at + entry.size
