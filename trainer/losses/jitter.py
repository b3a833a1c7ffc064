"""The same random piece of two pictures, so that no loss knows the grid of the upsampling.

Crops begin on the grid of the small picture, so that VGG's max pooling and a discriminator's
strided convs meet the phases of a pixel shuffle always at the same places. A pattern that repeats
with the grid and suits those places may then pay off in every step; seen from another place each
time it should not. (The same means keeps patterns out of
feature visualisation: Olah et al., "Feature Visualization", Distill 2017, and Odena et al.,
"Deconvolution and Checkerboard Artifacts", Distill 2016, on where the gradient's come from.)
"""

from __future__ import annotations

import numpy as np
from torch import Tensor

_STREAM = 10


def jittered(pictures: Tensor, most: int, seed: int, step: int) -> Tensor:
    """The piece of ``pictures`` (..., H, W) that is looked at in ``step``, as a view.

    Args:
        most: pixels by which it is smaller on each axis; it begins at 0 to ``most`` - 1. 0: all.
        seed: of the run.
    """
    if not most:
        return pictures
    top, left = np.random.default_rng((seed, step, _STREAM)).integers(most, size=2)
    height, width = (side - most for side in pictures.shape[-2:])
    return pictures[..., top : top + height, left : left + width]
