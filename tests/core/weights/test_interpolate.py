"""Mixtures of two networks: the ends are the ends, the middle lies between, misfits are told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from srgan_desktop.core.base.errors import ModelFileError, UsageError
from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
from srgan_desktop.core.weights import interpolate
from srgan_desktop.core.weights.interpolate import (
    blend,
    blend_files,
    find_partner,
    load_with_detail,
)
from srgan_desktop.core.weights.model_file import ModelCard, load_model, save_model

CONFIG = SRResNetConfig(blocks=1, channels=4)


def network(seed: int, config: SRResNetConfig = CONFIG) -> SRResNet:
    torch.manual_seed(seed)
    return SRResNet(config).eval()


def save(path: Path, seed: int, **card: str) -> Path:
    save_model(path, network(seed), ModelCard(**card))  # type: ignore[arg-type]
    return path


def test_ends_and_middle() -> None:
    smooth, detailed = network(1), network(2)
    x = torch.rand(1, 3, 8, 8)
    assert torch.equal(blend(smooth, detailed, 0)(x), smooth(x))
    assert torch.equal(blend(smooth, detailed, 100)(x), detailed(x))
    a, b = smooth.state_dict(), detailed.state_dict()
    middle = blend(smooth, detailed, 25).state_dict()
    assert torch.allclose(middle["tail.weight"], 0.75 * a["tail.weight"] + 0.25 * b["tail.weight"])
    assert middle["blocks.0.norm1.num_batches_tracked"] == 0


@pytest.mark.parametrize("detail", [-1, 101, float("nan")])
def test_out_of_range(detail: float) -> None:
    with pytest.raises(UsageError, match="0 to 100"):
        blend(network(1), network(2), detail)


def test_different_networks_do_not_mix() -> None:
    with pytest.raises(UsageError, match="one shape"):
        blend(network(1), network(2, SRResNetConfig(blocks=2, channels=4)), 50)


class TestPartners:
    def test_beside_the_file(self, tmp_path: Path) -> None:
        save(tmp_path / "smooth.safetensors", 1)
        path = save(tmp_path / "sharp.safetensors", 2, partner="smooth")
        half, card = load_with_detail(path, 50)
        expected = blend(network(1), network(2), 50).state_dict()
        assert torch.allclose(half.state_dict()["head.weight"], expected["head.weight"])
        assert card.partner == "smooth"
        whole, _ = load_with_detail(path, None)
        assert torch.equal(whole.state_dict()["head.weight"], network(2).head.weight)

    def test_in_the_catalogue(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path / "home"))
        (tmp_path / "home" / "models").mkdir(parents=True)
        partner = save(tmp_path / "home" / "models" / "smooth.safetensors", 1)
        path = save(tmp_path / "sharp.safetensors", 2, partner="smooth")
        assert find_partner(path, load_model(path)[1]) == partner

    def test_none(self, tmp_path: Path) -> None:
        path = save(tmp_path / "alone.safetensors", 1)
        with pytest.raises(UsageError, match="alone has no smooth partner"):
            load_with_detail(path, 50)

    def test_gone(self, tmp_path: Path) -> None:
        path = save(tmp_path / "sharp.safetensors", 1, partner="lost")
        with pytest.raises(UsageError, match="lost, which is not there"):
            load_with_detail(path, 50)


def test_files_are_read_once_for_many_details(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path / "smooth.safetensors", 1)
    path = save(tmp_path / "sharp.safetensors", 2, partner="smooth")
    read: list[str] = []

    def counting(path: Path) -> object:
        read.append(path.stem)
        return load_model(path)

    monkeypatch.setattr(interpolate, "open_model", counting)
    monkeypatch.setattr(interpolate, "load_model", counting)
    blends = [load_with_detail(path, detail)[0] for detail in (20, 60, 20)]
    assert sorted(read) == ["sharp", "smooth"]
    x = torch.rand(1, 3, 8, 8)
    assert torch.equal(blends[0](x), blends[2](x))
    assert not torch.equal(blends[0](x), blends[1](x))
    # another file of the same name is another model
    save(path, 3, partner="smooth")
    os.utime(path, ns=(1, 1))
    other = load_with_detail(path, 20)[0]
    assert sorted(read) == ["sharp", "sharp", "smooth", "smooth"]
    assert not torch.equal(other(x), blends[0](x))


def test_two_files(tmp_path: Path) -> None:
    a = save(tmp_path / "a.safetensors", 1, licence="MIT")
    b = save(tmp_path / "b.safetensors", 2, licence="MIT")
    mixed, card = blend_files(a, b, 30)
    assert torch.allclose(
        mixed.tail.weight, torch.lerp(network(1).tail.weight, network(2).tail.weight, 0.3)
    )
    assert card.training == {"blend": {"smooth": "a", "detailed": "b", "detail": 30}}
    assert card.licence == "MIT"
    other = tmp_path / "other.safetensors"
    save_model(other, network(1, SRResNetConfig(blocks=2, channels=4)), ModelCard())
    with pytest.raises(ModelFileError, match=r"other\.safetensors: only models of one shape"):
        blend_files(a, other, 30)
