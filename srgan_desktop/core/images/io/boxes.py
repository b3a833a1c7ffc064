"""The boxes of JPEG 2000, JPEG XL, HEIC and AVIF files: length, four letters, content."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

from srgan_desktop.core.images.image import Metadata
from srgan_desktop.core.images.io import exif as exif_blocks

_UUIDS = {
    "exif": b"JpgTiffExif->JP2",
    "xmp": bytes.fromhex("be7acfcb97a942e89c71999491e3afac"),
    "iptc": bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38"),
}
_INCHES_PER_METRE = 1 / 0.0254


@dataclass(frozen=True)
class Box:
    kind: bytes
    data: bytes


def read_boxes(data: bytes) -> Iterator[Box]:
    """The boxes that follow each other in data; stops where they stop making sense."""
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1 and at + 16 <= len(data):
            size, head = struct.unpack_from(">Q", data, at + 8)[0], 16
        elif size == 0:
            size = len(data) - at
        if size < head:
            return
        yield Box(kind, data[at + head : at + size])
        at += size


def write_box(box: Box) -> bytes:
    size = len(box.data) + 8
    if size < 2**32:
        return struct.pack(">I4s", size, box.kind) + box.data
    return struct.pack(">I4sQ", 1, box.kind, size + 8) + box.data


def jpeg2000_metadata(data: bytes) -> Metadata:
    """What the boxes of a JP2 file say; nothing for a bare codestream."""
    found = Metadata()
    for box in read_boxes(data) if data[4:8] == b"jP  " else ():
        if box.kind == b"jp2h":
            found = _with_header(found, box.data)
        elif box.kind == b"uuid":
            found = _with_uuid(found, box.data[:16], box.data[16:])
        elif box.kind == b"xml " and b"xmpmeta" in box.data and not found.xmp:
            found = replace(found, xmp=box.data)
    return found


def with_jpeg2000_metadata(data: bytes, metadata: Metadata) -> bytes:
    """The JP2 file with the metadata in it."""
    parts = []
    for box in read_boxes(data):
        if box.kind == b"jp2c":  # readers may stop at the codestream, so all goes before it
            parts += [write_box(extra) for extra in _uuid_boxes(metadata)]
        parts.append(write_box(_header_box(box, metadata) if box.kind == b"jp2h" else box))
    return b"".join(parts)


def colour_numbers(head: bytes) -> tuple[int, int]:
    """Of HEIC and AVIF: primaries and transfer curve by ITU-T H.273; 2, 2 where not said."""
    at = head.find(b"colrnclx")
    if at < 0 or at + 12 > len(head):
        return 2, 2
    primaries, transfer = struct.unpack_from(">HH", head, at + 8)
    return primaries, transfer


def _with_header(found: Metadata, data: bytes) -> Metadata:
    for box in read_boxes(data):
        if box.kind == b"colr" and box.data[:1] in (b"\2", b"\3"):
            found = replace(found, icc=box.data[3:])
        elif box.kind == b"res ":
            found = replace(found, dpi=_dpi(box.data))
    return found


def _with_uuid(found: Metadata, uuid: bytes, data: bytes) -> Metadata:
    if uuid == _UUIDS["exif"]:
        return replace(found, exif=exif_blocks.normalised(data))
    if uuid == _UUIDS["xmp"]:
        return replace(found, xmp=data or None)
    return replace(found, iptc=data or None) if uuid == _UUIDS["iptc"] else found


def _uuid_boxes(metadata: Metadata) -> Iterator[Box]:
    for name, data in (("exif", metadata.exif), ("xmp", metadata.xmp), ("iptc", metadata.iptc)):
        if data:
            yield Box(b"uuid", _UUIDS[name] + data)


def _header_box(header: Box, metadata: Metadata) -> Box:
    inner = list(read_boxes(header.data))
    if metadata.icc:
        profile = Box(b"colr", b"\2\0\0" + metadata.icc)
        inner = [profile if box.kind == b"colr" else box for box in inner]
    if metadata.dpi:
        inner.append(Box(b"res ", write_box(Box(b"resc", _resc(metadata.dpi)))))
    return Box(b"jp2h", b"".join(write_box(box) for box in inner))


def _resc(dpi: tuple[float, float]) -> bytes:
    """Vertical before horizontal, each numerator / denominator * 10 ^ exponent, per metre."""
    down, across = (min(max(round(v * _INCHES_PER_METRE * 10), 1), 2**32 - 1) for v in dpi[::-1])
    numbers = []
    for tenths in (down, across):
        exponent = 0
        while tenths >= 2**16:
            tenths, exponent = round(tenths / 10), exponent + 1  # noqa: PLW2901
        numbers.append((tenths, exponent))
    fractions = b"".join(struct.pack(">HH", tenths, 10) for tenths, _ in numbers)
    return fractions + bytes(exponent for _, exponent in numbers)


def _dpi(data: bytes) -> tuple[float, float] | None:
    for box in read_boxes(data):
        if box.kind == b"resc" and len(box.data) >= 10:
            down, down_by, across, across_by, down_exp, across_exp = struct.unpack(
                ">HHHHbb", box.data[:10]
            )
            if all((down, down_by, across, across_by)):
                return (
                    round(across / across_by * 10**across_exp / _INCHES_PER_METRE, 2),
                    round(down / down_by * 10**down_exp / _INCHES_PER_METRE, 2),
                )
    return None
