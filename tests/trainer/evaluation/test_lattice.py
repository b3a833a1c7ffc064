from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from trainer.evaluation.lattice import lattice_db


def _photo_like(height: int = 256, width: int = 320) -> Tensor:
    """Noise whose spectrum falls as that of photos does."""
    random = torch.Generator().manual_seed(3)
    white = torch.fft.fft2(torch.randn(height, width, generator=random, dtype=torch.float64))
    rows, columns = (torch.fft.fftfreq(n, dtype=torch.float64) for n in (height, width))
    falling = 1 / torch.hypot(rows[:, None], columns[None]).clamp(min=1e-3)
    plain: Tensor = torch.fft.ifft2(white * falling).real
    return 120 + 30 * plain / plain.std()


def _pattern(scale: int, height: int = 256, width: int = 320) -> Tensor:
    # one brighter place of each: all the grid's frequencies alike
    tile = torch.zeros(scale, scale, dtype=torch.float64)
    tile[1, 0] = scale
    return tile.repeat(-(-height // scale), -(-width // scale))[:height, :width]


def test_what_has_no_grid_comes_to_about_nothing() -> None:
    assert lattice_db(_photo_like(), 4) == pytest.approx(0, abs=1)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_a_pattern_of_the_grid_stands_out_by_its_strength(scale: int) -> None:
    weak, strong = (lattice_db(_photo_like() + part * _pattern(scale), scale) for part in (2, 8))
    assert weak > 3
    assert strong == pytest.approx(weak + 20 * math.log10(4), abs=2)


def test_another_grid_does_not_count() -> None:
    assert lattice_db(_photo_like() + 2 * _pattern(5), 4) < 1


def test_brightness_and_contrast_do_not_count() -> None:
    picture = _photo_like() + _pattern(4)
    assert lattice_db(3 * picture + 50, 4) == pytest.approx(lattice_db(picture, 4))


def test_small_and_empty_pictures_have_none() -> None:
    assert math.isnan(lattice_db(torch.rand(127, 400), 4))
    assert math.isnan(lattice_db(torch.full((200, 200), 7.0), 4))
