"""Pairs of one's own: found by name, checked, cut together, trained on."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from srgan_desktop.core.base.errors import DatasetError, UsageError
from srgan_desktop.core.base.events import drain
from srgan_desktop.core.weights.model_file import load_model
from trainer.cli import main
from trainer.config.presets import load_preset
from trainer.config.run_config import RunConfig
from trainer.data.check import check_folder
from trainer.data.crops import oriented
from trainer.data.dataset import Rejected, image_paths
from trainer.data.degradations import bicubic_lr, step_pair
from trainer.data.degradations.packing import packed_pixels, unpacked
from trainer.data.user_pairs import PairSampler, partners, stem_of
from trainer.run.events import Event, Started, Warned
from trainer.run.inputs import RunInputs, read_run
from trainer.run.run_folder import RunFolder
from trainer.training.session import load_data, resume, start
from trainer.training.stages.common import crop_sampler

Photo = Callable[..., np.ndarray]
Text = pytest.CaptureFixture[str]
SETTINGS = ("threads=1", "precision=fp32", "degradation.kind=pairs")


def small_of(pixels: np.ndarray, scale: int = 4) -> np.ndarray:
    """A smaller picture that bicubic would not make: darker."""
    lr = bicubic_lr(torch.from_numpy(pixels).permute(2, 0, 1), scale)
    return (lr.permute(1, 2, 0).numpy() * 0.8).astype(np.uint8)


@pytest.fixture
def folders(tmp_path: Path, photo: Photo) -> tuple[Path, Path]:
    """Eight pairs: hr/photo0.png and lr/photo0x4.png."""
    large, small = tmp_path / "hr", tmp_path / "lr"
    large.mkdir()
    small.mkdir()
    for seed in range(8):
        pixels = photo(seed, width=96, height=80)
        Image.fromarray(pixels).save(large / f"photo{seed}.png")
        Image.fromarray(small_of(pixels)).save(small / f"photo{seed}x4.png")
    return large, small


@pytest.fixture
def config() -> RunConfig:
    return load_preset("tiny", SETTINGS)


def inputs_of(folders: tuple[Path, Path], steps: int = 6) -> RunInputs:
    return RunInputs("tiny", folders[0], None, steps, None, "cpu", None, folders[1])


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("0001x4.png", "0001"),
        ("0001_x2.png", "0001"),
        ("Photo_LR.jpg", "photo"),
        ("img_001_SRF_4_LR.png", "img_001_srf_4"),
        ("a-LRBI_x4.png", "a"),
        ("b_hr.png", "b"),
        ("x4.png", "x4"),
        ("colour.png", "colour"),
        ("0001x5.png", "0001x5"),
    ],
)
def test_names_lose_what_tells_the_size(name: str, stem: str) -> None:
    assert stem_of(Path(name)) == stem


def test_partners_are_found_and_the_others_listed(folders: tuple[Path, Path]) -> None:
    large, small = folders
    (small / "photo0x4.png").unlink()
    (small / "photo1_LR.png").write_bytes((small / "photo1x4.png").read_bytes())
    rejected: list[Rejected] = []
    found = partners(image_paths(large), small, rejected.append)
    assert found[large / "photo2.png"] == small / "photo2x4.png"
    assert len(found) == 6
    assert [(item.path.name, item.reason) for item in rejected] == [
        ("photo0.png", "unpaired"),
        ("photo1.png", "unpaired"),
    ]
    assert str(small) in rejected[0].message
    assert "photo1_LR.png" in rejected[1].message


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("colours", [1, 3])
def test_what_is_packed_is_unpacked(scale: int, colours: int) -> None:
    random = np.random.default_rng(1)
    hr = random.integers(0, 256, (5 * scale, 7 * scale, colours), np.uint8)
    lr = random.integers(0, 256, (5, 7, colours), np.uint8)
    packed = torch.from_numpy(packed_pixels(hr, lr)).permute(2, 0, 1)[None]
    small, large = unpacked(packed, scale, colours)
    assert np.array_equal(small[0].permute(1, 2, 0).numpy(), lr)
    assert np.array_equal(large[0].permute(1, 2, 0).numpy(), hr)


def test_crops_of_both_are_of_one_place_and_turned_alike(
    folders: tuple[Path, Path], config: RunConfig
) -> None:
    data = drain(load_data(config, inputs_of(folders)))
    sampler = crop_sampler(config, data.photos)
    assert isinstance(sampler, PairSampler)
    turns = set()
    for step in range(12):
        lr, hr = step_pair(config, sampler.crops(step), step)
        assert (lr.shape, hr.shape) == ((4, 3, 8, 8), (4, 3, 32, 32))
        photos, tops, lefts, orientations = sampler.places(step)
        for index in range(4):
            path = data.photos.paths[photos[index]]
            whole = np.array(Image.open(path))
            small = np.array(Image.open(folders[1] / f"{path.stem}x4.png"))
            top, left, turn = int(tops[index]), int(lefts[index]), int(orientations[index])
            turns.add(turn)
            expected = oriented(whole[top * 4 : top * 4 + 32, left * 4 : left * 4 + 32], turn)
            assert np.array_equal((hr[index] * 255).round().permute(1, 2, 0).numpy(), expected)
            expected = oriented(small[top : top + 8, left : left + 8], turn)
            assert np.array_equal((lr[index] * 255).round().permute(1, 2, 0).numpy(), expected)
    assert turns == set(range(8))


def test_validation_pieces_have_their_own_small_pictures(
    folders: tuple[Path, Path], config: RunConfig
) -> None:
    data = drain(load_data(config, inputs_of(folders)))
    assert len(data.photos) == 7
    (piece,) = data.pieces
    whole = np.array(Image.open(folders[0] / "photo0.png"))
    # at most validation.crop pixels of the middle, in steps of the scale
    assert piece.hr.shape == (3, 64, 64)
    assert np.array_equal(piece.hr.permute(1, 2, 0).numpy(), whole[8:72, 16:80])
    assert np.array_equal(
        piece.lr.permute(1, 2, 0).numpy(),
        np.array(Image.open(folders[1] / "photo0x4.png"))[2:18, 4:20],
    )


def test_a_validation_folder_brings_its_small_pictures(
    tmp_path: Path, folders: tuple[Path, Path], config: RunConfig
) -> None:
    val = tmp_path / "val"
    for name, source in (("HR", folders[0]), ("LR_x4", folders[1])):
        (val / name).mkdir(parents=True)
        for path in image_paths(source)[:3]:
            (val / name / path.name).write_bytes(path.read_bytes())
    inputs = dataclasses.replace(inputs_of(folders), validation=val)
    data = drain(load_data(config, inputs))
    assert (len(data.photos), len(data.pieces)) == (8, 3)
    alone = dataclasses.replace(inputs, validation=val / "HR")
    assert len(drain(load_data(config, alone)).pieces) == 3
    (tmp_path / "other").mkdir()
    Image.new("RGB", (96, 80)).save(tmp_path / "other" / "unknown.png")
    with pytest.raises(DatasetError, match="it has no usable validation pair"):
        drain(load_data(config, dataclasses.replace(inputs, validation=tmp_path / "other")))


def test_pairs_that_do_not_match_are_left_out_and_named(
    tmp_path: Path, folders: tuple[Path, Path], config: RunConfig
) -> None:
    large, small = folders
    Image.new("RGB", (23, 20)).save(small / "photo1x4.png")
    (small / "photo2x4.png").write_bytes(b"damaged")
    (small / "photo3x4.png").unlink()
    Image.new("RGB", (28, 28)).save(large / "photo4.png")
    Image.new("RGB", (7, 7)).save(small / "photo4x4.png")
    events = list(start(config, inputs_of(folders, 2), RunFolder(tmp_path / "run")))
    started = next(event for event in events if isinstance(event, Started))
    assert started.pictures == 3
    text = "\n".join(event.message for event in events if isinstance(event, Warned))
    assert "photo2x4.png" in text
    assert "left out 2 pictures without a small one that matches" in text
    assert "there is no small picture of its name" in text
    assert "too small" in text


def test_none_that_matches_is_one_clear_error(
    folders: tuple[Path, Path], config: RunConfig, tmp_path: Path
) -> None:
    twice = load_preset("tiny", [*SETTINGS, "generator.scale=2"])
    with pytest.raises(DatasetError, match="smaller by exactly 2"):
        drain(load_data(twice, inputs_of(folders)))
    with pytest.raises(UsageError, match="no such folder"):
        drain(load_data(config, inputs_of((folders[0], tmp_path / "nowhere"))))


def test_a_stopped_run_on_pairs_ends_as_one_that_was_not(
    tmp_path: Path, folders: tuple[Path, Path], config: RunConfig
) -> None:
    straight, stopped = RunFolder(tmp_path / "a"), RunFolder(tmp_path / "b")
    events: list[Event] = list(start(config, inputs_of(folders, 8), straight))
    assert not [event for event in events if isinstance(event, Warned)]
    asked = iter([False] * 3 + [True])
    list(start(config, inputs_of(folders, 8), stopped, stop=lambda: next(asked)))
    list(resume(stopped))
    one, other = (load_model(f.final_model)[0].state_dict() for f in (straight, stopped))
    assert all(torch.equal(one[key], other[key]) for key in one)


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--set", "degradation.kind=pairs"], "--pairs FOLDER"),
        (["--set", "stage=cycle"], "--real FOLDER"),
        (["--real", "."], "--real is for a --teacher"),
    ],
)
def test_a_folder_that_is_missing_or_of_no_use_is_said(
    words: list[str], part: str, photos: Path, tmp_path: Path, capsys: Text
) -> None:
    out = tmp_path / "run"
    call = ["run", "--preset", "tiny", "--data", str(photos), "--out", str(out), "--steps", "1"]
    if "stage=cycle" in words:
        call += ["--set", "data.crop=96", "--set", "discriminator.kind=patch"]
    assert main([*call, "--device", "cpu", *words]) == 2
    assert part in capsys.readouterr().err
    assert not out.exists()


def test_the_command_line_takes_pairs(
    folders: tuple[Path, Path], tmp_path: Path, capsys: Text
) -> None:
    words = ["--preset", "tiny", "--data", str(folders[0]), "--pairs", str(folders[1])]
    words += ["--device", "cpu", "--threads", "1"]
    assert main(["run", *words, "--out", str(tmp_path / "run"), "--steps", "2", "--json"]) == 0
    names = [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()]
    assert "validated" in names
    assert names[-1] == "finished"
    saved = read_run(RunFolder(tmp_path / "run"))
    assert saved[0].degradation.kind == "pairs"
    assert saved[1].pairs == folders[1]
    assert main(["estimate", *words, "--seconds", "0.1"]) == 0


def test_check_lists_what_does_not_match(folders: tuple[Path, Path], capsys: Text) -> None:
    large, small = folders
    Image.new("RGB", (23, 20)).save(small / "photo1x4.png")
    (small / "photo3x4.png").unlink()
    Image.new("RGB", (24, 20)).save(small / "alone.png")
    report = drain(check_folder(large, crop=32, pairs=small))
    assert (report.usable, report.pairs, report.small_alone) == (6, 6, (small / "alone.png",))
    assert {(item.path.name, item.reason) for item in report.unusable} == {
        ("photo1.png", "unpaired"),
        ("photo3.png", "unpaired"),
    }
    assert main(["check", str(large), "--pairs", str(small), "--crop", "32"]) == 0
    said = capsys.readouterr().out
    assert "6 pairs" in said
    assert "alone.png" in said
    # without margin a crop may be as large as the picture
    assert main(["check", str(large), "--pairs", str(small), "--crop", "80"]) == 0
    assert main(["check", str(large), "--pairs", str(small), "--scale", "2"]) == 1
