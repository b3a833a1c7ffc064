"""The blocks of a GIF file: where its frames lie, without decoding them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

_IMAGE, _EXTENSION = 0x2C, 0x21
_COMMENT, _APPLICATION = b"\xfe", b"\xff"


def frames_outside(file: BinaryIO, width: int, height: int) -> bool:
    """Whether any frame reaches beyond a canvas of width x height pixels.

    Browsers clip such a frame; Pillow makes the canvas larger, whatever memory that takes.
    """
    return any(
        left + across > width or top + down > height for left, top, across, down in _places(file)
    )


def _places(file: BinaryIO) -> Iterator[tuple[int, int, int, int]]:
    """Left, top, width and height of each frame that Pillow would find; it skips what is neither.

    A frame that was not found here would have the size that it claims.
    """
    file.seek(0)
    head = file.read(13)
    if len(head) < 13:
        return
    _skip_palette(file, head[10])
    is_first = True
    while (introducer := file.read(1)) and introducer != b";":
        if introducer[0] == _EXTENSION:
            _skip_extension(file, is_first)
        elif introducer[0] == _IMAGE:
            place = file.read(9)
            if len(place) < 9:
                return
            numbers = [int.from_bytes(place[at : at + 2], "little") for at in (0, 2, 4, 6)]
            yield numbers[0], numbers[1], numbers[2], numbers[3]
            is_first = False
            _skip_palette(file, place[8])
            file.seek(1, 1)  # the width of the codes
            _skip_blocks(file)


def _skip_extension(file: BinaryIO, is_before_frames: bool) -> None:
    """As far as Pillow goes, which takes some first blocks as there, even if they are empty."""
    kind, first = file.read(1), _block(file)
    if kind == _COMMENT and not first:
        return
    if kind == _APPLICATION and is_before_frames and first.startswith(b"NETSCAPE2.0"):
        _block(file)
    _skip_blocks(file)


def _skip_blocks(file: BinaryIO) -> None:
    while _block(file):
        pass


def _block(file: BinaryIO) -> bytes:
    """The next piece of data; empty where a row of them ends."""
    size = file.read(1)
    return file.read(size[0]) if size else b""


def _skip_palette(file: BinaryIO, flags: int) -> None:
    if flags & 0x80:
        file.seek(3 << ((flags & 7) + 1), 1)
