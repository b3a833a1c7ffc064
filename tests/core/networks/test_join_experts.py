"""scripts/join_experts.py: one network for clean pictures and one for others, in one file."""

from __future__ import annotations

import dataclasses
import runpy
import sys
from pathlib import Path

import pytest
import torch
from repository import ROOT

from srgan_desktop.core.networks.activation_ranges import ActivationRanges
from srgan_desktop.core.networks.dasr import Dasr, DasrConfig
from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
from srgan_desktop.core.weights.interpolate import blend
from srgan_desktop.core.weights.model_file import ModelCard, load_model, save_model

CONFIG = DasrConfig(blocks=1, channels=4, predictor_channels=4, conditioning="channels")


def join(folder: Path, damaged: str, clean: str, *more: str | Path) -> int:
    """The exit code of the script, run in this process."""
    words = [folder / damaged, folder / clean, "--even", "0.1", "-o", folder / "both", *more]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["join_experts.py", *map(str, words)])
        try:
            runpy.run_path(str(ROOT / "scripts" / "join_experts.py"), run_name="__main__")
        except SystemExit as end:
            return int(end.code or 0)
    return 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    for name, network in (
        ("damaged", Dasr(CONFIG)),
        ("clean", SRResNet(CONFIG.base)),
        ("batch norm", SRResNet(SRResNetConfig(blocks=1, channels=4, skip="bicubic"))),
    ):
        path = tmp_path / f"{name}.safetensors"
        save_model(path, network.eval(), ModelCard(config=network.config, name=name))
    return tmp_path


def test_each_has_its_pictures(folder: Path) -> None:
    assert join(folder, "damaged.safetensors", "clean.safetensors") == 0
    joined, card = load_model(folder / "both")
    damaged, _ = load_model(folder / "damaged.safetensors")
    clean, _ = load_model(folder / "clean.safetensors")
    assert isinstance(joined, Dasr)
    assert isinstance(damaged, Dasr)
    assert card.config == joined.config
    joined.float()
    x = torch.rand(1, 3, 12, 10)
    bad = torch.full((4,), 0.05)
    with torch.no_grad():
        assert torch.allclose(joined.predict(x), damaged.predict(x), atol=1e-3)
        right = {torch.zeros(4): clean(x), bad: damaged.fixed(bad)(x)}
        apart = (clean(x) - damaged.fixed(bad)(x)).norm()
        for strengths, wanted in right.items():
            assert (joined.fixed(strengths)(x) - wanted).norm() < 0.1 * apart


def test_half_way_both_have_their_part(folder: Path) -> None:
    join(folder, "damaged.safetensors", "clean.safetensors")
    joined, _ = load_model(folder / "both")
    assert isinstance(joined, Dasr)
    rows = dict(joined.experts.named_parameters())["trunk.weight"].float()
    mixture = joined.float().fixed(torch.full((4,), 0.025)).trunk.weight.flatten()
    assert torch.allclose(mixture, rows.mean(0), atol=1e-4)


def test_joined_networks_blend(folder: Path) -> None:
    join(folder, "damaged.safetensors", "clean.safetensors")
    joined, _ = load_model(folder / "both")
    half = blend(joined.float(), joined.float(), 50)
    for name, value in joined.state_dict().items():
        assert torch.allclose(half.state_dict()[name], value)


