from __future__ import annotations

import pytest
import torch
from torch import Tensor

from srgan_desktop.core.base.errors import UsageError
from trainer.config.presets import load_preset
from trainer.losses.generator import GeneratorLoss
from trainer.losses.jitter import jittered

PLACES = torch.arange(24.0).view(1, 1, 1, 24) + 100 * torch.arange(24.0).view(1, 1, 24, 1)


def _corner(step: int, seed: int = 1, most: int = 8) -> tuple[int, int]:
    value = int(jittered(PLACES, most, seed, step)[0, 0, 0, 0])
    return value // 100, value % 100


def test_pieces_are_smaller_and_begin_on_every_phase_alike() -> None:
    corners = [_corner(step) for step in range(2000)]
    assert jittered(PLACES, 8, 1, 5).shape == (1, 1, 16, 16)
    for axis in range(2):
        counts = torch.bincount(torch.tensor([corner[axis] for corner in corners]), minlength=8)
        assert len(counts) == 8
        assert int(counts.min()) > 190


def test_a_step_has_its_piece_whoever_asks() -> None:
    assert _corner(7) == _corner(7)
    assert len({_corner(step) for step in range(8)}) > 3
    assert len({_corner(7, seed) for seed in range(8)}) > 3


def test_without_it_the_whole_picture_is_seen() -> None:
    assert jittered(PLACES, 0, 1, 5) is PLACES


def test_the_content_loss_compares_the_same_piece_of_both() -> None:
    seen: list[Tensor] = []

    def features(pictures: Tensor) -> list[Tensor]:
        seen.append(pictures)
        return [pictures]

    config = load_preset("tiny", ["loss.jitter=8", "content.weight=1", "content.divisor=1"])
    terms = GeneratorLoss(config, features).terms(PLACES + 1, PLACES, 3)
    assert [tuple(picture.shape) for picture in seen] == [(1, 1, 16, 16)] * 2
    assert torch.equal(seen[0], seen[1] + 1)
    assert float(terms["content"]) == pytest.approx(1)
    # the pixel loss compares all
    assert float(terms["pixel"]) == pytest.approx(config.loss.pixel_weight)


def test_something_has_to_be_left() -> None:
    with pytest.raises(UsageError, match=r"jitter 96 leaves nothing of data\.crop 96"):
        load_preset("tiny", ["data.crop=96", "loss.jitter=96"])
