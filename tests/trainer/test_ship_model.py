"""scripts/ship_model.py: what ships has the card that tells of it, or nothing ships."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from PIL import Image
from repository import ROOT

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
from srgan_desktop.core.weights.model_file import ModelCard, read_card, save_model

TRAINING = {"preset": "tiny", "steps": 1200, "seconds": 3600.0, "precision": "fp32"}
KEYS = "title description licence network data hardware weaknesses command"
RECIPE = "\n".join(f'{key} = "of mine"' for key in KEYS.split())
Ship = Callable[..., None]


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, for which a folder of the test's is the repository."""
    spec = importlib.util.spec_from_file_location("ship_model", ROOT / "scripts" / "ship_model.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    (tmp_path / "resources" / "models").mkdir(parents=True)
    (tmp_path / "docs" / "models").mkdir(parents=True)
    return module


@pytest.fixture
def ship(script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ship:
    def call(training: dict[str, object], recipe: str, benchmarks: Path) -> None:
        torch.manual_seed(1)
        network = SRResNet(SRResNetConfig(blocks=1, channels=4, norm="none")).eval()
        model = tmp_path / "model.safetensors"
        save_model(model, network, ModelCard(config=network.config, training=training))
        (tmp_path / "recipe.toml").write_text(recipe)
        words = ["--name", "mine", "--recipe", str(tmp_path / "recipe.toml")]
        words += ["--benchmarks", str(benchmarks)]
        monkeypatch.setattr(sys, "argv", ["ship_model.py", str(model), *words])
        script.main()

    return call


@pytest.fixture
def benchmarks(tmp_path: Path) -> Path:
    pixels = np.random.default_rng(0).integers(0, 255, (48, 56, 3)).astype(np.uint8)
    for folder, picture in (("HR", pixels), ("LR_x4", pixels[::4, ::4])):
        place = tmp_path / "benchmarks" / "Set5" / folder
        place.mkdir(parents=True)
        Image.fromarray(picture).save(place / "a.png")
    return tmp_path / "benchmarks"


def test_the_card_is_that_of_the_weights_as_they_ship(
    ship: Ship, tmp_path: Path, benchmarks: Path
) -> None:
    ship(TRAINING, RECIPE, benchmarks)
    card = read_card(tmp_path / "resources" / "models" / "mine.safetensors")
    text = (tmp_path / "docs" / "models" / "mine.md").read_text()
    assert f"`{card.weights_sha256}`" in text
    assert f"{card.scores['Set5']['psnr_y']:.2f}" in text
    assert "1,200 steps in 1.0 hours" in text


@pytest.mark.parametrize(
    ("training", "recipe", "sets", "complaint"),
    [
        ({"blend": "of two"}, RECIPE, "benchmarks", "--trained"),
        (TRAINING, "[title", "benchmarks", "cannot be read as a recipe"),
        (TRAINING, RECIPE.replace("command", "comand"), "benchmarks", "does not tell command"),
        (TRAINING, RECIPE, "bench", "holds none of Set5"),
    ],
)
def test_nothing_ships_of_what_is_incomplete(
    training: dict[str, object],
    recipe: str,
    sets: str,
    complaint: str,
    ship: Ship,
    tmp_path: Path,
    benchmarks: Path,
) -> None:
    with pytest.raises(UsageError, match=re.escape(complaint)):
        ship(training, recipe, benchmarks.with_name(sets))
    assert not list((tmp_path / "resources" / "models").iterdir())
    assert not list((tmp_path / "docs" / "models").iterdir())


def test_the_cards_are_those_of_the_models_that_ship() -> None:
    models = sorted((ROOT / "resources" / "models").glob("*.safetensors"))
    assert models
    for model in models:
        text = (ROOT / "docs" / "models" / f"{model.stem}.md").read_text(encoding="utf-8")
        assert f"`{read_card(model).weights_sha256}`" in text, model.stem
