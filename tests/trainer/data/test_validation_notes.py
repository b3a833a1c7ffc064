"""What is said of validation photos that are missing, of no use, or trained on as well."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from srgan_desktop.core.base.errors import DatasetError
from srgan_desktop.core.base.events import drain
from trainer.config.presets import load_preset
from trainer.config.run_config import RunConfig
from trainer.data.dataset import Rejected, image_paths
from trainer.data.loading import load_data
from trainer.data.user_pairs import partners
from trainer.data.validation_pieces import Piece
from trainer.evaluation.preview import preview_sheet
from trainer.evaluation.validation import bicubic_scores
from trainer.run.inputs import RunInputs

Photo = Callable[..., np.ndarray]


@pytest.fixture
def config() -> RunConfig:
    return load_preset("tiny", ("threads=1", "precision=fp32"))


def save(path: Path, pixels: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def photos(tmp_path: Path, photo: Photo) -> Path:
    for seed in range(5):
        save(tmp_path / "photos" / f"{seed}.png", photo(seed, width=96, height=80))
    return tmp_path / "photos"


def notes(config: RunConfig, data: Path, validation: Path | None) -> list[str]:
    return list(
        drain(load_data(config, RunInputs("tiny", data, validation, 1, None))).validation_notes
    )


def test_good_ones_need_no_word(
    config: RunConfig, photos: Path, tmp_path: Path, photo: Photo
) -> None:
    save(tmp_path / "val" / "a.png", photo(20, width=96, height=80))
    assert notes(config, photos, tmp_path / "val") == []
    assert notes(config, photos, None) == []


def test_broken_small_and_identical_ones(
    config: RunConfig, photos: Path, tmp_path: Path, photo: Photo
) -> None:
    folder = tmp_path / "val"
    save(folder / "good.png", photo(20, width=96, height=80))
    save(folder / "small.png", photo(21, width=22, height=22))
    (folder / "torn.png").write_bytes((photos / "1.png").read_bytes()[:200])
    shutil.copy(photos / "2.png", folder / "z-again.png")
    said = notes(config, photos, folder)
    assert len(said) == 2
    assert said[0].startswith("2 validation photos cannot be used, such as ")
    assert "small.png: 22 x 22 pixels; both sides must be at least 24" in said[0]
    assert said[1].startswith("1 validation photo is also trained on, ")
    assert "z-again.png" in said[1]


def test_what_is_blank_in_its_middle_is_passed_over(
    config: RunConfig, photos: Path, tmp_path: Path, photo: Photo
) -> None:
    sky = save(photos / "0.png", np.full((80, 96, 3), 17, np.uint8))
    data = drain(load_data(config, RunInputs("tiny", photos, None, 1, None)))
    assert [piece.name for piece in data.pieces] == ["00_1"], "another is set aside in its place"
    assert sky in data.photos.paths, "it can be trained on"
    folder = tmp_path / "val"
    save(folder / "good.png", photo(20, width=96, height=80))
    shutil.copy(sky, folder / "sky.png")
    said = notes(config, photos, folder)
    assert len(said) == 2, "the second: it is trained on as well"
    assert "sky.png: its middle is of one colour" in said[0]
    (folder / "good.png").unlink()
    with pytest.raises(DatasetError, match="blank"):
        notes(config, photos, folder)


def test_one_that_is_all_but_blank_does_not_outweigh_the_others(photo: Photo) -> None:
    plain = torch.from_numpy(photo(1)).permute(2, 0, 1).float()
    faint = torch.full_like(plain, 9)
    pieces = [Piece("a", plain, plain, plain - 20), Piece("b", faint, faint, faint)]
    scores = bicubic_scores(pieces, 4)
    apart = bicubic_scores(pieces[:1], 4)
    assert scores.psnr_y == pytest.approx((apart.psnr_y + 60) / 2)


def test_none_at_all(config: RunConfig, photos: Path) -> None:
    for seed in range(3):
        (photos / f"{seed}.png").unlink()
    (said,) = notes(config, photos, None)
    assert "too few photos to set some aside for validation" in said
    silent = dataclasses.replace(
        config, validation=dataclasses.replace(config.validation, pictures=0)
    )
    assert notes(silent, photos, None) == [], "nobody wants any"


def test_pairs_in_subfolders_find_each_other(tmp_path: Path, photo: Photo) -> None:
    large, small = tmp_path / "HR", tmp_path / "LR"
    for number, name in enumerate(("a", "b")):
        save(large / name / "0.png", photo(number, width=96, height=96))
        save(small / name / "0x4.png", photo(number, width=24, height=24))
    found = partners(image_paths(large), small)
    assert found == {large / n / "0.png": small / n / "0x4.png" for n in ("a", "b")}

    rejected: list[Rejected] = []
    save(large / "0.png", photo(3, width=96, height=96))
    assert len(partners(image_paths(large), small, rejected.append)) == 2
    assert "there are several small pictures of its name" in rejected[0].message


def test_a_preview_of_pairs_without_partners_says_so(tmp_path: Path, photo: Photo) -> None:
    large, small = tmp_path / "HR", tmp_path / "LR"
    save(large / "one.png", photo(1, width=96, height=96))
    save(small / "two.png", photo(1, width=24, height=24))
    config = load_preset("tiny", ("degradation.kind=pairs",))
    with pytest.raises(DatasetError, match=r"one\.png: there is no small picture of its name"):
        preview_sheet(config, large, small)
