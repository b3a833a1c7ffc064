from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from srgan_desktop.core.base.errors import DatasetError, UsageError
from srgan_desktop.core.base.events import drain
from trainer.data.check import FolderReport, check_folder
from trainer.data.dataset import decode, image_paths
from trainer.data.fingerprint import fingerprint, pairs_alike
from trainer.run.events import Checking

Photo = Callable[..., np.ndarray]


@pytest.fixture
def folder(tmp_path: Path, photo: Photo) -> Path:
    """Sound photos, damaged files, doubles and a grey picture."""
    base = tmp_path / "photos"
    base.mkdir()
    for seed in range(4):
        Image.fromarray(photo(seed, width=240, height=200)).save(base / f"photo{seed}.png")
    (base / "empty.jpg").touch()
    Image.fromarray(photo(0)).save(base / "cut.jpg")
    (base / "cut.jpg").write_bytes((base / "cut.jpg").read_bytes()[:1200])
    Image.fromarray(photo(9, width=60, height=50)).save(base / "small.png")
    # the same pixels in another format; smaller and recompressed; without colour
    Image.fromarray(photo(0, width=240, height=200)).save(base / "same.bmp")
    smaller = Image.fromarray(photo(1, width=240, height=200)).resize((150, 125))
    smaller.save(base / "smaller.jpg", quality=60)
    Image.fromarray(photo(7, width=240, height=200)).convert("L").save(base / "grey.jpg")
    return base


def test_a_check_finds_everything(folder: Path) -> None:
    events = list(check_folder(folder))
    report = events[-1]
    assert isinstance(report, FolderReport)
    assert isinstance(events[0], Checking)
    assert (report.pictures, report.usable, report.grey) == (10, 7, 1)
    assert report.is_usable
    assert {item.path.name: item.reason for item in report.unusable} == {
        "empty.jpg": "unreadable",
        "cut.jpg": "truncated",
        "small.png": "too_small",
    }
    assert [[p.name for p in group] for group in report.exact_duplicates] == [
        ["photo0.png", "same.bmp"]
    ]
    assert [[p.name for p in group] for group in report.near_duplicates] == [
        ["photo1.png", "smaller.jpg"]
    ]
    assert report.sizes == ((0, 128, 1), (128, 256, 6))
    assert report.decoded_bytes == 3 * (6 * 240 * 200 + 150 * 125)
    assert report.validation_pictures is None
    assert json.loads(report.to_json())["unusable"][0]["path"].startswith(str(folder))


def test_a_larger_crop_leaves_less(folder: Path) -> None:
    report = drain(check_folder(folder, crop=192))
    assert report.usable == 0
    assert not report.is_usable
    assert all(item.reason for item in report.unusable)


def test_overlap_is_found_by_content(folder: Path, tmp_path: Path, photo: Photo) -> None:
    held_out = tmp_path / "val"
    held_out.mkdir()
    shown = Image.fromarray(photo(3, width=240, height=200)).resize((480, 400))
    shown.save(held_out / "another_name.webp", quality=70)
    Image.fromarray(photo(77, width=240, height=200)).save(held_out / "own.png")
    report = drain(check_folder(folder, held_out))
    assert [(a.name, b.name) for a, b in report.overlap] == [("photo3.png", "another_name.webp")]
    assert report.validation_pictures == 2


def test_missing_and_empty_folders(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        drain(check_folder(tmp_path / "nowhere"))
    with pytest.raises(DatasetError, match="no pictures"):
        drain(check_folder(tmp_path))


@pytest.mark.parametrize("quality", [30, 60, 95])
@pytest.mark.parametrize("size", [(96, 84), (200, 175), (500, 437)])
def test_a_fingerprint_survives_resizing_and_recompression(
    quality: int, size: tuple[int, int], tmp_path: Path, photo: Photo
) -> None:
    original = photo(11)
    Image.fromarray(original).resize(size, Image.Resampling.LANCZOS).save(
        tmp_path / "copy.jpg", quality=quality
    )
    copy = decode(tmp_path / "copy.jpg", 3)
    assert list(pairs_alike([fingerprint(original)], [fingerprint(copy)])) == [(0, 0)]


def test_different_pictures_are_told_apart(photo: Photo) -> None:
    prints = [fingerprint(photo(seed)) for seed in range(60)]
    assert list(pairs_alike(prints)) == []


def test_a_small_difference_in_a_flat_picture_is_seen() -> None:
    flat = Image.new("RGB", (200, 200), "white")
    marked = flat.copy()
    ImageDraw.Draw(marked).ellipse((60, 60, 140, 140), fill="black")
    prints = [fingerprint(np.asarray(picture)) for picture in (flat, marked)]
    assert list(pairs_alike(prints)) == []


def test_grey_means_without_colour(photo: Photo) -> None:
    grey = np.repeat(photo(2)[..., :1], 3, axis=2)
    assert fingerprint(grey).grey
    assert not fingerprint(photo(2)).grey


@pytest.mark.parametrize("held_out", ["benchmarks", "val"])
def test_no_picture_for_scores_is_among_those_for_training(real_data: Path, held_out: str) -> None:
    # HR only: LR files are small copies of them
    scored = [path for path in image_paths(real_data / held_out) if "LR_" not in str(path)]
    training = [fingerprint(decode(path, 3)) for path in image_paths(real_data / "train")]
    found = pairs_alike(training, [fingerprint(decode(path, 3)) for path in scored])
    assert [scored[j].name for _, j in found] == []
