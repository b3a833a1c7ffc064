"""A JPEG written in strips holds the pixels of one that Pillow writes whole."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from srgan_desktop.core.images.io import blocks
from srgan_desktop.core.images.io.jpeg_write import write_jpeg


def decoded(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


@pytest.mark.parametrize("size", [(1, 1), (40, 17), (97, 64), (640, 33)])
@pytest.mark.parametrize("colours", [1, 3])
@pytest.mark.parametrize("full_colour", [True, False])
def test_the_pixels_are_those_of_pillow(
    size: tuple[int, int], colours: int, *, full_colour: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1)  # a strip for each row of blocks
    height, width = size
    pixels = np.random.default_rng(1).integers(0, 256, (height, width, colours), dtype=np.uint8)
    out, whole = io.BytesIO(), io.BytesIO()
    write_jpeg(out, pixels, 80, full_colour=full_colour)
    image = Image.fromarray(pixels if colours == 3 else pixels[:, :, 0])
    image.save(whole, "JPEG", quality=80, subsampling=0 if full_colour else 2)
    assert np.array_equal(decoded(out.getvalue()), decoded(whole.getvalue()))
    strips = -(-height // (8 if full_colour or colours == 1 else 16))
    assert out.getvalue().count(b"\xff\xdd\0\4") == 1
    assert len(out.getvalue()) <= len(whole.getvalue()) + 6 + 4 * strips
