"""IPTC records and the Photoshop blocks in which JPEG files (and some PNG files) wrap them."""

from __future__ import annotations

import struct

_IPTC_BLOCK = 0x0404


def wrapped(records: bytes) -> bytes:
    """The records as one Photoshop image resource block."""
    padding = bytes(len(records) % 2)
    return b"8BIM" + struct.pack(">H2xI", _IPTC_BLOCK, len(records)) + records + padding


def unwrapped(blocks: bytes) -> bytes | None:
    """The records in a run of Photoshop blocks (or bare records); None where there are none."""
    if blocks[:1] == b"\x1c":
        return blocks
    at = 0
    while blocks[at : at + 4] == b"8BIM" and at + 8 <= len(blocks):
        number, name_length = struct.unpack_from(">HB", blocks, at + 4)
        at += 6 + 1 + name_length + (name_length + 1) % 2
        if at + 4 > len(blocks):
            break
        size = struct.unpack_from(">I", blocks, at)[0]
        if number == _IPTC_BLOCK:
            return blocks[at + 4 : at + 4 + size] or None
        at += 4 + size + size % 2
    return None
