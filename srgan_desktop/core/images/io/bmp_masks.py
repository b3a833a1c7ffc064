"""BMP pictures whose colours lie where masks say, of the layouts that Pillow does not know."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from srgan_desktop.core.images.image import Pixels
from srgan_desktop.core.images.io.raster import Raster

_INFO_AT, _MASKS_AT = 14, 54
_BITFIELDS, _ALPHA_BITFIELDS = 3, 6
_WITH_ALPHA_MASK = 56  # bytes of an information header, and more


@dataclass(frozen=True)
class MaskedBitmap:
    """masks: of red, green, blue and alpha (0: none); start: where the pixels begin."""

    width: int
    height: int
    upside_down: bool
    bits: int
    start: int
    masks: tuple[int, int, int, int]

    @property
    def depth(self) -> int:
        return 16 if any(_width(mask) > 8 for mask in self.masks) else 8


def parse(file: BinaryIO) -> MaskedBitmap | None:
    """The header of an open file; None where it is of another kind."""
    file.seek(0)
    head = file.read(_MASKS_AT + 16).ljust(_MASKS_AT + 16, b"\0")
    (start,) = struct.unpack_from("<I", head, 10)
    size, width, height, _, bits, compression = struct.unpack_from("<IiiHHI", head, _INFO_AT)
    masks = struct.unpack_from("<4I", head, _MASKS_AT)
    if compression == _BITFIELDS and size < _WITH_ALPHA_MASK:
        masks = (*masks[:3], 0)
    known = size >= 40 and compression in (_BITFIELDS, _ALPHA_BITFIELDS) and bits in (16, 32)
    if not known or width < 1 or not height or not all(_fits(mask, bits) for mask in masks):
        return None
    return MaskedBitmap(width, abs(height), height > 0, bits, start, masks)


def read(file: BinaryIO, found: MaskedBitmap) -> Raster:
    """Raises EOFError where pixels are missing."""
    row_bytes = (found.width * found.bits + 31) // 32 * 4
    file.seek(found.start)
    data = file.read(row_bytes * found.height)
    if len(data) < row_bytes * found.height:
        raise EOFError("the pixels are truncated")
    rows = np.frombuffer(data, f"<u{found.bits // 8}").reshape(found.height, -1)
    rows = rows[:: -1 if found.upside_down else 1, : found.width]
    channels = [_channel(rows, mask, found.depth) for mask in found.masks]
    return Raster(np.stack(channels[:3], axis=-1), channels[3] if found.masks[3] else None)


def _channel(rows: Pixels, mask: int, depth: int) -> Pixels:
    most, width = (1 << depth) - 1, _width(mask)
    values = (rows & mask) >> np.uint32(mask.bit_length() - width)
    if width > depth:  # 17 bits and more
        values, width = values >> np.uint32(width - depth), depth
    largest = max(1, (1 << width) - 1)
    full: Pixels = (values.astype(np.uint64) * most + largest // 2) // largest
    return full.astype(np.uint16 if depth == 16 else np.uint8)


def _width(mask: int) -> int:
    return mask.bit_count()


def _fits(mask: int, bits: int) -> bool:
    """Whether it is none, or one run of bits within a pixel."""
    lowest = mask & -mask
    return mask < 1 << bits and (mask + lowest) & mask == 0
