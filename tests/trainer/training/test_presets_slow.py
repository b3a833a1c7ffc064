"""Every preset trains: thirty steps of its own network and losses, on eight photos.

Batches and crops are small and the same in every step, so that what falls is the loss and not the
difficulty; the VGG network has random weights, since nothing is downloaded here.
"""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

from trainer.config.presets import load_preset, preset_names
from trainer.config.run_config import RunConfig
from trainer.data.crops import CropSampler
from trainer.data.degradations import step_pair
from trainer.networks.features import build_features
from trainer.run.events import Finished, RolledBack, Step
from trainer.run.inputs import RunInputs
from trainer.run.run_folder import RunFolder
from trainer.training.session import start

STEPS = 30
# wide enough for every discriminator; the one of the cycle stage judges LR
CROP, CYCLE_CROP = 48, 96


@pytest.fixture(scope="module")
def eight_photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from conftest import draw_photo

    folder = tmp_path_factory.mktemp("eight")
    for seed in range(8):
        Image.fromarray(draw_photo(seed, 176, 160)).save(folder / f"photo{seed}.png")
    return folder


@pytest.fixture(scope="module")
def random_vgg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of VGG19's shapes; its features neither fade nor explode from layer to layer."""
    torch.manual_seed(0)
    network = build_features("vgg19", 1000)
    for layer in network:
        if isinstance(layer, nn.Conv2d) and layer.bias is not None:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
    path = tmp_path_factory.mktemp("vgg") / "vgg19.safetensors"
    save_file({key: value.half() for key, value in network.state_dict().items()}, path)
    return path


@pytest.fixture
def _same_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step sees the crops of the first, made worse in the same way, and is told of."""
    real = CropSampler.places
    monkeypatch.setattr(CropSampler, "places", lambda self, step: real(self, 0))

    def pair(config: RunConfig, crops: torch.Tensor, step: int) -> Any:
        return step_pair(config, crops, 0)

    for stage in ("pixel", "adversarial"):
        monkeypatch.setattr(f"trainer.training.stages.{stage}.step_pair", pair)
    monkeypatch.setattr("trainer.run.throttle.Throttle.due", lambda self: True)


def _settings(name: str, vgg: Path) -> list[str]:
    config = load_preset(name)
    crop = CYCLE_CROP if config.stage == "cycle" else min(CROP, config.data.crop)
    return [
        f"data.crop={crop}",
        "batch=4",
        "precision=fp32",
        f'content.file="{vgg}"',
        "validation.pictures=1",
        "validation.crop=64",
        "validation.every_steps=30",
    ]


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("_same_batch")
@pytest.mark.parametrize("name", preset_names())
def test_the_losses_of_every_preset_fall(
    name: str, tmp_path: Path, eight_photos: Path, random_vgg: Path
) -> None:
    config = load_preset(name, _settings(name, random_vgg))
    real = eight_photos if config.stage == "cycle" else None
    inputs = RunInputs(name, eight_photos, None, STEPS, None, "cpu", real=real)
    events = list(start(config, inputs, RunFolder(tmp_path / "run")))
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "done"
    assert not [event for event in events if isinstance(event, RolledBack)]
    steps = [event for event in events if isinstance(event, Step)]
    assert len(steps) == STEPS
    main = "pixel" if "pixel" in steps[0].losses else "content"
    losses = [step.losses[main] for step in steps]
    assert statistics.mean(losses[-5:]) < statistics.mean(losses[:5])
