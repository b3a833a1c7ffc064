"""Pictures handed from Qt to NumPy and back own their memory, whatever their width."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from srgan_desktop.gui.common.files import picture_of
from srgan_desktop.gui.common.qimages import array_of, image_of
from srgan_desktop.gui.viewer.tile_loader import to_image

# rows of a multiple of 4 pixels have no padding, and so nothing had to be copied
SIZES = [(3840, 2160), (64, 64), (63, 64), (65, 7), (66, 5), (67, 3), (1, 1), (4, 4)]


def pattern(size: tuple[int, int], channels: int) -> np.ndarray:
    width, height = size
    values = np.arange(width * height * channels, dtype=np.uint32) * 7 % 251
    return values.astype(np.uint8).reshape(height, width, channels)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("channels", [3, 4])
def test_pixels_outlive_the_image_they_came_from(
    qapp: QApplication, size: tuple[int, int], channels: int
) -> None:
    wanted = pattern(size, channels)
    pixels = array_of(image_of(wanted))
    gc.collect()
    # whoever takes the freed memory writes into it
    others = [np.full_like(wanted, 255) for _ in range(4)]
    assert pixels.flags.owndata
    assert pixels.flags.writeable
    assert np.array_equal(pixels, wanted)
    assert all((other == 255).all() for other in others)


@pytest.mark.parametrize("size", SIZES)
def test_a_picture_outlives_the_image_it_came_from(
    qapp: QApplication, size: tuple[int, int]
) -> None:
    wanted = pattern(size, 3)
    picture = picture_of(image_of(wanted).convertToFormat(QImage.Format.Format_RGB888))
    gc.collect()
    others = [np.full_like(wanted, 255) for _ in range(4)]
    assert np.array_equal(picture.pixels, wanted)
    assert len(others) == 4
    base = picture.pixels if picture.pixels.base is None else picture.pixels.base
    assert isinstance(base, np.ndarray), "no view into memory of Qt's"


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("make", [image_of, to_image])
def test_an_image_outlives_the_pixels_it_came_from(
    qapp: QApplication, make: object, channels: int
) -> None:
    pixels = pattern((64, 16), channels)
    pixels[..., 3:] = 255
    image: QImage = make(pixels)  # type: ignore[operator]
    wanted = pixels[5, 9].tolist()
    pixels[:] = 0
    colour = image.pixelColor(9, 5)
    assert [colour.red(), colour.green(), colour.blue()] == wanted[:3]
