"""Whole chains: LR of a step as a function of the seed and the step, and runs that use it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from srgan_desktop.core.base.events import drain
from srgan_desktop.core.weights.model_file import load_model
from trainer.config.degradation_settings import FirstRound
from trainer.config.presets import load_preset
from trainer.config.reading import from_mapping
from trainer.config.run_config import RunConfig
from trainer.data.dataset import image_paths
from trainer.data.degradations import (
    DegradationConfig,
    bicubic_lr,
    degraded,
    lr_hr_pair,
    step_pair,
    validation_lr,
)
from trainer.data.degradations.step_samples import degrade_with_strengths
from trainer.data.validation_pieces import load_pieces
from trainer.losses.generator import GeneratorLoss
from trainer.run.inputs import RunInputs
from trainer.run.run_folder import RunFolder
from trainer.training.session import load_data, resume, start
from trainer.training.stages.common import crop_sampler, padded_crop

Photo = Callable[..., np.ndarray]
KINDS = ("second_order", "shuffled")
# mean and deviation of what version 0.1 made of a certain picture
BEFORE = {"second_order": (128.583, 6.764), "shuffled": (127.117, 6.387)}


@pytest.fixture
def crops(photo: Photo) -> Tensor:
    """uint8 (6, 3, 96, 96), channels_last."""
    pixels = np.stack([photo(seed, width=96, height=96) for seed in range(6)])
    return torch.from_numpy(pixels).permute(0, 3, 1, 2)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scale", [2, 4])
def test_lr_is_a_worse_picture_of_the_same(kind: str, scale: int, crops: Tensor) -> None:
    settings = DegradationConfig(kind)  # type: ignore[arg-type]
    clean = bicubic_lr(crops, scale)
    for step in range(4):
        lr = degraded(crops, scale, settings, (1, step))
        assert lr.shape == clean.shape
        assert torch.equal(lr, lr.round())
        assert 0 <= float(lr.min()) <= float(lr.max()) <= 255
        assert not torch.equal(lr, clean)
        # the same picture all the same: bright where it was
        difference = (lr.mean((2, 3)) - clean.mean((2, 3))).abs()
        assert float(difference.mean()) < 8


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_and_step_give_the_same(kind: str, crops: Tensor) -> None:
    settings = DegradationConfig(kind, clean_part=0.3)  # type: ignore[arg-type]
    one = degraded(crops, 4, settings, (1, 7))
    torch.rand(3)  # the global numbers have no part in it
    assert torch.equal(one, degraded(crops, 4, settings, (1, 7)))
    assert not torch.equal(one, degraded(crops, 4, settings, (1, 8)))
    assert not torch.equal(one, degraded(crops, 4, settings, (2, 7)))


def test_a_part_of_a_batch_is_degraded_as_the_whole(crops: Tensor) -> None:
    settings = DegradationConfig("second_order", clean_part=0.2)
    whole = degraded(crops, 4, settings, (3, 1))
    for first in (0, 1, 4):
        part = degraded(crops[first:], 4, settings, (3, 1), first)
        # sums over other numbers of pictures may round another way
        assert float((part - whole[first:]).abs().mean()) < 0.05


def test_pictures_of_a_batch_are_degraded_each_in_its_way(crops: Tensor) -> None:
    same = crops[:1].expand(8, -1, -1, -1)
    lr = degraded(same, 4, DegradationConfig("second_order"), (1, 1))
    assert len({tuple(picture.flatten().tolist()) for picture in lr}) == 8


def test_strength_goes_from_nothing_to_all(crops: Tensor) -> None:
    clean = bicubic_lr(crops, 4)
    away = []
    for strength in (0.0, 0.25, 0.5, 1.0):
        settings = DegradationConfig("second_order", strength=strength)
        differences = [
            float((degraded(crops, 4, settings, (1, step)) - clean).abs().mean())
            for step in range(6)
        ]
        away.append(np.mean(differences))
    assert away[0] == 0
    assert away == sorted(away)
    assert away[3] > 1.5 * away[1]


def test_the_clean_part_is_bicubic(crops: Tensor) -> None:
    clean = bicubic_lr(crops, 4)
    settings = DegradationConfig("second_order", clean_part=0.25)
    found = [
        torch.equal(lr, expected)
        for step in range(40)
        for lr, expected in zip(degraded(crops, 4, settings, (1, step)), clean, strict=True)
    ]
    assert 0.15 < np.mean(found) < 0.35
    every = dataclasses.replace(settings, clean_part=1.0)
    assert torch.equal(degraded(crops, 4, every, (1, 1)), clean)


def test_bicubic_steps_are_what_they_were(crops: Tensor) -> None:
    config = load_preset("tiny", ["data.crop=80"])
    ours, theirs = step_pair(config, crops, 5), lr_hr_pair(crops, 4)
    assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("setting", ["degradation.kind=second_order", "degradation.kind=shuffled"])
def test_a_steps_pair_is_aligned_and_lies_as_convolutions_like_it(
    setting: str, crops: Tensor
) -> None:
    config = load_preset("tiny", ["data.crop=80", setting, "degradation.strength=0.05"])
    lr, hr = step_pair(config, crops, 5)
    assert (lr.shape, hr.shape) == ((6, 3, 20, 20), (6, 3, 80, 80))
    for pictures in (lr, hr):
        assert pictures.dtype == torch.float32
        assert pictures.is_contiguous(memory_format=torch.channels_last)
    clean, same = lr_hr_pair(crops, 4)
    assert torch.equal(hr, same)
    moved = clean.roll(1, -1)
    assert (lr - clean).abs().mean() < 0.5 * (lr - moved).abs().mean()


def test_grey_pictures_are_degraded_too(crops: Tensor) -> None:
    for kind in KINDS:
        lr = degraded(crops[:, :1], 4, DegradationConfig(kind), (1, 1))  # type: ignore[arg-type]
        assert lr.shape == (6, 1, 24, 24)


def test_tiny_pictures_survive_the_strongest_settings() -> None:
    small = torch.randint(0, 256, (5, 3, 16, 16), generator=torch.Generator().manual_seed(1))
    rough = FirstRound(resize=(0.05, 0.1), resize_down=1.0, resize_up=0.0, kernel=63)
    settings = DegradationConfig("second_order", first=rough)
    for step in range(5):
        lr = degraded(small.to(torch.uint8), 4, settings, (1, step))
        assert torch.isfinite(lr).all()


def test_validation_pictures_are_degraded_alike_in_every_run(photos: Path) -> None:
    paths = image_paths(photos)
    config = load_preset("tiny", ["degradation.kind=second_order", "degradation.clean_part=1.0"])
    again = load_preset("tiny", ["degradation.kind=second_order", "seed=9"])
    sets = [load_pieces(paths, c.validation, 4, 3, c.degradation) for c in (config, again)]
    clean = load_pieces(paths, config.validation, 4, 3)
    for one, other, plain in zip(*sets, clean, strict=True):
        assert torch.equal(one.lr, other.lr)
        assert torch.equal(one.hr, plain.hr)
        assert not torch.equal(one.lr, plain.lr)
    lr = validation_lr(clean[0].hr, 4, config.degradation, 1)
    assert not torch.equal(lr, sets[0][0].lr)
    bicubic = load_preset("tiny").degradation
    same = load_pieces(paths, config.validation, 4, 3, bicubic)
    assert all(torch.equal(a.lr, b.lr) for a, b in zip(same, clean, strict=True))


def test_a_chain_may_have_everything(crops: Tensor) -> None:
    rounds = {"lanczos": 0.5}
    last = {"colour_noise": 0.5, "grain": 0.5, "sharpen": 0.5, "jpeg_again": 0.5}
    settings = from_mapping(
        DegradationConfig, {"kind": "second_order", "first": rounds, "second": rounds, "last": last}
    )
    plain = DegradationConfig("second_order")
    for kind in KINDS:
        mine = dataclasses.replace(settings, kind=kind)  # type: ignore[arg-type]
        lr, strengths = degrade_with_strengths(crops, 4, mine, (1, 1))
        assert torch.equal(lr, degraded(crops, 4, mine, (1, 1)))
        assert not torch.equal(lr, degraded(crops, 4, plain, (1, 1)))
        assert 0 <= float(strengths.min()) <= float(strengths.max()) <= 1
        part = degraded(crops[4:], 4, mine, (1, 1), 4)
        assert float((part - lr[4:]).abs().mean()) < 0.05


@pytest.mark.parametrize("kind", KINDS)
def test_settings_of_before_give_what_they_gave(kind: str) -> None:
    """Runs that were begun before there were more steps go on with the same pictures."""
    hr = torch.arange(4 * 3 * 64 * 64).reshape(4, 3, 64, 64) * 37 % 256
    lr = degraded(hr, 4, DegradationConfig(kind, strength=0.6), (5, 9))  # type: ignore[arg-type]
    assert (float(lr.mean()), float(lr.std())) == pytest.approx(BEFORE[kind], abs=0.01)


def test_losses_compare_with_the_sharpened_original_where_asked() -> None:
    hr = torch.full((1, 3, 64, 64), 0.2)
    hr[..., 32:] = 0.7
    plain = GeneratorLoss(load_preset("tiny"), None).terms(hr, hr, 0)["pixel"]
    config = load_preset("tiny", ["degradation.sharpen_target=true"])
    assert float(plain) == 0
    assert float(GeneratorLoss(config, None).terms(hr, hr, 0)["pixel"]) > 0.001


@pytest.mark.parametrize("kind", KINDS)
def test_a_stopped_run_on_degraded_pictures_ends_as_one_that_was_not(
    kind: str, tmp_path: Path, photos: Path
) -> None:
    settings = ["threads=1", "precision=fp32", f"degradation.kind={kind}"]
    config = load_preset("tiny", [*settings, "degradation.clean_part=0.2", "batch=5"])
    inputs = RunInputs("tiny", photos, None, 8, None, "cpu")
    straight, stopped = RunFolder(tmp_path / "a"), RunFolder(tmp_path / "b")
    list(start(config, inputs, straight))
    asked = iter([False] * 3 + [True])
    list(start(config, inputs, stopped, stop=lambda: next(asked)))
    list(resume(stopped))
    one, other = (load_model(f.final_model)[0].state_dict() for f in (straight, stopped))
    assert all(torch.equal(one[key], other[key]) for key in one)


def _whole_pictures(tmp_path: Path, photo: Photo) -> tuple[RunConfig, RunInputs]:
    from PIL import Image

    folder = tmp_path / "digits"
    folder.mkdir()
    for seed in range(8):
        Image.fromarray(photo(seed, width=28, height=28)[..., 0]).save(folder / f"{seed}.png")
    settings = ["data.crop=28", "data.margin=false", "generator.colours=1", "precision=fp32"]
    return load_preset("tiny", settings), RunInputs("tiny", folder, None, 3, None, "cpu")


def test_pictures_may_be_as_small_as_the_crop(tmp_path: Path, photo: Photo) -> None:
    config, inputs = _whole_pictures(tmp_path, photo)
    data = drain(load_data(config, inputs))
    assert (len(data.photos), len(data.pieces), padded_crop(config)) == (7, 1, 28)
    crops = crop_sampler(config, data.photos).crops(0)
    lr, hr = step_pair(config, crops, 0)
    assert (lr.shape, hr.shape) == ((4, 1, 7, 7), (4, 1, 28, 28))
    # the LR of a whole picture, edges mirrored, is what it should be
    assert torch.equal((lr * 255).round(), bicubic_lr(crops, 4))
    list(start(config, inputs, RunFolder(tmp_path / "run")))
    degraded_too = load_preset(
        "tiny",
        [
            "data.crop=28",
            "data.margin=false",
            "generator.colours=1",
            "degradation.kind=second_order",
        ],
    )
    assert step_pair(degraded_too, crops, 0)[0].shape == (4, 1, 7, 7)
