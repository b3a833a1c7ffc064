"""The head of a JPEG file: the segments that say what the picture is besides its pixels."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from srgan_desktop.core.images.image import Metadata
from srgan_desktop.core.images.io import iptc as iptc_records

SEGMENT_BYTES = 65_533  # what one segment holds
_EXIF = b"Exif\0\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_ICC = b"ICC_PROFILE\0"
_PHOTOSHOP = b"Photoshop 3.0\0"
EXIF_LIMIT = SEGMENT_BYTES - len(_EXIF)
XMP_LIMIT = SEGMENT_BYTES - len(_XMP)
IPTC_LIMIT = SEGMENT_BYTES - len(_PHOTOSHOP) - 16
ICC_PART = SEGMENT_BYTES - len(_ICC) - 2
ICC_LIMIT = 255 * ICC_PART


def head(metadata: Metadata) -> bytes:
    """Start marker and segments; each part must be within its limit."""
    return b"\xff\xd8" + b"".join(_segments(metadata))


def end_of_head(start: bytes) -> int | None:
    """How many bytes of an encoder's own start (marker and JFIF segment) ``head`` replaces.

    None where start, the first bytes of the file, is still too short to tell.
    """
    if len(start) < 6:
        return None
    if start[2:4] != b"\xff\xe0":
        return 2
    end = 4 + int.from_bytes(start[4:6], "big")
    return end if len(start) >= end else None


def _segments(metadata: Metadata) -> Iterator[bytes]:
    yield _segment(0xE0, _jfif(metadata.dpi))
    if metadata.exif:
        yield _segment(0xE1, _EXIF + metadata.exif)
    if metadata.xmp:
        yield _segment(0xE1, _XMP + metadata.xmp)
    if metadata.icc:
        parts = range(0, len(metadata.icc), ICC_PART)
        for number, at in enumerate(parts, 1):
            order = bytes((number, len(parts)))
            yield _segment(0xE2, _ICC + order + metadata.icc[at : at + ICC_PART])
    if metadata.iptc:
        yield _segment(0xED, _PHOTOSHOP + iptc_records.wrapped(metadata.iptc))
    for keyword, text in metadata.text:
        if keyword == "Comment":
            yield _segment(0xFE, text.encode("utf-8")[:SEGMENT_BYTES])


def _segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


def _jfif(dpi: tuple[float, float] | None) -> bytes:
    """Version 1.2, no thumbnail; unit 0 with 1:1 where the resolution is not known."""
    across, down = (min(max(round(value), 1), 65_535) for value in dpi or (1.0, 1.0))
    return b"JFIF\0" + struct.pack(">HBHHBB", 0x0102, 1 if dpi else 0, across, down, 0, 0)
