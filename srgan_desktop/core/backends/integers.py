"""Between which values 8-bit integers stand for the inputs of convs and their weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# 0..255 for what convs are given, -127..127 for their weights
ACTIVATION_LEVELS = 256
WEIGHT_LEVELS = 255
_LEAST_SPAN = 1e-6
# how both ends are called: as the weight of the conv, and this
LOWEST, HIGHEST = ":lowest", ":highest"


def largest_weights(weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """(outputs, 1, 1, 1): how far from 0 the weights of each channel lie, always above 0."""
    least = np.float32(_LEAST_SPAN)
    return np.asarray(np.abs(weight).max(axis=(1, 2, 3), keepdims=True).clip(min=least))


def exact_zero(span: tuple[float, float]) -> tuple[float, float]:
    """The nearest range that holds 0 and has it on one of the 256 steps.

    The zeros that convs are padded with, and what an activation makes zero, must stay zero.
    """
    low, high = min(span[0], 0.0), max(span[1], 0.0)
    step = max(high - low, _LEAST_SPAN) / (ACTIVATION_LEVELS - 1)
    below = round(-low / step)
    return -below * step, (ACTIVATION_LEVELS - 1 - below) * step
