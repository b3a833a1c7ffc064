from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from trainer.data.degradations import bicubic_lr_large
from trainer.evaluation.damage import KINDS, damaged

Photo = Callable[..., np.ndarray]


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_and_a_place_decide_what_a_picture_gets(kind: str, photo: Photo) -> None:
    picture = photo(0, width=130, height=98)
    hr, lr = damaged(picture, kind, 4, 7, 3)
    assert (hr.shape, lr.shape) == ((96, 128, 3), (24, 32, 3))
    assert (lr == damaged(picture, kind, 4, 7, 3)[1]).all()
    if kind in ("phone", "scan", "night"):
        assert (lr != damaged(picture, kind, 4, 8, 3)[1]).any()
        assert (lr != damaged(picture, kind, 4, 7, 4)[1]).any()


def test_clean_pictures_are_those_of_the_benchmarks(photo: Photo) -> None:
    hr, lr = damaged(photo(1, width=64, height=64), "clean", 2, 0, 0)
    expected = bicubic_lr_large(torch.from_numpy(hr.copy()).permute(2, 0, 1).float(), 2)
    assert (torch.from_numpy(lr).permute(2, 0, 1) == expected).all()


def test_each_kind_has_its_damage() -> None:
    grey = np.full((256, 256, 3), 128, np.uint8)
    noise = {kind: damaged(grey, kind, 4, 0, 0)[1].astype(float) for kind in KINDS}
    for still in ("clean", "messenger", "web"):
        assert (noise[still] == 128).all()
    # JPEG takes part of the noise, and most of that in the colours
    assert 1 < noise["phone"].std() < 4
    assert 7 < noise["scan"].std() < 11
    assert 13 < noise["night"].std() < 23
    spread = {kind: (noise[kind] - noise[kind].mean(2, keepdims=True)).std() for kind in noise}
    assert spread["scan"] < 1
    assert spread["night"] > 3


def test_web_pictures_are_sharpened_and_scans_soft(photo: Photo) -> None:
    step = np.zeros((64, 64, 3), np.uint8)
    step[:, :32] = 60
    step[:, 32:] = 180
    columns = {kind: damaged(step, kind, 4, 0, 0)[1][..., 1].mean(0) for kind in ("web", "scan")}
    assert columns["web"].min() < 45
    assert columns["web"].max() > 195
    assert 75 < columns["scan"][7] < 120 < columns["scan"][8] < 165
