"""The bicubic enlargement against a direct evaluation of the kernel."""

from __future__ import annotations

import numpy as np
import pytest

from srgan_desktop.gui.viewer.before_resampler import BicubicEnlargement, keys_weights
from srgan_desktop.gui.viewer.pyramid import Box, Pixels, Pyramid, level_size


def keys(t: float) -> float:
    t = abs(t)
    if t <= 1:
        return 1.5 * t**3 - 2.5 * t**2 + 1
    return -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2 if t < 2 else 0.0


def direct(pixels: Pixels, x: int, y: int, step_x: float, step_y: float) -> np.ndarray:
    """One enlarged pixel, by the definition."""
    height, width = pixels.shape[:2]
    at_x, at_y = (x + 0.5) * step_x - 0.5, (y + 0.5) * step_y - 0.5
    total = np.zeros(pixels.shape[2])
    for row in range(int(np.floor(at_y)) - 1, int(np.floor(at_y)) + 3):
        for column in range(int(np.floor(at_x)) - 1, int(np.floor(at_x)) + 3):
            value = pixels[min(max(row, 0), height - 1), min(max(column, 0), width - 1)]
            total += keys(at_x - column) * keys(at_y - row) * value
    return np.rint(total).clip(0, 255)


def noise(height: int, width: int, channels: int = 3) -> Pixels:
    return np.random.default_rng(5).integers(0, 256, (height, width, channels), dtype=np.uint8)


@pytest.mark.parametrize("size", [(52, 40), (61, 47), (39, 30)])
@pytest.mark.parametrize("level", [0, 1])
def test_each_pixel_is_what_the_definition_says(size: tuple[int, int], level: int) -> None:
    pixels = noise(10, 13)
    width, height = level_size(size, level)
    read = BicubicEnlargement(Pyramid(pixels), size).read(level, Box(0, 0, width, height))
    step = (1 << level) * 13 / size[0], (1 << level) * 10 / size[1]
    for x, y in [(0, 0), (width - 1, height - 1), (7, 5), (width // 2, height // 3)]:
        assert np.abs(read[y, x] - direct(pixels, x, y, *step)).max() <= 1


def test_tiles_equal_the_whole() -> None:
    enlarged = BicubicEnlargement(Pyramid(noise(30, 30)), (100, 90))
    whole = enlarged.read(0, Box(0, 0, 100, 90))
    assert (enlarged.read(0, Box(33, 20, 71, 55)) == whole[20:55, 33:71]).all()


def test_weights_sum_to_one() -> None:
    weights = keys_weights(np.linspace(0, 1, 50, dtype=np.float32))
    assert np.abs(weights.sum(axis=1) - 1).max() < 1e-6


def test_levels_stop_where_the_source_is_larger() -> None:
    assert BicubicEnlargement(Pyramid(noise(30, 40)), (160, 120)).levels == 3
    assert BicubicEnlargement(Pyramid(noise(30, 40)), (40, 30)).levels == 1
    assert BicubicEnlargement(Pyramid(noise(1, 1)), (4, 4)).levels >= 1


def test_colours_stay_within_their_alpha() -> None:
    pixels = noise(12, 12, 4)
    read = BicubicEnlargement(Pyramid(pixels), (48, 48)).read(0, Box(0, 0, 48, 48))
    assert (read[..., :3] <= read[..., 3:]).all()
