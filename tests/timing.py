"""Limits of time that hold on slow and on busy machines: multiples of a piece of work.

The piece is always the same and is measured beside what is tested, so that a machine that is half
as fast, or busy with other tests, gets twice the time. A limit says what is usual and how much more
is still no fault; what became several times slower is found everywhere.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

ROUNDS = 9
_SAMPLES = np.linspace(0, 1, 250_000)


def work() -> float:
    """Ten milliseconds on a quiet machine of 2024: half of it Python, half of it NumPy."""
    total = 0
    for number in range(90_000):
        total += number & 7
    return total + float(np.sqrt(_SAMPLES * _SAMPLES + 1).sum() + np.sin(_SAMPLES).sum())


def unit_s(clock: Callable[[], float] = time.perf_counter) -> float:
    """How long ``work`` takes now, in seconds of ``clock``: the median of some."""
    taken = []
    for _ in range(ROUNDS):
        began = clock()
        work()
        taken.append(clock() - began)
    return statistics.median(taken)
