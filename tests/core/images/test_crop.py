"""A part of a picture."""

from __future__ import annotations

import numpy as np
import pytest

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.images.crop import Crop
from srgan_desktop.core.images.image import RasterImage


def test_it_reads_what_it_writes() -> None:
    crop = Crop(3, 0, 20, 10)
    assert Crop.parse(str(crop)) == crop
    assert Crop.parse(" 3, 0,20 ,10 ") == crop


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,4,5", "1,2,0,4", "-1,2,3,4", "a,b,c,d"])
def test_nonsense(text: str) -> None:
    with pytest.raises(UsageError, match="--crop is X,Y,W,H in pixels"):
        Crop.parse(text)


def test_a_part_is_the_same_pixels_in_memory_of_its_own() -> None:
    pixels = np.arange(8 * 6 * 3, dtype=np.uint8).reshape(6, 8, 3)
    whole = RasterImage(pixels, alpha=pixels[..., 0].copy(), format="jpeg")
    part = whole.cropped(Crop(2, 1, 4, 3))
    assert np.array_equal(part.pixels, pixels[1:4, 2:6])
    assert part.alpha is not None and np.array_equal(part.alpha, pixels[1:4, 2:6, 0])
    assert part.format == "jpeg" and not np.shares_memory(part.pixels, pixels)
    with pytest.raises(UsageError, match="goes beyond the picture of 8 x 6 pixels"):
        whole.cropped(Crop(5, 1, 4, 3))
