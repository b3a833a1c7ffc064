from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from srgan_desktop.core.base.errors import UsageError
from trainer.config.presets import load_preset
from trainer.evaluation import metrics
from trainer.losses.generator import GeneratorLoss
from trainer.losses.pixel import PIXEL_LOSSES


def _pictures(seed: int, shape: tuple[int, ...] = (3, 24, 30)) -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(seed)
    a = torch.randint(0, 256, shape, generator=random).float()
    b = (a + torch.randint(-20, 21, shape, generator=random)).clamp(0, 255)
    return a, b


def test_losses_against_their_definitions() -> None:
    a, b = (x.double().numpy() / 255 for x in _pictures(1))
    sr, hr = torch.from_numpy(a), torch.from_numpy(b)
    assert float(PIXEL_LOSSES["l1"](sr, hr)) == pytest.approx(np.abs(a - b).mean())
    # on -1..1 a difference is twice as large
    assert float(PIXEL_LOSSES["mse"](sr, hr)) == pytest.approx(
        (((2 * a - 1) - (2 * b - 1)) ** 2).mean()
    )
    assert float(PIXEL_LOSSES["charbonnier"](sr, hr)) == pytest.approx(
        np.sqrt((a - b) ** 2 + 1e-6).mean()
    )


@pytest.mark.parametrize("name", sorted(PIXEL_LOSSES))
def test_losses_have_their_least_at_equality_and_a_gradient(name: str) -> None:
    hr = torch.rand(2, 3, 5, 5)
    sr = (hr + 0.1).requires_grad_()
    loss = PIXEL_LOSSES[name](sr, hr)
    assert float(PIXEL_LOSSES[name](hr, hr)) < float(loss.detach())
    torch.autograd.backward(loss)
    assert sr.grad is not None
    assert bool((sr.grad > 0).all())


def _reference_luma(picture: Tensor) -> np.ndarray:
    r, g, b = picture.double().numpy()
    return 16 + (65.481 * r + 128.553 * g + 24.966 * b) / 255


def test_psnr_against_the_plain_formula() -> None:
    a, b = _pictures(2)
    difference = (_reference_luma(a) - _reference_luma(b))[4:-4, 4:-4]
    assert metrics.psnr_y(a, b, 4) == pytest.approx(10 * np.log10(255**2 / (difference**2).mean()))


def test_known_values() -> None:
    white, black = torch.full((3, 20, 20), 255.0), torch.zeros(3, 20, 20)
    # Y of white is 235 and of black 16
    assert float(metrics.luma(white).mean()) == pytest.approx(235)
    assert float(metrics.luma(black).mean()) == pytest.approx(16)
    assert metrics.psnr_y(white, black, 0) == pytest.approx(20 * math.log10(255 / 219))
    assert metrics.psnr_y(white, white, 0) == math.inf
    assert metrics.ssim_y(white, white, 0) == pytest.approx(1)


def test_a_grey_picture_counts_as_equal_channels() -> None:
    a, b = _pictures(3, (1, 24, 24))
    as_rgb = [x.repeat(3, 1, 1) for x in (a, b)]
    assert metrics.psnr_y(a, b, 2) == pytest.approx(metrics.psnr_y(as_rgb[0], as_rgb[1], 2))
    assert metrics.ssim_y(a, b, 2) == pytest.approx(metrics.ssim_y(as_rgb[0], as_rgb[1], 2))


def _reference_ssim(x: np.ndarray, y: np.ndarray) -> float:
    """Window by window, as the paper writes it."""
    line = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    window = np.outer(line, line) / line.sum() ** 2
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    values = []
    for top in range(x.shape[0] - 10):
        for left in range(x.shape[1] - 10):
            p, q = x[top : top + 11, left : left + 11], y[top : top + 11, left : left + 11]
            mp, mq = (window * p).sum(), (window * q).sum()
            vp, vq = (window * (p - mp) ** 2).sum(), (window * (q - mq) ** 2).sum()
            cov = (window * (p - mp) * (q - mq)).sum()
            values.append(
                (2 * mp * mq + c1) * (2 * cov + c2) / ((mp**2 + mq**2 + c1) * (vp + vq + c2))
            )
    return float(np.mean(values))


def test_ssim_against_the_definition() -> None:
    a, b = _pictures(4)
    expected = _reference_ssim(_reference_luma(a)[2:-2, 2:-2], _reference_luma(b)[2:-2, 2:-2])
    assert metrics.ssim_y(a, b, 2) == pytest.approx(expected, abs=1e-9)


def test_a_picture_smaller_than_the_window_has_no_ssim() -> None:
    a, b = _pictures(5, (3, 10, 40))
    assert math.isnan(metrics.ssim_y(a, b, 0))
    assert math.isfinite(metrics.psnr_y(a, b, 0))


def test_the_tone_loss_sees_light_and_not_grain() -> None:
    config = load_preset("tiny", ["loss.tone_weight=2", "loss.tone_side=8"])
    hr = torch.full((2, 3, 36, 36), 0.5)
    lighter = hr + 0.1
    grain = hr + 0.1 * (torch.arange(36) % 2 * 2 - 1)
    terms = GeneratorLoss(config, None).terms(lighter, hr, 0)
    assert float(terms["tone"]) == pytest.approx(0.2)
    assert float(GeneratorLoss(config, None).terms(grain, hr, 0)["tone"]) < 1e-6
    assert "tone" not in GeneratorLoss(load_preset("tiny"), None).terms(grain, hr, 0)


def test_the_tone_is_the_originals_where_the_target_is_sharpened() -> None:
    settings = ["loss.tone_weight=1", "loss.tone_side=4", "degradation.sharpen_target=true"]
    hr = torch.full((1, 3, 64, 64), 0.2)
    hr[..., 32:] = 0.7
    terms = GeneratorLoss(load_preset("tiny", settings), None).terms(hr, hr, 0)
    assert float(terms["tone"]) == 0
    assert float(terms["pixel"]) > 0.001


def test_squares_of_the_tone_loss_fit_into_a_crop() -> None:
    with pytest.raises(UsageError, match=r"tone_side 999 is larger than data\.crop"):
        load_preset("tiny", ["loss.tone_weight=1", "loss.tone_side=999"])


def test_the_grid_loss_sees_what_repeats_with_the_small_pixels_and_nothing_else() -> None:
    config = load_preset("tiny", ["generator.scale=4", "loss.grid_weight=2", "loss.grid_side=4"])
    hr = torch.rand(2, 3, 64, 64)
    lattice = torch.zeros(4, 4)
    lattice[1, 2] = 0.16
    repeated = lattice.repeat(16, 16)

    def grid(sr: Tensor) -> float:
        return float(GeneratorLoss(config, None).terms(sr, hr, 0)["grid"])

    # the mean of all places is no lattice: 15 of 0.01 below it and one 0.15 above
    assert grid(hr + repeated) == pytest.approx(2 * 0.3 / 16, rel=1e-3)
    assert grid(hr + 0.1) < 1e-6
    # every other square of small pixels has its opposite
    alternating = repeated * (torch.arange(64) // 4 % 2 * 2 - 1)
    assert grid(hr + alternating) < 1e-6
    assert grid(hr) == 0


def test_squares_of_the_grid_loss_fit_into_a_crop() -> None:
    with pytest.raises(UsageError, match=r"grid_side 99 at x\d is larger than data\.crop"):
        load_preset("tiny", ["loss.grid_weight=1", "loss.grid_side=99"])
