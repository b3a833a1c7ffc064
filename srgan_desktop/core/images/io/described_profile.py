"""Colour profiles for files that describe their colours by numbers instead.

PNG's gAMA and cHRM chunks, and the code points of ITU-T H.273 in PNG's cICP chunk and in AVIF and
HEIC files, say what an ICC profile of three primaries and one curve says, so one is made of them:
the numbers stay as they are and every program shows them alike. ICC.1:2001, matrix/TRC profiles.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]

# ICC's white, D50, and the matrix of Bradford's adaptation to it
_D50 = (0.9642, 1.0, 0.8249)
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_D65: Point = (0.3127, 0.3290)
_SRGB_POINTS = (_D65, (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
# by H.273's code points: white, red, green, blue
_PRIMARIES: dict[int, tuple[Point, Point, Point, Point]] = {
    1: _SRGB_POINTS,
    9: (_D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    11: ((0.314, 0.351), (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    12: (_D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
_SRGB_CURVE = 0.0
# exponents; the curves of television are taken for sRGB's, which viewers do as well
_CURVES = {
    1: _SRGB_CURVE,
    4: 2.2,
    5: 2.8,
    6: _SRGB_CURVE,
    8: 1.0,
    13: _SRGB_CURVE,
    14: _SRGB_CURVE,
    15: _SRGB_CURVE,
}
_NEAR_POINT = 0.004
_NEAR_GAMMA = 0.05
_CURVE_STEPS = 1024


@dataclass(frozen=True)
class ColourNumbers:
    """exponent: of the decoding curve, 0 for sRGB's own; points (x, y): white, red, green, blue."""

    exponent: float = _SRGB_CURVE
    points: tuple[Point, Point, Point, Point] = _SRGB_POINTS

    @property
    def is_srgb(self) -> bool:
        """Near enough to sRGB that programs take one for the other."""
        pairs = zip(self.points, _SRGB_POINTS, strict=True)
        near = all(abs(a[i] - b[i]) <= _NEAR_POINT for a, b in pairs for i in (0, 1))
        return near and self.exponent == _SRGB_CURVE


def of_code_points(primaries: int, transfer: int) -> ColourNumbers | None:
    """By ITU-T H.273, where 2 means not said; None for HDR curves and what is not known."""
    if primaries in (0, 2) or primaries not in _PRIMARIES or transfer not in _CURVES:
        return None
    return ColourNumbers(_CURVES[transfer], _PRIMARIES[primaries])


def of_png(gamma: bytes | None, chromaticities: bytes | None) -> ColourNumbers | None:
    """From the content of a gAMA and a cHRM chunk; None where they make no sense."""
    exponent, points = _SRGB_CURVE, _SRGB_POINTS
    if gamma is not None:
        stored = int.from_bytes(gamma[:4], "big") / 100_000
        if not 0.05 <= stored <= 10:
            return None
        # 1 / 2.2 is how sRGB is written down in this chunk
        exponent = _SRGB_CURVE if abs(stored * 2.2 - 1) <= _NEAR_GAMMA else 1 / stored
    if chromaticities is not None and len(chromaticities) >= 32:
        x_y = [number / 100_000 for number in struct.unpack(">8I", chromaticities[:32])]
        points = ((x_y[0], x_y[1]), (x_y[2], x_y[3]), (x_y[4], x_y[5]), (x_y[6], x_y[7]))
        if not _make_sense(points):
            return None
    return ColourNumbers(exponent, points)


def profile(numbers: ColourNumbers, *, grey: bool = False) -> bytes | None:
    """The ICC profile that says the same; None for sRGB, which needs none."""
    if grey:
        if numbers.exponent == _SRGB_CURVE:
            return None
        return _profile(b"GRAY", {b"kTRC": _curve(numbers.exponent)})
    if numbers.is_srgb:
        return None
    columns = _to_d50(numbers.points)
    curve = _curve(numbers.exponent)
    tags = {name: _xyz(columns[:, i]) for i, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))}
    return _profile(b"RGB ", tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve))


def _make_sense(points: tuple[Point, ...]) -> bool:
    if not all(0 < x < 1 and 0 < y < 1 and x + y <= 1 for x, y in points):
        return False
    (rx, ry), (gx, gy), (bx, by) = points[1:]
    return abs((gx - rx) * (by - ry) - (bx - rx) * (gy - ry)) > 0.01


def _to_d50(points: tuple[Point, Point, Point, Point]) -> NDArray[np.float64]:
    """XYZ of red, green and blue, (3, 3) in columns, as seen under ICC's white."""
    white, *primaries = (np.array([x / y, 1.0, (1 - x - y) / y]) for x, y in points)
    matrix = np.stack(primaries, axis=1)
    matrix = matrix * np.linalg.solve(matrix, white)
    cone = np.diag(_BRADFORD @ np.array(_D50) / (_BRADFORD @ white))
    adapted: NDArray[np.float64] = np.linalg.inv(_BRADFORD) @ cone @ _BRADFORD @ matrix
    return adapted


def _curve(exponent: float) -> bytes:
    if exponent != _SRGB_CURVE:
        return b"curv" + struct.pack(">4xIH2x", 1, min(round(exponent * 256), 0xFFFF))
    steps = np.linspace(0, 1, _CURVE_STEPS)
    linear = np.where(steps <= 0.04045, steps / 12.92, ((steps + 0.055) / 1.055) ** 2.4)
    values = (linear * 65_535).round().astype(">u2").tobytes()
    return b"curv" + struct.pack(">4xI", _CURVE_STEPS) + values


def _xyz(values: NDArray[np.float64] | tuple[float, ...]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(float(v) * 65_536) for v in values))


def _text(kind: bytes, words: bytes) -> bytes:
    if kind == b"desc":
        return kind + struct.pack(">4xI", len(words) + 1) + words + bytes(1 + 4 + 4 + 2 + 1 + 67)
    return kind + bytes(4) + words + b"\0"


def _profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    tags = {
        b"desc": _text(b"desc", b"as the file describes it"),
        b"cprt": _text(b"text", b"no copyright"),
        b"wtpt": _xyz(_D50),
        **tags,
    }
    start = 128 + 4 + 12 * len(tags)
    table, body, places = b"", b"", dict[bytes, int]()
    for name, data in tags.items():
        if data not in places:  # the three curves are one
            places[data] = start + len(body)
            body += data + bytes(-len(data) % 4)
        table += struct.pack(">4sII", name, places[data], len(data))
    head = struct.pack(
        ">I4x4s4s4s4s12s4s28x",
        start + len(body),
        b"\x02\x10\0\0",
        b"mntr",
        space,
        b"XYZ ",
        bytes((0x07, 0xD0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0)),
        b"acsp",
    )
    head += struct.pack(">3i", *(round(v * 65_536) for v in _D50))
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body
