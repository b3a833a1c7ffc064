"""LPIPS against the package that defines it, and the figures that are published with it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from published_lpips import published_lpips
from repository import published_data
from safetensors.torch import save_file

from srgan_desktop.core.base.errors import ModelFileError
from trainer.evaluation import lpips as metric
from trainer.evaluation.evaluate import CLASSIC, evaluate_folder, mean_score
from trainer.evaluation.lpips import Lpips, alexnet_features, load_lpips, missing_weights


@pytest.fixture
def backbone(tmp_path: Path) -> Path:
    """Random weights: what is compared is the arithmetic."""
    torch.manual_seed(0)
    path = tmp_path / "alexnet_features.safetensors"
    save_file(alexnet_features().state_dict(), path)
    return path


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))


def loaded(path: Path) -> Lpips:
    found = load_lpips(path)
    assert found is not None
    return found


def test_it_computes_what_the_package_does(backbone: Path) -> None:
    ours = loaded(backbone)
    theirs = published_lpips("alex", ours.stack.state_dict())
    one, other = torch.rand(2, 3, 70, 90), torch.rand(2, 3, 70, 90)
    with torch.no_grad():
        expected = theirs(2 * one - 1, 2 * other - 1).flatten()
    assert torch.allclose(ours(one, other), expected, rtol=1e-4)
    assert ours(one, one).abs().max() < 1e-6
    assert ours(one, other).equal(ours(other, one))


def test_grey_pictures_and_the_smallest(backbone: Path) -> None:
    ours = loaded(backbone)
    grey = torch.rand(1, 1, metric.LEAST_SIDE, metric.LEAST_SIDE)
    assert torch.equal(ours(grey, 1 - grey), ours(grey.expand(-1, 3, -1, -1), 1 - grey))


def test_without_weights_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_lpips() is None
    assert metric.PUBLISHED_NAME in missing_weights()
    monkeypatch.setattr(metric, "heads_path", lambda network: None)
    assert "pip install lpips" in missing_weights()


def test_weights_in_the_models_folder_are_found(backbone: Path, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "models" / "lpips"
    folder.mkdir(parents=True)
    backbone.rename(folder / "alexnet.safetensors")
    assert load_lpips() is not None
    assert missing_weights() == ""


def test_wrong_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="no such file"):
        load_lpips(tmp_path / "none.safetensors")
    save_file({"a": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(ModelFileError, match="does not hold the weights of alexnet"):
        load_lpips(tmp_path / "other.safetensors")


def test_bicubic_scores_what_is_published() -> None:
    weights = published_data() / "alexnet_features_fp16.safetensors"
    set5 = published_data() / "benchmarks" / "Set5"
    if not weights.is_file() or not set5.is_dir():
        pytest.skip("the benchmark pictures and AlexNet's weights are not on this machine")
    scores = list(evaluate_folder(set5, CLASSIC["bicubic"](4), 4, loaded(weights)))
    assert mean_score("Set5", scores).lpips == pytest.approx(0.3407, abs=0.0005)
