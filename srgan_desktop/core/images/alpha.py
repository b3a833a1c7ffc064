"""Transparency: what a network should see under it, and how it is enlarged itself."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def fill_transparent(pixels: NDArray[Any], alpha: NDArray[Any]) -> NDArray[Any]:
    """``pixels`` with the colours of fully transparent places taken from their surroundings.

    Editors leave black or white there, which a network would smear into the visible edge as a
    fringe. Colours are averaged into ever coarser levels, weighted by alpha, and pulled back
    into the holes (the push-pull method of Gortler et al. 1996).

    Args:
        pixels: (H, W, C), any integer type.
        alpha: (H, W), same type.

    Returns:
        A new array of the same type; ``pixels`` itself where nothing is transparent.
    """
    holes = alpha == 0
    if not holes.any() or holes.all():
        return pixels
    limit = float(np.iinfo(alpha.dtype).max)
    weight = (alpha / limit).astype(np.float32)[..., None]
    filled = _pull(np.multiply(pixels, weight, dtype=np.float32), weight)
    result = pixels.copy()
    result[holes] = np.rint(filled[holes]).astype(pixels.dtype)
    return result


def _pull(weighted: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Colours everywhere, from colours times weight and weights, both (H, W, ...)."""
    height, width = weight.shape[:2]
    known = np.zeros_like(weighted)
    np.divide(weighted, weight, out=known, where=weight > 0)
    if (height == 1 and width == 1) or (weight > 0).all():
        return known
    coarse = _pull(_halve(weighted), _halve(weight))
    surroundings = coarse.repeat(2, 0)[:height].repeat(2, 1)[:, :width]
    known[:] = np.where(weight > 0, known, surroundings)
    return known


def _halve(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sums of 2 x 2; an odd last row or column stands alone."""
    height, width = values.shape[:2]
    padded = np.pad(values, ((0, height % 2), (0, width % 2), (0, 0)))
    rows = padded[0::2] + padded[1::2]
    # a quarter keeps the numbers small; only their ratio matters
    total: NDArray[np.float32] = (rows[:, 0::2] + rows[:, 1::2]) * np.float32(0.25)
    return total


def flat_places(alpha: NDArray[Any]) -> NDArray[np.bool_]:
    """Where alpha equals all of its eight neighbours: (H, W).

    Enlarged transparency is set back to the source's value there, so that what was wholly opaque
    or wholly clear stays so to the last bit.
    """
    padded = np.pad(alpha, 1, mode="edge")
    height, width = alpha.shape
    flat = np.ones(alpha.shape, bool)
    for dy in range(3):
        for dx in range(3):
            flat &= padded[dy : dy + height, dx : dx + width] == alpha
    return flat
