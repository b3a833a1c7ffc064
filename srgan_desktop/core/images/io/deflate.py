"""Deflate for filtered picture data: fast on photos, thorough on drawings.

Differences between neighbours in a photo hardly ever repeat, so that a search for repetitions
takes most of the time and saves nothing, often less than nothing. Flat colours, text and patterns
do repeat. Which is which is tried out on a sample.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

_LEVEL = 6
_MEMORY = 9
_SAMPLE_BYTES = 64 * 1024
_WORTH_SEARCHING = 0.95  # of the size without


def deflated(
    plain: bytes,
    *,
    raw: bool = False,
    last: bool = True,
    dictionary: Callable[[], bytes] | None = None,
) -> bytes:
    """One zlib stream, or with raw a piece of one.

    A piece that is not the last ends on a byte, so that the next can follow it. dictionary gives
    up to 32 KiB of what stands before this piece in the stream; it is asked only if of use.
    """
    strategy = _strategy(plain)
    before = dictionary() if dictionary and strategy == zlib.Z_FILTERED else b""
    options = (_LEVEL, zlib.DEFLATED, -15 if raw else 15, _MEMORY, strategy)
    packer = zlib.compressobj(*options, before) if before else zlib.compressobj(*options)
    return packer.compress(plain) + packer.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)


def _strategy(plain: bytes) -> int:
    """Z_RLE, which finds no repetitions but runs, or Z_FILTERED, which searches for them."""
    start = max(len(plain) - _SAMPLE_BYTES, 0) // 2
    sample = plain[start : start + _SAMPLE_BYTES]
    sizes = {}
    for strategy in (zlib.Z_RLE, zlib.Z_FILTERED):
        packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, 15, _MEMORY, strategy)
        sizes[strategy] = len(packer.compress(sample)) + len(packer.flush())
    worth = sizes[zlib.Z_FILTERED] < _WORTH_SEARCHING * sizes[zlib.Z_RLE]
    return zlib.Z_FILTERED if worth else zlib.Z_RLE
