"""What a teacher is asked, what is kept of its answers, and what a step sees of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from photo_sets import photo_set
from torch import Tensor

from srgan_desktop.core.base.errors import DatasetError
from trainer.config.presets import load_preset
from trainer.config.run_config import RunConfig
from trainer.data.dataset import PhotoSet
from trainer.data.degradations import step_pair, step_sample
from trainer.data.degradations.packing import packed, unpacked
from trainer.data.distillation import TeacherInputs, questions, taught
from trainer.data.samplers import crop_sampler
from trainer.data.teacher_outputs import SHARD, TeacherOutputs, TeacherOutputShape

Photo = Callable[..., np.ndarray]
SHAPE = TeacherOutputShape(3 * SHARD, 12, 4, 3)


@pytest.fixture
def photos(photo: Photo) -> PhotoSet:
    return photo_set([photo(seed) for seed in range(4)], [Path(f"{n}.png") for n in range(4)])


def config(*settings: str) -> RunConfig:
    return load_preset("tiny", ["teacher.model=any", "teacher.crop=16", *settings])


def pairs(seed: int, side: int = 12) -> Tensor:
    """A shard of pairs whose large crop is the small one, each pixel four times a side."""
    random = torch.Generator().manual_seed(seed)
    lr = torch.randint(0, 256, (SHARD, 3, side, side), generator=random, dtype=torch.uint8)
    hr = lr.repeat_interleave(4, 2).repeat_interleave(4, 3)
    return packed(lr, hr).permute(0, 2, 3, 1).contiguous()


def test_packing_is_undone_by_unpacking() -> None:
    lr = torch.randint(0, 256, (2, 3, 5, 6), dtype=torch.uint8)
    hr = torch.randint(0, 256, (2, 3, 20, 24), dtype=torch.uint8)
    again = unpacked(packed(lr, hr), 4, 3)
    assert torch.equal(again[0], lr)
    assert torch.equal(again[1], hr)


def test_answers_are_kept_and_found_again(tmp_path: Path) -> None:
    answers = TeacherOutputs(tmp_path / "a", SHAPE)
    assert (answers.available, answers.complete) == (0, False)
    answers.add(pairs(1))
    answers.add(pairs(2))
    again = TeacherOutputs(tmp_path / "a", SHAPE)
    assert (again.available, again.shards, again.complete) == (2 * SHARD, 2, False)
    assert torch.equal(again.photos(again.available).pixels, answers.photos(2 * SHARD).pixels)
    again.add(pairs(3))
    assert again.complete
    assert sum(file.stat().st_size for file in (tmp_path / "a").iterdir()) < SHAPE.bytes * 1.01


def test_a_damaged_shard_is_made_again_with_those_after_it(tmp_path: Path) -> None:
    answers = TeacherOutputs(tmp_path, SHAPE)
    for seed in range(3):
        answers.add(pairs(seed))
    file = tmp_path / "00001.safetensors"
    file.write_bytes(file.read_bytes()[:1000])
    assert TeacherOutputs(tmp_path, SHAPE).available == SHARD
    assert TeacherOutputs(tmp_path, dataclasses.replace(SHAPE, side=10)).available == 0


def test_a_step_sees_answers_and_photos_each_with_what_belongs_to_it(
    tmp_path: Path, photos: PhotoSet
) -> None:
    mixed = config("teacher.weight=0.5", "batch=8", "data.crop=32")
    answers = TeacherOutputs(tmp_path, SHAPE)
    answers.add(pairs(1))
    sampler = crop_sampler(mixed, taught(photos, answers))
    crops = sampler.crops(5)
    assert torch.equal(crops, sampler.crops(5))
    assert not torch.equal(crops, sampler.crops(6))
    lr, hr = step_pair(mixed, crops, 5)
    assert (lr.shape, hr.shape) == ((8, 3, 8, 8), (8, 3, 32, 32))
    # the made-up answers repeat each pixel, wherever they are cut and however they are turned
    repeated = lr.repeat_interleave(4, 2).repeat_interleave(4, 3)
    same = [torch.equal(a, b) for a, b in zip(hr, repeated, strict=True)]
    assert same == [True] * 4 + [False] * 4
    # and the rest are crops as a run without a teacher has them
    own = dataclasses.replace(mixed, batch=4, teacher=load_preset("tiny").teacher)
    plain = step_pair(own, crop_sampler(own, photos).crops(5), 5)
    assert torch.equal(lr[4:], plain[0])
    assert torch.equal(hr[4:], plain[1])


def test_how_a_crop_was_made_worse_is_known_of_photos_and_not_of_answers(
    tmp_path: Path, photos: PhotoSet
) -> None:
    adapting = [
        "generator.architecture=dasr",
        "generator.conditioning=channels",
        "degradation.kind=second_order",
        "degradation.clean_part=0",
        "adaptive.told_part=1",
        "teacher.weight=0.5",
        "batch=8",
        "data.crop=32",
    ]
    mixed = config(*adapting)
    answers = TeacherOutputs(tmp_path, SHAPE)
    answers.add(pairs(1))
    crops = crop_sampler(mixed, taught(photos, answers)).crops(5)
    sample = step_sample(mixed, crops, 5)
    assert torch.equal(sample.hr[:4], sample.lr[:4].repeat_interleave(4, 2).repeat_interleave(4, 3))
    assert sample.strengths[:4].isnan().all()
    assert sample.is_given.tolist() == [False] * 4 + [True] * 4
    own = dataclasses.replace(mixed, batch=4, teacher=load_preset("tiny").teacher)
    plain = step_sample(own, crop_sampler(own, photos).crops(5), 5)
    assert torch.equal(sample.lr[4:], plain.lr)
    assert plain.strengths.max() > 0.1
    assert torch.allclose(sample.strengths[4:], plain.strengths, atol=1 / 254)


def test_a_teacher_alone_may_be_all_there_is(tmp_path: Path, photos: PhotoSet) -> None:
    answers = TeacherOutputs(tmp_path, SHAPE)
    answers.add(pairs(1))
    alone = config("teacher.weight=1", "batch=4")
    lr, hr = step_pair(alone, crop_sampler(alone, taught(photos, answers)).crops(1), 1)
    assert torch.equal(hr, lr.repeat_interleave(4, 2).repeat_interleave(4, 3))


def test_questions_are_the_same_for_the_same_run(photos: PhotoSet) -> None:
    degraded = config("degradation.kind=second_order")
    asked = questions(degraded, photos, None)
    assert asked.side == 16
    shard = asked.shard(3)
    assert (shard.shape, shard.dtype) == ((SHARD, 3, 16, 16), torch.uint8)
    assert torch.equal(shard, questions(degraded, photos, None).shard(3))
    assert not torch.equal(shard, asked.shard(4))
    keys = {
        questions(other, photos, None).key(teacher)
        for teacher in ("one", "other")
        for other in (degraded, config("degradation.kind=shuffled"), config("seed=7"))
    }
    assert len(keys) == 6
    assert questions(config("degradation.kind=second_order", "teacher.ensemble=true"),
                     photos, None).key("one") not in keys  # fmt: skip
    assert asked.key("one") == questions(
        config("degradation.kind=second_order", "batch=9"), photos, None
    ).key("one")


def test_a_teacher_is_asked_about_grey_crops_too(photos: PhotoSet) -> None:
    def grey(*settings: str) -> int:
        shard = questions(config(*settings), photos, None).shard(0).int()
        return sum(bool((small - small[:1]).abs().max() <= 1) for small in shard)

    chains = "degradation.kind=second_order"
    assert grey(chains) == 0
    assert grey(chains, "degradation.grey_part=1") >= 4
    assert grey("degradation.grey_part=1") == 0, "made smaller and nothing else"


def test_bad_photos_are_asked_about_as_they_are(photo: Photo, photos: PhotoSet) -> None:
    flat = photo_set([np.full((40, 50, 3), 77, np.uint8)], [Path("bad.jpg")])
    shard = questions(config("teacher.real_part=0.25"), photos, flat).shard(0)
    is_bad = [bool((small == 77).all()) for small in shard]
    assert is_bad == [False] * 12 + [True] * 4


def test_crops_are_smaller_where_photos_are(photos: PhotoSet, photo: Photo) -> None:
    large = config("teacher.crop=64")
    found: TeacherInputs = questions(large, photos, None)
    assert found.side == 24
    assert found.shard(0).shape[-1] == 24
    small = photo_set([photo(1, width=40, height=40)], [Path("small.png")])
    with pytest.raises(DatasetError, match="no photo is large enough to ask"):
        questions(large, small, None)


def test_crops_are_smaller_where_bad_photos_are(photos: PhotoSet) -> None:
    flat = [np.full((side, side, 3), 77, np.uint8) for side in (24, 18, 18, 18)]
    bad = photo_set(flat, [Path(f"{n}.png") for n in range(4)])
    found = questions(config("teacher.crop=24"), photos, bad)
    assert found.side == 16
    assert found.real is not None
    assert len(found.real) == 4, "none of them is left out for one that is larger"
