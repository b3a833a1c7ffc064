"""Crops that lose their colour."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from srgan_desktop.core.networks.strengths import STRENGTHS
from trainer.config.presets import load_preset
from trainer.data.degradations.greys import Greys
from trainer.data.degradations.step_samples import step_sample

LUMA = torch.tensor([0.299, 0.587, 0.114])[:, None, None]
COLOUR_NOISE = STRENGTHS.index("colour_noise")
N = 64


@pytest.fixture
def colourful() -> Tensor:
    """uint8 (64, 3, 16, 16), no colour near the ends of its range."""
    source = torch.Generator().manual_seed(1)
    return torch.randint(60, 180, (N, 3, 16, 16), generator=source, dtype=torch.uint8)


def lightness(levels: Tensor) -> Tensor:
    return (levels.float() * LUMA).sum(1)


def colour(levels: Tensor) -> Tensor:
    """(N,): how far the colours are from grey."""
    levels = levels.float()
    return (levels - levels.mean(1, keepdim=True)).abs().mean((1, 2, 3))


def test_lightness_stays_and_colour_goes_as_far_as_told(colourful: Tensor) -> None:
    greys = Greys.drawn(1.0, N, (3, 1))
    changed = greys.applied(colourful)
    assert float((lightness(changed) - lightness(colourful)).abs().max()) < 1
    assert torch.equal(changed, changed.round())
    grey = (changed == changed[:, :1]).all(1).flatten(1).all(1)
    some = greys.kept > 0
    assert 20 < int(grey.sum()) < 44 and 6 < int(some.sum()) < 28
    # the rest has one tone all over: its colours are in one proportion
    toned = ~grey & ~some
    part = changed[toned] / lightness(changed[toned])[:, None]
    assert int(toned.sum()) > 6
    assert float(part.std((2, 3)).max()) < 0.01
    before, after = colour(colourful)[some], colour(changed)[some]
    assert torch.allclose(after, before * greys.kept[some], atol=0.4)


def test_noise_of_the_colours_goes_with_them() -> None:
    greys = Greys.drawn(0.5, N, (3, 1))
    before = torch.full((N, len(STRENGTHS)), 0.8)
    after = greys.left_of(before)
    assert torch.equal(after[:, COLOUR_NOISE], 0.8 * greys.kept)
    others = [i for i in range(len(STRENGTHS)) if i != COLOUR_NOISE]
    assert torch.equal(after[:, others], before[:, others])
    assert bool((before == 0.8).all())
    assert 16 < int((greys.kept < 1).sum()) < 48


def test_a_part_of_the_batch_gets_what_it_gets_in_the_whole() -> None:
    whole, part = Greys.drawn(0.6, N, (3, 1)), Greys.drawn(0.6, N - 9, (3, 1), first=9)
    assert torch.equal(whole.matrices[9:], part.matrices)
    assert len(whole.matrices.unique(dim=0)) > 15


def test_what_is_treated_alike_loses_its_colour_alike() -> None:
    greys = Greys.drawn(0.6, N, (3, 1), share=8)
    blocks = greys.matrices.view(8, 8, 3, 3)
    assert torch.equal(blocks, blocks[:, :1].expand_as(blocks))
    assert len(greys.matrices.unique(dim=0)) > 3


def test_grey_networks_and_pictures_that_keep_their_colours_are_left_alone(
    colourful: Tensor,
) -> None:
    assert Greys.drawn(0.0, N, (3, 1)).applied(colourful) is colourful
    one = colourful[:, :1]
    assert Greys.drawn(1.0, N, (3, 1)).applied(one) is one


@pytest.mark.parametrize("clean_part", [0.0, 1.0])
def test_a_step_shows_both_sizes_without_the_same_colours(clean_part: float) -> None:
    words = [f"degradation.clean_part={clean_part}", "batch=16"]
    coloured, grey = (
        load_preset(
            "tiny", ["degradation.kind=second_order", f"degradation.grey_part={part}", *words]
        )
        for part in (0.0, 1.0)
    )
    side = coloured.data.crop
    source = torch.Generator().manual_seed(2)
    crops = torch.randint(60, 180, (16, 3, side, side), generator=source, dtype=torch.uint8)
    plain, sample = (step_sample(config, crops, 5) for config in (coloured, grey))
    assert float((lightness(sample.hr) - lightness(plain.hr)).abs().max()) < 1 / 255
    grey_small, grey_large = (
        (shown == shown[:, :1]).flatten(1).all(1) for shown in (sample.lr, sample.hr)
    )
    assert torch.equal(grey_small, grey_large)
    assert 4 < int(grey_small.sum()) < 13
    assert not bool((plain.hr == plain.hr[:, :1]).flatten(1).all(1).any())
    assert bool((sample.strengths[:, COLOUR_NOISE] <= plain.strengths[:, COLOUR_NOISE]).all())
    assert torch.equal(sample.strengths[:, :COLOUR_NOISE], plain.strengths[:, :COLOUR_NOISE])
    assert not sample.strengths.any() if clean_part else bool(sample.strengths.any())
