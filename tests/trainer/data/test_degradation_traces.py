"""What the trainer says of how a crop was made worse, against what can be measured in it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from srgan_desktop.core.networks.strengths import STRENGTHS
from trainer.config.degradation_settings import DegradationConfig
from trainer.data.degradations.chains import DEGRADATIONS
from trainer.data.degradations.draws import Draws
from trainer.data.degradations.step_samples import degrade_with_strengths, degraded
from trainer.data.degradations.traces import FULL_BLUR, FULL_NOISE, Traces

CPU = torch.device("cpu")
BLUR, NOISE, COLOUR_NOISE, COMPRESSION = range(len(STRENGTHS))


def crops(count: int, side: int = 96) -> torch.Tensor:
    """uint8 (count, 3, side, side): soft grey gradients, each of its own."""
    line = torch.linspace(60, 200, side)
    return (line[:, None] / 2 + line[None] / 2).expand(count, 3, -1, -1).to(torch.uint8)


@pytest.mark.parametrize("kind", ["second_order", "shuffled"])
def test_the_noise_that_is_told_is_the_noise_that_is_there(kind: str) -> None:
    """Two draws that differ in their noise alone differ by what is told, whatever came after it."""
    settings = DegradationConfig(kind)  # type: ignore[arg-type]
    picture = crops(4).float() / 255
    told, found = [], []
    for step in range(60):
        made = []
        for own in (1, 2):
            draws = Draws((step,), [0, 1, 2, 3], CPU, own=(step, own))
            made.append(DEGRADATIONS[kind](picture, (24, 24), settings, draws))
        difference = (made[0] - made[1]) / 2**0.5
        lightness = (difference * torch.tensor([0.299, 0.587, 0.114])[:, None, None]).sum(1)
        told.append(float(draws.traces.strengths()[:, NOISE].mean()))
        found.append(min(1.0, float(lightness.std()) * 255 / FULL_NOISE))
    assert np.corrcoef(told, found)[0, 1] > 0.85
    assert abs(np.mean(told) - np.mean(found)) < 0.08


def only(**parts: object) -> DegradationConfig:
    """Nothing but what is named, in the second round."""
    off = {"blur": 0.0, "noise": 0.0, "jpeg": 0.0, "resize_down": 0.0, "resize_up": 0.0}
    plain = DegradationConfig("second_order", final_sinc=0.0)
    return dataclasses.replace(
        plain,
        first=dataclasses.replace(plain.first, **off),  # type: ignore[arg-type]
        second=dataclasses.replace(plain.second, **(off | parts)),  # type: ignore[arg-type]
    )


SIGMA_LR = 0.6  # of a blur that is done before the picture is made smaller by 4


def told(settings: DegradationConfig) -> np.ndarray:
    return degrade_with_strengths(crops(8), 4, settings, (1,))[1].numpy().mean(0)


def test_each_strength_tells_of_its_own_kind() -> None:
    assert not told(only()).any()
    round_only = {"anisotropic": 0.0, "generalised": 0.0, "plateau": 0.0, "sinc": 0.0}
    blur = told(only(blur=1.0, sigma=(4 * SIGMA_LR,) * 2, **round_only))
    assert blur[BLUR] == pytest.approx(SIGMA_LR / FULL_BLUR, rel=0.1) and not blur[1:].any()
    grey = told(only(noise=1.0, gaussian=1.0, noise_sigma=(10.0, 10.0), grey_noise=1.0))
    assert grey[NOISE] == pytest.approx(10 / FULL_NOISE, rel=0.02)
    assert not grey[[BLUR, COLOUR_NOISE, COMPRESSION]].any()
    colour = told(only(noise=1.0, gaussian=1.0, noise_sigma=(10.0, 10.0), grey_noise=0.0))
    assert colour[COLOUR_NOISE] > 0 and 0 < colour[NOISE] < grey[NOISE]
    poor, fair = (told(only(jpeg=1.0, quality=(q, q))) for q in (35, 80))
    assert poor[COMPRESSION] > fair[COMPRESSION] > 0 and not poor[:COMPRESSION].any()


def test_making_smaller_averages_what_came_before() -> None:
    early, late = Traces(1, (96, 96), (24, 24)), Traces(1, (96, 96), (24, 24))
    sigma, grey = np.array([0.06]), np.array([True])
    early.noised(sigma, grey)
    early.resized((24, 24))
    late.resized((24, 24))
    late.noised(sigma, grey)
    assert early.strengths()[0, NOISE] == pytest.approx(late.strengths()[0, NOISE] / 4)


def test_a_picture_that_was_smaller_in_between_is_blurred() -> None:
    traces = Traces(1, (96, 96), (24, 24))
    for side in (24, 12, 24):
        traces.resized((side, side))
    assert traces.strengths()[0, BLUR] > 0


def test_telling_changes_nothing() -> None:
    settings = DegradationConfig("second_order", clean_part=0.3)
    pictures = crops(8)
    lr, strengths = degrade_with_strengths(pictures, 4, settings, (1, 2))
    assert torch.equal(lr, degraded(pictures, 4, settings, (1, 2)))
    assert strengths.shape == (8, len(STRENGTHS))
    assert len(strengths.unique(dim=0)) > 4


@pytest.mark.parametrize("kind", ["second_order", "shuffled"])
@pytest.mark.parametrize("share", [4, 8])
def test_neighbours_share_strengths_but_not_noise(kind: str, share: int) -> None:
    settings = DegradationConfig(kind, clean_part=0.2)  # type: ignore[arg-type]
    pictures = crops(16)
    for step in range(6):
        lr, strengths = degrade_with_strengths(pictures, 4, settings, (1, step), share=share)
        for first in range(0, 16, share):
            rows = strengths[first : first + share]
            assert bool((rows == rows[0]).all())
            is_clean = not bool(rows.any())
            assert torch.equal(lr[first], lr[first + 1]) == is_clean
            assert torch.equal(lr[first], lr[first + share - 1]) == is_clean


def test_a_process_with_a_part_of_the_batch_makes_the_same_of_it() -> None:
    settings = DegradationConfig("second_order", clean_part=0.2)
    pictures = crops(16)
    whole, _ = degrade_with_strengths(pictures, 4, settings, (3, 1), share=8)
    part, _ = degrade_with_strengths(pictures[8:], 4, settings, (3, 1), 8, share=8)
    assert torch.equal(whole[8:], part)
