from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srgan_desktop.core.base.errors import DatasetError, UsageError
from srgan_desktop.core.base.events import drain
from trainer.evaluation.evaluate import (
    CLASSIC,
    FolderScore,
    ImageScore,
    bicubic,
    evaluate_folder,
    lanczos,
    mean_score,
    nearest,
)

Photo = Callable[..., np.ndarray]


@pytest.mark.parametrize("name", sorted(CLASSIC))
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_classic_methods_enlarge_by_the_scale(name: str, channels: int, scale: int) -> None:
    lr = np.full((7, 9, channels), 90, np.uint8)
    sr = CLASSIC[name](scale)(lr)
    assert sr.shape == (7 * scale, 9 * scale, channels)
    assert sr.dtype == np.uint8
    assert (sr == 90).all()


def test_methods_differ_and_order_as_expected(photos: Path) -> None:
    scores = {name: drain(evaluate_folder(photos, CLASSIC[name](2), 2)) for name in CLASSIC}
    assert scores["nearest"].psnr_y < scores["bicubic"].psnr_y
    assert scores["nearest"].psnr_y < scores["lanczos"].psnr_y
    assert nearest(2)(np.array([[[1]]], np.uint8)).tolist() == [[[1], [1]], [[1], [1]]]
    assert lanczos(2) is not bicubic(2)


def test_only_pictures_get_their_lr_made(photos: Path) -> None:
    scores = list(evaluate_folder(photos, bicubic(4), 4))
    assert [score.name for score in scores] == [f"photo{i}" for i in range(6)]
    assert {(score.width, score.height) for score in scores} == {(128, 112)}
    assert all(math.isfinite(score.psnr_y) and 0 < score.ssim_y < 1 for score in scores)


def _benchmark(tmp_path: Path, photo: Photo) -> Path:
    base = tmp_path / "Set"
    for name in ("HR", "LR_x4"):
        (base / name).mkdir(parents=True)
    for seed in range(3):
        # sides that are no multiples of four
        hr = Image.fromarray(photo(seed, width=101, height=90))
        hr.save(base / "HR" / f"p{seed}.png")
        # and LR files a pixel larger than they need be
        hr.resize((27, 23), Image.Resampling.BICUBIC).save(base / "LR_x4" / f"p{seed}.png")
    return base


def test_sizes_that_do_not_fit_are_cropped(tmp_path: Path, photo: Photo) -> None:
    seen = []

    def enlarge(lr: np.ndarray) -> np.ndarray:
        seen.append(lr.shape)
        return bicubic(4)(lr)

    scores = list(evaluate_folder(_benchmark(tmp_path, photo), enlarge, 4))
    assert seen == [(22, 25, 3)] * 3
    assert [(score.width, score.height) for score in scores] == [(100, 88)] * 3


def test_a_missing_lr_is_reported_and_the_rest_goes_on(tmp_path: Path, photo: Photo) -> None:
    base = _benchmark(tmp_path, photo)
    (base / "LR_x4" / "p1.png").unlink()
    (base / "HR" / "p2.png").write_bytes(b"damaged")
    events = evaluate_folder(base, bicubic(4), 4)
    scores = [next(events) for _ in range(3)]
    assert scores[0].error is None
    assert "p1.png: is missing" in str(scores[1].error)
    assert "p2.png: this is not a picture of a known kind" in str(scores[2].error)
    with pytest.raises(StopIteration) as end:
        next(events)
    mean: FolderScore = end.value.value
    assert (mean.images, mean.failed, mean.psnr_y) == (1, 2, scores[0].psnr_y)
    line = json.loads(scores[1].to_json())
    assert (line["psnr_y"], line["lpips"]) == (None, None)


def test_a_picture_smaller_than_the_scale_is_reported(tmp_path: Path, photo: Photo) -> None:
    base = _benchmark(tmp_path, photo)
    Image.new("RGB", (3, 3)).save(base / "HR" / "p0.png")
    Image.new("RGB", (1, 1)).save(base / "LR_x4" / "p0.png")
    assert ["small" in str(one.error) for one in evaluate_folder(base, bicubic(4), 4)] == [
        True,
        False,
        False,
    ]


def test_lr_may_have_another_ending(tmp_path: Path, photo: Photo) -> None:
    base = _benchmark(tmp_path, photo)
    lr = base / "LR_x4" / "p1.png"
    with Image.open(lr) as picture:
        picture.save(base / "LR_x4" / "p[1].bmp")
    lr.unlink()
    (base / "HR" / "p1.png").rename(base / "HR" / "p[1].png")
    assert [score.error for score in evaluate_folder(base, bicubic(4), 4)] == [None] * 3


def test_a_model_of_another_scale_is_an_error_of_the_picture(photos: Path) -> None:
    score = next(evaluate_folder(photos, bicubic(2), 4))
    assert "photo0: was enlarged to 64 x 56, not 128 x 112" in str(score.error)


def test_folders_that_cannot_be_used(tmp_path: Path, photo: Photo) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        drain(evaluate_folder(tmp_path / "nowhere", bicubic(4), 4))
    with pytest.raises(DatasetError, match="no pictures"):
        drain(evaluate_folder(tmp_path, bicubic(4), 4))
    with pytest.raises(UsageError, match="none called LR_x2"):
        drain(evaluate_folder(_benchmark(tmp_path, photo), bicubic(2), 2))


def test_grey_pictures_are_handed_over_with_one_channel(tmp_path: Path, photo: Photo) -> None:
    Image.fromarray(photo(1)[..., 0]).save(tmp_path / "grey.png")
    channels = []

    def enlarge(lr: np.ndarray) -> np.ndarray:
        channels.append(lr.shape[2])
        return bicubic(2)(lr)

    assert drain(evaluate_folder(tmp_path, enlarge, 2)).images == 1
    assert channels == [1]


def test_means_leave_out_what_has_no_figure() -> None:
    scores = [
        ImageScore("a", 4, 4, 30.0, math.nan, 0.5, 1.0),
        ImageScore("b", 4, 4, 20.0, 0.8, None, 2.0),
        ImageScore("c", 0, 0, math.nan, math.nan, None, 0.0, "missing"),
    ]
    assert mean_score("x", scores) == FolderScore("x", 2, 1, 25.0, 0.8, 0.5, 3.0)
    assert math.isnan(mean_score("x", scores[2:]).psnr_y)


@pytest.mark.parametrize(
    ("name", "psnr", "ssim"),
    [("Set5", 28.43, 0.811), ("Set14", 26.09, 0.705), ("BSD100", 25.96, 0.668)],
)
def test_bicubic_scores_are_the_published_ones(
    real_data: Path, name: str, psnr: float, ssim: float
) -> None:
    score = drain(evaluate_folder(real_data / "benchmarks" / name, bicubic(4), 4))
    assert score.failed == 0
    assert score.psnr_y == pytest.approx(psnr, abs=0.02)
    assert score.ssim_y == pytest.approx(ssim, abs=0.002)
