"""Writing large JPEGs in strips of rows: in little memory, and while rows are still computed.

Pillow encodes a picture whole. Here each strip is encoded by Pillow as a picture of its own, and
what is in between is joined by restart markers, after which a decoder begins as at a picture's
start (ITU-T T.81, E.1.4). Strips are whole rows of blocks and share their tables, so the pixels
are those of the picture encoded whole.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
from PIL import Image

from srgan_desktop.core.images.finished_rows import FinishedRows
from srgan_desktop.core.images.image import Pixels
from srgan_desktop.core.images.io import blocks

_FRAME, _SCAN, _INTERVAL, _RESTART = 0xC0, 0xDA, 0xDD, 0xD0
# blocks between two restart markers are counted with 16 bits
_MOST_UNITS = 65_535
_END = b"\xff\xd9"


def write_jpeg(
    file: BinaryIO,
    pixels: Pixels,
    quality: int,
    *,
    full_colour: bool,
    finished: FinishedRows | None = None,
) -> None:
    """Encode (H, W, 1 or 3) uint8, which may be a memory map.

    Args:
        file: an object with ``write``; gets a JPEG as Pillow would write it, with restart markers.
        finished: rows that may be read already; None: all.
    """
    height, width, colours = pixels.shape
    side = 8 if full_colour or colours == 1 else 16
    across = -(-width // side)
    most = max(1, min(_MOST_UNITS // across, blocks.rows_per_block(width * colours) // side))
    rows = most * side
    for number, start in enumerate(range(0, height, rows)):
        stop = min(start + rows, height)
        if finished is not None:
            finished.wait(stop)
        head, scan = _encoded(pixels[start:stop], quality, full_colour=full_colour)
        if number == 0:
            file.write(_whole_head(head, height, most * across))
        else:
            file.write(bytes((0xFF, _RESTART + (number - 1) % 8)))
        file.write(scan)
    file.write(_END)


def _encoded(strip: Pixels, quality: int, *, full_colour: bool) -> tuple[bytes, bytes]:
    """All before the scan's data, and the scan's data."""
    data = np.ascontiguousarray(strip[:, :, 0] if strip.shape[2] == 1 else strip)
    out = io.BytesIO()
    subsampling = 0 if full_colour else 2
    Image.fromarray(data).save(out, "JPEG", quality=quality, subsampling=subsampling)
    encoded = out.getvalue()
    at = next(end for marker, _, end in _segments(encoded) if marker == _SCAN)
    return encoded[:at], encoded[at : -len(_END)]


def _whole_head(head: bytes, height: int, interval: int) -> bytes:
    """The first strip's, with the whole picture's height and where restart markers stand."""
    frame = next(start for marker, start, _ in _segments(head) if marker == _FRAME)
    scan = next(start for marker, start, _ in _segments(head) if marker == _SCAN)
    # marker, length and depth stand before the height
    at = frame + 5
    tall = head[:at] + struct.pack(">H", height) + head[at + 2 : scan]
    return tall + struct.pack(">BBHH", 0xFF, _INTERVAL, 4, interval) + head[scan:]


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment up to the scan's data."""
    at = 2
    marker = 0
    while marker != _SCAN:
        marker = data[at + 1]
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        yield marker, at, end
        at = end
