"""Whether two files show the same picture, also after resizing and recompression.

A picture is reduced to 32 x 32 grey levels and to 64 bits: the signs of the low frequencies of its
cosine transform against their median, an idea of Zauner's (2010). The bits find candidates among
many pictures at once, the grey levels confirm them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

_SIDE = 32
_LOW = 8
# bits of 64 that may differ, and grey levels (of 255) by which the small pictures may, on average
_BITS = 12
_LEVELS = 5.0
_CHUNK = 2048


@dataclass(frozen=True)
class Fingerprint:
    """Of one picture.

    Attributes:
        digest: of the decoded pixels: equal for equal pictures, whatever the file format.
        small: float32 (32, 32), grey levels 0..255.
        bits: int8 (64,), +1 or -1.
        grey: whether it has no colour to speak of.
    """

    digest: bytes
    small: np.ndarray
    bits: np.ndarray
    grey: bool


def fingerprint(pixels: np.ndarray) -> Fingerprint:
    """Of uint8 (H, W, 3)."""
    digest = hashlib.blake2b(repr(pixels.shape).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(pixels).data)
    tiny = Image.fromarray(pixels).resize((_SIDE, _SIDE), Image.Resampling.BOX)
    small = np.asarray(tiny.convert("L"), dtype=np.float32)
    return Fingerprint(digest.digest(), small, _bits(small), _is_grey(pixels))


def _bits(small: np.ndarray) -> np.ndarray:
    low = (_cosines() @ small @ _cosines().T).ravel()
    # the first is the mean brightness, which says nothing about the shapes
    bits: np.ndarray = np.where(low > np.median(low[1:]), 1, -1).astype(np.int8)
    return bits


@lru_cache(maxsize=1)
def _cosines() -> np.ndarray:
    """The first rows of the orthogonal cosine transform (type II)."""
    places = (np.arange(_SIDE) + 0.5) * np.pi / _SIDE
    rows: np.ndarray = np.cos(np.arange(_LOW)[:, None] * places).astype(np.float32)
    return rows


def _is_grey(pixels: np.ndarray) -> bool:
    sample = pixels[::3, ::3].astype(np.int16)
    spread = sample.max(axis=2) - sample.min(axis=2)
    # JPEG leaves a little colour in grey pictures
    return float(spread.mean()) < 2.0


def pairs_alike(
    a: Sequence[Fingerprint], b: Sequence[Fingerprint] | None = None
) -> Iterator[tuple[int, int]]:
    """Indices (i, j) of pictures that look-alikes: in ``a`` with i < j, or in ``a`` and ``b``."""
    others = a if b is None else b
    if not a or not others:
        return
    columns = np.stack([print_.bits for print_ in others]).astype(np.float32)
    for start in range(0, len(a), _CHUNK):
        rows = np.stack([print_.bits for print_ in a[start : start + _CHUNK]])
        differing = (64 - rows.astype(np.float32) @ columns.T) / 2
        for row, j in np.argwhere(differing <= _BITS):
            i = start + int(row)
            if (b is not None or i < j) and _confirmed(a[i], others[j]):
                yield i, int(j)


def _confirmed(a: Fingerprint, b: Fingerprint) -> bool:
    return float(np.abs(a.small - b.small).mean()) <= _LEVELS
