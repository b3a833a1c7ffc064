"""The pixels of a JPEG 2000 file by Pillow, two of its faults mended.

Pillow brings colours to 8 bits. From more it rounds without a limit, so that the brightest values
come round to 0: they are told from black by decoding a second time with a header that claims one
bit more, which puts all values in the middle of the range. From fewer it shifts, so that white
stays grey.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from PIL import Image

from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.image import Pixels
from srgan_desktop.core.images.io import boxes, open_image
from srgan_desktop.core.images.io import raster as samples
from srgan_desktop.core.images.io.raster import Raster

_START = b"\xff\x4f\xff\x51"  # of the codestream; its sizes come first
_DEPTHS_AT = 42  # from there; three bytes a component
_TILE, _QUANTISATION, _QUANTISATION_OF_ONE = 0xFF90, 0xFF5C, 0xFF5D
_MENDED_MODES = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}
_SYCC = 18  # of the kinds of colour that have numbers
_MOST_EXPONENT = 31


@dataclass(frozen=True)
class _Component:
    """at: where its depth stands in the file; steps: a sample in each so many columns and rows."""

    at: int
    bits: int
    steps: tuple[int, int]


def read_raster(file: BinaryIO, icc: bytes | None) -> Raster:
    """Decode the open file. Raises what Pillow raises."""
    file.seek(0)
    data = file.read()
    components = _components(data)
    with _opened(data) as image:
        image.load()
        if image.mode == "I;16" and len(components) == 1:
            deep = samples.stretched(np.asarray(image), components[0].bits)
            return samples.from_array(deep, has_alpha=False)
        if len(components) == _MENDED_MODES.get(image.mode, 0):
            return samples.from_image(_mended(image, data, components), icc)
        return samples.from_image(image, icc)


def _opened(data: bytes) -> Image.Image:
    return open_image.open_with_pillow(io.BytesIO(data), "jpeg2000")


def _components(data: bytes) -> list[_Component]:
    start = data.find(_START)
    if start < 0 or start + _DEPTHS_AT > len(data):
        return []
    (count,) = struct.unpack_from(">H", data, start + _DEPTHS_AT - 2)
    places = range(start + _DEPTHS_AT, start + _DEPTHS_AT + 3 * count, 3)
    if places.stop > len(data):
        return []
    return [_Component(at, (data[at] & 0x7F) + 1, (data[at + 1], data[at + 2])) for at in places]


def _mended(image: Image.Image, data: bytes, components: list[_Component]) -> Image.Image:
    depths = np.array([component.bits for component in components])
    if (depths == 8).all():
        return image
    if _is_sycc(data, components):
        raise open_image.UnsupportedKindError(tr("brightness and colour with other than 8 bits"))
    seen = np.asarray(image).reshape(image.height, image.width, len(components)).copy()
    for channel, bits in enumerate(depths):
        if bits < 8:
            most = (1 << bits) - 1
            values = np.arange(256) >> (8 - bits)
            seen[..., channel] = (values * 255 // most).astype(np.uint8)[seen[..., channel]]
    if (depths > 8).any() and not seen.all():
        seen[(seen == 0) & (depths > 8) & _is_bright(data, components)] = 255
    return Image.fromarray(seen[..., 0] if len(components) == 1 else seen)


def _is_sycc(data: bytes, components: list[_Component]) -> bool:
    """As Pillow finds it: said by the file, or of components of several sizes."""
    if any(component.steps != (1, 1) for component in components):
        return True
    header = next((box.data for box in boxes.read_boxes(data) if box.kind == b"jp2h"), b"")
    return any(
        box.kind == b"colr" and box.data[:1] == b"\1" and box.data[3:7] == struct.pack(">I", _SYCC)
        for box in boxes.read_boxes(header)
    )


def _is_bright(data: bytes, components: list[_Component]) -> Pixels:
    """Which values, (H, W, channels), lie in the upper half."""
    claimed = bytearray(data)
    for component in components:
        if component.bits > 8:
            claimed[component.at] += 1
    for start, end in _quantisations(data):
        _keep_steps(claimed, start, end)
    with _opened(bytes(claimed)) as image:
        image.load()
        # 64 to 192 of those that were deeper than 8 bits
        coarse = np.asarray(image).reshape(image.height, image.width, len(components))
    return coarse > 128


def _quantisations(data: bytes) -> Iterator[tuple[int, int]]:
    """Where each description of steps in the main header begins, its style, and where it ends."""
    at = data.find(_START) + 2
    while at + 4 <= len(data):
        marker, size = struct.unpack_from(">HH", data, at)
        if marker == _TILE or size < 2:
            return
        if marker == _QUANTISATION:
            yield at + 4, at + 2 + size
        elif marker == _QUANTISATION_OF_ONE:
            many = struct.unpack_from(">H", data, data.find(_START) + _DEPTHS_AT - 2)[0] > 256
            yield at + (6 if many else 5), at + 2 + size
        at += 2 + size


def _keep_steps(data: bytearray, start: int, end: int) -> None:
    """The same steps for one bit more: they are counted in it, so their exponents grow by one.

    There would be one plane of bits more then; there is one guard bit less instead. Steps of whole
    numbers do not depend on the depth.
    """
    style = data[start]
    if style & 0x1F == 0:
        return
    if style >> 5 == 0:
        raise open_image.UnsupportedKindError(tr("more than 8 bits per channel without guard bits"))
    data[start] = style - 0x20
    for at in range(start + 1, min(end, len(data)) - 1, 2):
        if data[at] >> 3 == _MOST_EXPONENT:
            raise open_image.UnsupportedKindError(
                tr("more than 8 bits per channel in the smallest steps")
            )
        data[at] += 8
