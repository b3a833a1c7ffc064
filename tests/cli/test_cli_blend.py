"""Smooth to detailed: the blend command and upscale --detail."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from cli_helpers import Cli, files_below, save_photo, save_tiny_model
from PIL import Image

from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
from srgan_desktop.core.weights.model_file import ModelCard, load_model, save_model, with_metadata


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A smooth model and a detailed one that knows it."""
    folder = tmp_path / "models"
    folder.mkdir()
    smooth = save_tiny_model(folder / "smooth.safetensors", norm="none", skip="bicubic")
    torch.manual_seed(2)
    config = SRResNetConfig(blocks=1, channels=8, norm="none", skip="bicubic")
    network = SRResNet(config)
    with torch.no_grad():
        network.tail.weight.mul_(50)  # an untrained tail is too faint to be seen
    detailed = folder / "detailed.safetensors"
    save_model(detailed, network, ModelCard(name="detailed", partner="smooth"))
    return smooth, detailed


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path)).astype(int)


def test_detail_moves_between_the_two(pair: tuple[Path, Path], cli: Cli, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "a.png")
    # in one precision: which is the fastest is measured for each network
    upscale = partial(cli, "upscale", photo, "--precision", "fp32")
    results = {}
    for detail in (0, 50, 100):
        out = tmp_path / f"{detail}.png"
        result = upscale("--model", pair[1], "--detail", detail, "-o", out)
        assert result.code == 0, result.err
        results[detail] = pixels(out)
    assert upscale("--model", pair[0], "-o", tmp_path / "s.png").code == 0
    assert upscale("--model", pair[1], "-o", tmp_path / "d.png").code == 0
    assert np.abs(results[0] - pixels(tmp_path / "s.png")).max() <= 1
    assert np.abs(results[100] - pixels(tmp_path / "d.png")).max() <= 1
    near = np.abs(results[50] - results[0]).mean()
    assert 0 < near < np.abs(results[100] - results[0]).mean()


def test_detail_needs_a_partner(pair: tuple[Path, Path], cli: Cli, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "a.png")
    result = cli("upscale", photo, "--model", pair[0], "--detail", 50)
    assert result.code == 2
    assert "smooth has no smooth partner" in result.err
    pair[0].unlink()
    result = cli("upscale", photo, "--model", pair[1], "--detail", 50)
    assert result.code == 2
    assert "smooth, which is not there" in result.err
    assert cli("upscale", photo, "--model", pair[1], "--detail", 101).code == 2
    assert files_below(tmp_path) == {"a.png", "models/detailed.safetensors"}


@pytest.mark.parametrize("name", ["a/b", "../smooth", "x" * 300])
def test_a_partner_that_is_no_name_is_not_there(
    pair: tuple[Path, Path], cli: Cli, tmp_path: Path, name: str
) -> None:
    pair[1].write_bytes(with_metadata(pair[1], partner=name))
    result = cli("upscale", save_photo(tmp_path / "a.png"), "--model", pair[1], "--detail", 50)
    assert result.code == 2
    assert f"{name}, which is not there" in result.err


def test_blend_writes_a_model(pair: tuple[Path, Path], cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "between.safetensors"
    assert cli("blend", *pair, "--detail", 60, "-o", out).code == 0
    network, card = load_model(out)
    expected = torch.lerp(
        load_model(pair[0])[0].head.weight, load_model(pair[1])[0].head.weight, 0.6
    )
    assert torch.allclose(network.head.weight, expected)
    assert card.name == "between"
    assert "60 %" in card.title


@pytest.mark.parametrize("name", ["between.png", "between", "taken.safetensors"])
def test_blend_refuses_a_bad_output(
    name: str, pair: tuple[Path, Path], cli: Cli, tmp_path: Path
) -> None:
    (tmp_path / "taken.safetensors").write_bytes(b"mine")
    before = files_below(tmp_path)
    result = cli("blend", *pair, "--detail", 60, "-o", tmp_path / name)
    assert result.code == 2
    assert name in result.err
    assert files_below(tmp_path) == before
    assert (tmp_path / "taken.safetensors").read_bytes() == b"mine"


def test_blend_of_misfits(pair: tuple[Path, Path], cli: Cli, tmp_path: Path) -> None:
    other = save_tiny_model(tmp_path / "other.safetensors", blocks=2)
    result = cli("blend", pair[0], other, "--detail", 60, "-o", tmp_path / "x.safetensors")
    assert result.code == 1
    assert "only models of one shape" in result.err
    assert not (tmp_path / "x.safetensors").exists()
