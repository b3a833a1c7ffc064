"""Compressing a large picture in blocks of rows on a few threads, in order, in little memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from srgan_desktop.core.images.image import Pixels

BLOCK_BYTES = 1 << 20
_MOST_THREADS = 8
Result = TypeVar("Result")


def rows_per_block(row_bytes: int) -> int:
    return max(1, BLOCK_BYTES // max(row_bytes, 1))


def interleaved(pixels: Pixels, alpha: Pixels | None, start: int, stop: int) -> Pixels:
    """Those rows with alpha as the last channel, (rows, W, C), C-contiguous."""
    rows = pixels[start:stop]
    if alpha is not None:
        rows = np.concatenate([rows, alpha[start:stop, :, None]], axis=2)
    return np.ascontiguousarray(rows)


def in_order(work: Callable[[int], Result], count: int) -> Iterator[Result]:
    """``work(0)``, ``work(1)`` ... computed on several threads, a few ahead of the reader."""
    threads = min(os.cpu_count() or 1, _MOST_THREADS)
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for number in range(count):
                waiting.append(pool.submit(work, number))
                if len(waiting) > 2 * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
