"""Turning pixels the right way up."""

from __future__ import annotations

import numpy as np

from srgan_desktop.core.images.image import Pixels


def turned(pixels: Pixels, orientation: int) -> Pixels:
    """pixels (H, W) or (H, W, C), stored with that EXIF orientation (1..8), seen upright.

    C-contiguous and writable. 2 to 4 mirror and half-turn, 5 to 8 exchange width and height.
    """
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    # after the exchange: 5 as it is, 6 mirrored left-right, 7 both, 8 top-bottom
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    upright = np.ascontiguousarray(pixels)
    # decoders may lend memory that must not be written to, and torch minds
    return upright if upright.flags.writeable else upright.copy()
