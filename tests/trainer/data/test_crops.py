from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from photo_sets import photo_set

from trainer.data.crops import CropSampler, oriented
from trainer.data.dataset import PhotoSet, decode, image_paths
from trainer.data.degradations import BICUBIC_MARGIN, bicubic_lr, bicubic_lr_large, lr_hr_pair


def _numbered(*sizes: tuple[int, int]) -> PhotoSet:
    """Photos whose pixels tell photo, row and column."""
    photos = []
    for number, (height, width) in enumerate(sizes):
        y, x = np.mgrid[0:height, 0:width]
        photos.append(np.stack([np.full_like(y, number), y, x], axis=-1).astype(np.uint8))
    return photo_set(photos, [Path(str(i)) for i in range(len(sizes))])


def test_the_same_seed_and_step_give_the_same_crops() -> None:
    photos = _numbered((40, 50), (60, 30))
    one, same, other = (CropSampler(photos, 16, 8, seed) for seed in (1, 1, 2))
    assert torch.equal(one.crops(7), same.crops(7))
    assert not torch.equal(one.crops(7), one.crops(8))
    assert not torch.equal(one.crops(7), other.crops(7))


def test_all_eight_orientations_occur_and_are_different() -> None:
    sampler = CropSampler(_numbered((20, 20)), 8, 16, seed=3)
    turns = Counter(int(turn) for step in range(40) for turn in sampler.places(step)[3])
    assert sorted(turns) == list(range(8))
    assert min(turns.values()) > 40
    crop = np.arange(12).reshape(2, 2, 3)
    assert len({oriented(crop, turn).tobytes() for turn in range(8)}) == 8


def test_without_augmentation_crops_are_upright() -> None:
    photos = _numbered((20, 24))
    for crop in CropSampler(photos, 8, 6, seed=1, augment=False).crops(0):
        _, top, left = crop[:, 0, 0].tolist()
        assert torch.equal(crop.permute(1, 2, 0), photos.photo(0)[top : top + 8, left : left + 8])


def test_every_place_is_as_likely_as_any_other() -> None:
    # 3 x 5 places in the first photo, 1 x 7 in the second
    sampler = CropSampler(_numbered((10, 12), (8, 14)), 8, 220, seed=4)
    drawn = np.concatenate([sampler.places(step)[:3] for step in range(50)], axis=1)
    counts = Counter(map(tuple, drawn.T.tolist()))
    assert len(counts) == 3 * 5 + 7
    expected = 220 * 50 / 22
    chi_squared = sum((count - expected) ** 2 / expected for count in counts.values())
    # 21 degrees of freedom: more than this once in ten thousand seeds
    assert chi_squared < 56


def test_cutting_and_gathering_give_the_same_crops() -> None:
    sampler = CropSampler(_numbered((40, 50), (33, 60), (40, 41)), 24, 32, seed=9)
    for step in range(3):
        assert torch.equal(sampler._cut(step), sampler._gather(step))


def test_crops_lie_in_memory_as_convolutions_like_them() -> None:
    crops = CropSampler(_numbered((40, 50)), 16, 4, seed=1).crops(0)
    assert crops.shape == (4, 3, 16, 16)
    assert crops.dtype == torch.uint8
    assert crops.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("scale", [2, 3, 4, 8])
def test_a_crops_lr_is_the_crop_of_the_whole_pictures_lr(
    scale: int, photo: Callable[..., np.ndarray]
) -> None:
    whole = torch.from_numpy(photo(3, width=30 * scale, height=26 * scale)).permute(2, 0, 1)
    lr_whole = bicubic_lr(whole, scale)
    side, top, left = 10 + 2 * BICUBIC_MARGIN, 5, 7
    rows = slice(top * scale, (top + side) * scale)
    columns = slice(left * scale, (left + side) * scale)
    lr, hr = lr_hr_pair(whole[None, :, rows, columns], scale)
    inside = slice(top + 2, top + 12), slice(left + 2, left + 12)
    assert torch.equal((lr[0] * 255).round(), lr_whole[:, inside[0], inside[1]])
    expected = whole[:, rows, columns][:, 2 * scale : -2 * scale, 2 * scale : -2 * scale]
    assert torch.equal((hr[0] * 255).round(), expected.float())
    assert hr.shape[-1] == lr.shape[-1] * scale


def test_both_ways_to_make_lr_agree(photo: Callable[..., np.ndarray]) -> None:
    hr = torch.from_numpy(photo(5, width=120, height=96)).permute(2, 0, 1)
    difference = (bicubic_lr(hr, 4) - bicubic_lr_large(hr, 4)).abs()
    # sums in another order may round a half the other way
    assert float(difference.max()) <= 1
    assert float(difference.mean()) < 0.01


@pytest.mark.parametrize(("folder", "scale"), [("Set5", 2), ("Set5", 4), ("Set14", 4)])
def test_our_lr_is_the_benchmarks_lr(real_data: Path, folder: str, scale: int) -> None:
    base = real_data / "benchmarks" / folder
    for path in image_paths(base / "HR")[:6]:
        hr = torch.from_numpy(decode(path, 3)).permute(2, 0, 1)
        lr = torch.from_numpy(decode(base / f"LR_x{scale}" / path.name, 3)).permute(2, 0, 1)
        height, width = hr.shape[1] // scale * scale, hr.shape[2] // scale * scale
        ours = bicubic_lr_large(hr[:, :height, :width], scale)
        theirs = lr[:, : ours.shape[1], : ours.shape[2]].float()
        assert float((ours - theirs).abs().mean()) < 0.5, path.name
