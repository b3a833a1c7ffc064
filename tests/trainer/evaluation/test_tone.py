from __future__ import annotations

import numpy as np
import pytest
import torch

from trainer.evaluation.tone import area_means, tone_error


def test_equal_pictures_of_any_size_have_none() -> None:
    small = torch.rand(3, 37, 50) * 255
    large = small.repeat_interleave(4, 1).repeat_interleave(4, 2)
    assert max(tone_error(large, small)) < 1e-9


def test_a_lighter_picture_shows_by_how_much() -> None:
    small = torch.full((3, 40, 64), 100.0)
    large = torch.full((3, 160, 256), 104.0)
    assert tone_error(large, small) == pytest.approx((4, 4))


def test_one_dark_corner_shows_in_the_worst_but_hardly_in_the_mean() -> None:
    small = torch.full((1, 64, 64), 100.0)
    large = torch.full((1, 256, 256), 100.0)
    large[:, :32, :32] = 80
    error = tone_error(large, small)
    assert error.mean == pytest.approx(20 / 64)
    # between the only place that differs and the rest
    assert error.p99 == pytest.approx(20 * (1 - 0.63), abs=0.01)


def test_grain_and_sharpness_hardly_count() -> None:
    small = torch.full((3, 96, 144), 128.0)
    grain = torch.from_numpy(np.random.default_rng(0).normal(0, 10, (3, 384, 576)))
    assert tone_error(128 + grain, small).p99 < 0.5


def test_area_means_share_the_pixels_between_two_parts() -> None:
    line = torch.tensor([[[0.0, 10.0, 20.0]]])
    assert area_means(line, (1, 2)).flatten().tolist() == pytest.approx([10 / 3, 50 / 3])
    assert area_means(line, (1, 1)).flatten().tolist() == pytest.approx([10])
