"""The content loss of LPIPS's distance, against the package that defines it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from published_lpips import published_lpips
from safetensors.torch import save_file

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.events import drain
from trainer.config.loss_settings import LPIPS_LAYERS
from trainer.config.presets import load_preset
from trainer.config.run_config import RunConfig
from trainer.losses import generator
from trainer.losses.generator import GeneratorLoss, load_features
from trainer.networks.features import VggFeatures, build_features
from trainer.run.events import Finished, Step
from trainer.run.inputs import RunInputs
from trainer.run.run_folder import RunFolder
from trainer.training.session import start

LAYERS = "content.layers=[" + ",".join(f'"{layer}"' for layer in LPIPS_LAYERS) + "]"
PLAIN = ("threads=1", "precision=fp32", "loss.pixel_weight=1e-6", "content.weight=1", LAYERS)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Random ones: what is compared is the arithmetic."""
    torch.manual_seed(0)
    path = tmp_path / "vgg16.safetensors"
    save_file({k: v.half() for k, v in build_features("vgg16", 1000).state_dict().items()}, path)
    return path


@pytest.fixture
def config(weights: Path) -> RunConfig:
    file = f'content.file="{weights}"'
    wanted = ("content.network=vgg16", "content.distance=lpips", "content.divisor=1", file)
    return load_preset("tiny", (*PLAIN, *wanted))


def network_of(config: RunConfig) -> VggFeatures:
    network = drain(load_features(config, torch.device("cpu")))
    assert isinstance(network, VggFeatures)
    return network


def test_it_is_what_the_package_computes(config: RunConfig) -> None:
    network = network_of(config)
    theirs = published_lpips("vgg", network.stack.state_dict())
    sr, hr = torch.rand(2, 3, 64, 80), torch.rand(2, 3, 64, 80)
    loss = GeneratorLoss(config, network).terms(sr, hr, 0)["content"]
    with torch.no_grad():
        expected = theirs(2 * sr - 1, 2 * hr - 1).mean()
    assert float(loss) == pytest.approx(
        float(expected), rel=1e-2
    )  # its mean and deviation: 3 digits
    assert float(loss) > 0.01


def test_a_run_with_it(config: RunConfig, tmp_path: Path, inputs: Callable[..., RunInputs]) -> None:
    events = list(start(config, inputs(3), RunFolder(tmp_path / "run")))
    assert isinstance(events[-1], Finished)
    steps = [event for event in events if isinstance(event, Step)]
    assert steps
    assert all(0 < event.losses["content"] < 10 for event in steps)


@pytest.mark.parametrize(
    "change",
    [
        ("content.network=vgg19",),
        ('content.layers=["1_2", "2_2"]',),
        ("content.before_activation=true",),
    ],
)
def test_what_it_is_not_made_for_is_refused(change: tuple[str, ...]) -> None:
    settings = (*PLAIN, "content.network=vgg16", "content.distance=lpips", *change)
    with pytest.raises(UsageError, match=r"is made for content\.network vgg16"):
        load_preset("tiny", settings)


def test_without_the_package_it_says_how_to_get_it(
    config: RunConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generator, "heads_path", lambda network: None)
    with pytest.raises(UsageError, match="pip install lpips, or choose normalised"):
        network_of(config)
