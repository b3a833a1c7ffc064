"""The first bits of a JPEG XL file, so that its size is known before anything is decoded.

Layout: ISO/IEC 18181-1, SizeHeader and ImageMetadata; 18181-2 for the boxes around them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

_RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}
_SIZE_BITS = (9, 13, 18, 30)
_ALPHA = 0
_ENOUGH = 1024  # bytes; the header itself takes far fewer


@dataclass(frozen=True)
class JxlHeader:
    """Width and height before turning; bits per channel; 1 or 3 colour channels.

    animated: it may have more than one frame; how many, no header says.
    """

    width: int
    height: int
    bits: int = 8
    orientation: int = 1
    has_alpha: bool = False
    channels: int = 3
    animated: bool = False


class _Bits:
    """Numbers of any length, least significant bit first. ValueError past the end."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "little")
        self._left = len(data) * 8

    def take(self, count: int) -> int:
        if count > self._left:
            raise ValueError("the header is cut short")
        number = self._value & ((1 << count) - 1)
        self._value >>= count
        self._left -= count
        return number

    def choice(self, *ways: tuple[int, int]) -> int:
        """The standard's U32: two bits choose (offset, further bits)."""
        offset, count = ways[self.take(2)]
        return offset + self.take(count)

    def enum(self) -> int:
        return self.choice((0, 0), (1, 0), (2, 4), (18, 6))


def parse(file: BinaryIO) -> JxlHeader:
    """The header of the file. ValueError where it has none that can be read."""
    bits = _Bits(_codestream_start(file)[2:])
    width, height = _size(bits)
    if bits.take(1):  # all as usual
        return JxlHeader(width, height)
    orientation, animated = _extra_fields(bits) if bits.take(1) else (1, False)
    depth = _bit_depth(bits)
    bits.take(1)
    extra_channels = bits.choice((0, 0), (1, 0), (2, 4), (1, 12))
    has_alpha, certain = _find_alpha(bits, extra_channels)
    channels = _colour_channels(bits) if certain else 3
    return JxlHeader(width, height, depth, orientation, has_alpha, channels, animated)


def _codestream_start(file: BinaryIO) -> bytes:
    """The first bytes of the codestream, gathered from the boxes over which it may be spread."""
    file.seek(0)
    start = file.read(_ENOUGH)
    if start[:2] == b"\xff\x0a":
        return start
    gathered, at = b"", 0
    while len(gathered) < _ENOUGH:
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            break
        size, kind = struct.unpack_from(">I4s", head)
        skipped = 8
        if size == 1 and len(head) == 16:
            size, skipped = struct.unpack_from(">Q", head, 8)[0], 16
        if kind in (b"jxlc", b"jxlp"):
            skipped += 4 * (kind == b"jxlp")  # parts are numbered
            file.seek(at + skipped)
            gathered += file.read(_ENOUGH if size == 0 else max(min(size - skipped, _ENOUGH), 0))
        if size < 8 or kind == b"jxlc":
            break
        at += size
    if gathered[:2] != b"\xff\x0a":
        raise ValueError("no codestream in it")
    return gathered


def _size(bits: _Bits) -> tuple[int, int]:
    small = bits.take(1)

    def side() -> int:
        if small:
            return (bits.take(5) + 1) * 8
        return bits.choice(*((1, count) for count in _SIZE_BITS))

    height = side()
    ratio = bits.take(3)
    if ratio == 0:
        return side(), height
    over, under = _RATIOS[ratio]
    return height * over // under, height


def _extra_fields(bits: _Bits) -> tuple[int, bool]:
    """Orientation and animation; passes over intrinsic size, and refuses the rare preview."""
    orientation = bits.take(3) + 1
    if bits.take(1):
        _size(bits)
    if bits.take(1):
        raise ValueError("files with a preview are not supported")
    animated = bool(bits.take(1))
    if animated:
        bits.choice((100, 0), (1000, 0), (1, 10), (1, 30))
        bits.choice((1, 0), (1001, 0), (1, 8), (1, 10))
        bits.choice((0, 0), (0, 3), (0, 16), (0, 32))
        bits.take(1)
    return orientation, animated


def _bit_depth(bits: _Bits) -> int:
    if bits.take(1):
        depth = bits.choice((32, 0), (16, 0), (24, 0), (1, 6))
        bits.take(4)
        return depth
    return bits.choice((8, 0), (10, 0), (12, 0), (1, 6))


def _find_alpha(bits: _Bits, count: int) -> tuple[bool, bool]:
    """Whether alpha is among the extra channels; whether all of them could be passed over."""
    found = False
    for _ in range(count):
        if bits.take(1):  # the usual: 8-bit alpha
            found = True
            continue
        kind = bits.enum()
        _bit_depth(bits)
        bits.choice((0, 0), (3, 0), (4, 0), (1, 3))
        name_length = bits.choice((0, 0), (0, 4), (16, 5), (48, 10))
        for _ in range(name_length):
            bits.take(8)
        if kind == _ALPHA:
            found = True
            bits.take(1)
        else:
            return found, False
    return found, True


def _colour_channels(bits: _Bits) -> int:
    bits.take(1)
    if bits.take(1):  # sRGB
        return 3
    bits.take(1)
    return 1 if bits.enum() == 1 else 3