def test_the_prediction_may_be_another_networks(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.manual_seed(2)
    seer = Dasr(CONFIG).eval()
    path = folder / "seer.safetensors"
    save_model(path, seer, ModelCard(config=CONFIG, name="seer"))
    join(folder, "damaged.safetensors", "clean.safetensors", "--predictor", path)
    joined, _ = load_model(folder / "both")
    assert isinstance(joined, Dasr)
    x = torch.rand(1, 3, 12, 10)
    with torch.no_grad():
        assert torch.allclose(joined.float().predict(x), seer.predict(x), atol=1e-3)
    plain = folder / "clean.safetensors"
    assert join(folder, "damaged.safetensors", "clean.safetensors", "--predictor", plain) == 2
    assert "predicts nothing" in capsys.readouterr().err


def test_another_shape_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = SRResNet(SRResNetConfig(blocks=2, channels=4, norm="none")).eval()
    path = folder / "small.safetensors"
    save_model(path, small, ModelCard(config=small.config, name="small"))
    assert join(folder, "damaged.safetensors", "small.safetensors") == 2
    assert "another shape" in capsys.readouterr().err
    assert join(folder, "clean.safetensors", "damaged.safetensors") == 2
    assert "does not adapt" in capsys.readouterr().err
    # of the same weights, but another function
    assert join(folder, "damaged.safetensors", "batch norm.safetensors") == 2
    assert "another shape" in capsys.readouterr().err
    wide = Dasr(dataclasses.replace(CONFIG, predictor_channels=6)).eval()
    path = folder / "wide.safetensors"
    save_model(path, wide, ModelCard(config=wide.config, name="wide"))
    assert join(folder, "damaged.safetensors", "clean.safetensors", "--predictor", path) == 2
    assert "has 6 channels" in capsys.readouterr().err
    assert join(folder, "damaged.safetensors", "clean.safetensors", "--even", "0") == 2


def add(folder: Path, model: str, plus: str, minus: str) -> int:
    """The exit code of scripts/add_difference.py, whose result is sum.safetensors."""
    places = [str(folder / f"{name}.safetensors") for name in (model, plus, minus, "sum")]
    words = [places[0], "--plus", places[1], "--minus", places[2], "-o", places[3]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["add_difference.py", *words])
        with pytest.raises(SystemExit) as end:
            runpy.run_path(str(ROOT / "scripts" / "add_difference.py"), run_name="__main__")
    return int(end.value.code or 0)


def test_what_a_model_learned_is_added_to_another(folder: Path) -> None:
    plain = folder / "clean.safetensors"
    network, card = load_model(plain)
    network.activation_ranges = ActivationRanges(((0.0, 1.0),) * 3, ((0.0, 1.0),) * 3)
    save_model(plain, network, dataclasses.replace(card, scores={"Set5": {"psnr_y": 30.0}}))
    assert add(folder, "clean", "clean", "clean") == 0
    same, told = load_model(folder / "sum.safetensors")
    for name, value in network.state_dict().items():
        assert torch.equal(same.state_dict()[name], value)
    assert (told.scores, told.training, same.activation_ranges) == ({}, {}, None)


def test_it_may_be_learned_at_another_scale(folder: Path) -> None:
    twice = SRResNet(dataclasses.replace(CONFIG.base, scale=2)).eval()
    other = SRResNet(CONFIG.base).eval()
    for name, network in (("twice", twice), ("other", other)):
        path = folder / f"{name}.safetensors"
        save_model(path, network, ModelCard(config=network.config, name=name))
    clean, _ = load_model(folder / "clean.safetensors")
    assert add(folder, "twice", "other", "clean") == 0
    result, _ = load_model(folder / "sum.safetensors")
    learned = other.head.weight - clean.state_dict()["head.weight"]
    assert torch.allclose(result.state_dict()["head.weight"], twice.head.weight + learned)
    assert add(folder, "clean", "twice", "twice") == 2, "the second enlargement is missing there"


def test_of_networks_that_adapt_the_first_experts_are_added_up(folder: Path) -> None:
    join(folder, "damaged.safetensors", "clean.safetensors")
    (folder / "both").rename(folder / "both.safetensors")
    torch.manual_seed(5)
    save_model(folder / "seen.safetensors", Dasr(CONFIG).eval(), ModelCard(config=CONFIG))
    assert add(folder, "both", "seen", "damaged") == 0
    result, card = load_model(folder / "sum.safetensors")
    assert isinstance(result, Dasr)
    assert card.config == CONFIG
    both, _ = load_model(folder / "both.safetensors")
    seen, _ = load_model(folder / "seen.safetensors")
    # it was begun with the weights that are taken away
    for name, value in result.state_dict().items():
        wanted = both if name.startswith("predictor.") else seen
        assert torch.allclose(value, wanted.state_dict()[name], atol=2e-3), name
