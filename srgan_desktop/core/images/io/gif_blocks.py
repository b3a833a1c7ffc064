"""The blocks of a GIF file: where its frames lie, without decoding them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

_IMAGE, _EXTENSION = 0x2C, 0x21


def frames_outside(file: BinaryIO, width: int, height: int) -> bool:
    """Whether any frame reaches beyond a canvas of width x height pixels.

    Browsers clip such a frame; Pillow makes the canvas larger, whatever memory that takes.
    """
    return any(
        left + across > width or top + down > height for left, top, across, down in _places(file)
    )


def _places(file: BinaryIO) -> Iterator[tuple[int, int, int, int]]:
    """Left, top, width and height of each frame; stops where the file makes no sense."""
    file.seek(0)
    head = file.read(13)
    if len(head) < 13:
        return
    _skip_palette(file, head[10])
    while (introducer := file.read(1)) and introducer[0] in (_IMAGE, _EXTENSION):
        if introducer[0] == _EXTENSION:
            file.seek(1, 1)
        else:
            place = file.read(9)
            if len(place) < 9:
                return
            numbers = [int.from_bytes(place[at : at + 2], "little") for at in (0, 2, 4, 6)]
            yield numbers[0], numbers[1], numbers[2], numbers[3]
            _skip_palette(file, place[8])
            file.seek(1, 1)  # the width of the codes
        while (size := file.read(1)) and size[0]:
            file.seek(size[0], 1)


def _skip_palette(file: BinaryIO, flags: int) -> None:
    if flags & 0x80:
        file.seek(3 << ((flags & 7) + 1), 1)
