"""Training a network that adapts: warm start, shared mixtures, what it learns, what is refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.networks.dasr import UNMIXED, Dasr, DasrConfig
from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
from srgan_desktop.core.weights.model_file import ModelCard, load_model, save_model
from trainer.config.presets import load_preset
from trainer.config.run_config import RunConfig
from trainer.data.degradations import step_sample
from trainer.run.inputs import RunInputs
from trainer.run.run_folder import RunFolder
from trainer.training.forward import AdaptiveForward, enlarged, training_forward
from trainer.training.session import start
from trainer.training.stages import new_stage, train_step
from trainer.training.stages.common import forward_of
from trainer.training.warm_start import can_begin, first_network, what_is_new

CPU = torch.device("cpu")
TINY = DasrConfig(blocks=1, channels=4, experts=2, predictor_channels=4)
SETTINGS = (
    "generator.architecture=dasr",
    "generator.blocks=1",
    "generator.channels=4",
    "generator.experts=2",
    "generator.predictor_channels=4",
    "degradation.kind=second_order",
    "threads=1",
    "precision=fp32",
    "batch=8",
)


def tiny(*more: str) -> RunConfig:
    return load_preset("tiny", (*SETTINGS, *more))


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A model file of one expert's shape."""
    torch.manual_seed(1)
    path = tmp_path / "plain.safetensors"
    save_model(path, SRResNet(TINY.base), ModelCard())
    return path


@pytest.mark.parametrize("preset", ["photo-adaptive-x4", "photo-adaptive-gan-x4"])
def test_the_presets_begin_with_photo_x4s_network(preset: str) -> None:
    config = load_preset(preset)
    assert isinstance(config.generator, DasrConfig)
    assert config.generator.base == load_preset("photo-x4").generator


def test_the_first_of_joined_experts_is_trained_on(tmp_path: Path) -> None:
    joined = Dasr(dataclasses.replace(TINY, conditioning="both", experts=2)).eval()
    path = tmp_path / "joined.safetensors"
    save_model(path, joined, ModelCard(config=joined.config, name="joined"))
    config = dataclasses.replace(TINY, conditioning="channels", experts=UNMIXED)
    assert can_begin(joined.config, config)
    alone = first_network(config, path, 1)
    assert isinstance(alone, Dasr)
    assert alone.config == config
    assert all(value.requires_grad for value in alone.parameters())
    strengths = torch.tensor([[0.3, 0.1, 0.0, 0.8]])
    rows = dict(joined.experts.named_parameters())
    x = torch.rand(1, 3, 12, 10)
    mixture = alone.mixed(strengths)[0]
    assert torch.equal(mixture["trunk.weight"].flatten(), rows["trunk.weight"][0])
    shift = joined.head_shift(strengths)[0]
    assert torch.allclose(mixture["head.bias"], rows["head.bias"][0] + shift)
    assert torch.equal(alone.predict(x), joined.predict(x))
    # for another factor too: all of it but the upsampling that the other lacks
    half = dataclasses.replace(config, scale=2)
    assert can_begin(joined.config, half)
    other = first_network(half, path, 1)
    assert isinstance(other, Dasr)
    assert other.config == half
    assert torch.equal(other.mixed(strengths)[0]["trunk.weight"], mixture["trunk.weight"])
    assert torch.allclose(other.mixed(strengths)[0]["head.bias"], mixture["head.bias"])
    assert torch.equal(other.predict(x), joined.predict(x))
    assert "this run 2 times" in what_is_new(half, path)


@pytest.mark.parametrize("conditioning", ["experts", "channels", "both"])
def test_a_plain_model_becomes_every_expert(plain: Path, conditioning: str) -> None:
    config = dataclasses.replace(TINY, conditioning=conditioning)  # type: ignore[arg-type]
    network = first_network(config, plain, seed=1)
    assert isinstance(network, Dasr)
    given = load_model(plain)[0]
    x = torch.rand(1, 3, 9, 8)
    with torch.no_grad():
        assert float((network(x) - given(x)).abs().max()) < 0.02
    same = first_network(config, plain, seed=1).state_dict()
    assert all(torch.equal(value, same[name]) for name, value in network.state_dict().items())
    rows = dict(network.experts.named_parameters())["trunk.weight"]
    assert len(rows.unique(dim=0)) == config.copies
    assert all(value.requires_grad for value in network.parameters())


def test_a_model_of_another_shape_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_model(path, SRResNet(SRResNetConfig(blocks=2, channels=4, norm="none")), ModelCard())
    with pytest.raises(UsageError, match="blocks 2 instead of 1"):
        first_network(TINY, path, seed=1)


def test_which_models_can_begin_one_that_adapts() -> None:
    for norm in ("none", "batch"):
        assert can_begin(dataclasses.replace(TINY.base, norm=norm), TINY)
    assert can_begin(TINY, TINY)
    assert can_begin(TINY, dataclasses.replace(TINY, scale=2))
    for change in ({"norm": "instance"}, {"blocks": 2}, {"scale": 2}):
        assert not can_begin(dataclasses.replace(TINY.base, **change), TINY)  # type: ignore[arg-type]
    assert not can_begin(TINY, TINY.base)


def test_pictures_alike_share_a_mixture_and_are_enlarged_as_by_it() -> None:
    torch.manual_seed(1)
    network = Dasr(TINY).train()
    forward = training_forward(network)
    assert isinstance(forward, AdaptiveForward)
    x = torch.rand(6, 3, 8, 8)
    strengths = torch.rand(2, 4).repeat_interleave(torch.tensor([4, 2]), 0)
    told = torch.tensor([True] * 4 + [False] * 2)
    sr, predicted = forward.adapted(x, strengths, told)
    with torch.no_grad():
        by_told = network.fixed(strengths[0])(x[:4])
        by_prediction = network.fixed(network.predict(x[4:]).mean(0))(x[4:])
    assert torch.allclose(sr, torch.cat([by_told, by_prediction]), atol=1e-5)
    assert predicted.shape == (6, 4)


@pytest.mark.parametrize("upsampling", ["steps", "single"])
def test_strengths_as_channels_need_no_pictures_alike(upsampling: str) -> None:
    torch.manual_seed(1)
    config = dataclasses.replace(TINY, conditioning="channels", upsampling=upsampling)
    network = Dasr(config).train()
    torch.nn.init.normal_(network.mixer.weight)
    forward = training_forward(network)
    assert isinstance(forward, AdaptiveForward)
    x, strengths = torch.rand(3, 3, 8, 8), torch.rand(3, 4)
    sr, predicted = forward.adapted(x, strengths, torch.tensor([True, False, True]))
    with torch.no_grad():
        guides = [strengths[0], predicted[1], strengths[2]]
        each = [network.fixed(g)(x[i : i + 1]) for i, g in enumerate(guides)]
    assert not torch.allclose(each[0], network.fixed(guides[1])(x[:1]), atol=1e-3)
    assert torch.allclose(sr, torch.cat(each), atol=1e-5)


def test_what_it_predicts_learns_from_being_right_alone() -> None:
    network = Dasr(TINY).train()
    forward = training_forward(network)
    assert isinstance(forward, AdaptiveForward)
    sr, predicted = forward.adapted(torch.rand(2, 3, 8, 8), torch.zeros(2, 4), torch.zeros(2) > 0)
    torch.autograd.backward(sr.sum())
    assert all(value.grad is None for value in network.predictor.parameters())
    assert all(value.grad is not None for value in network.mixer.parameters())
    torch.autograd.backward(predicted.sum())
    assert all(value.grad is not None for value in network.predictor.parameters())


def test_of_what_nobody_knows_the_prediction_learns_nothing() -> None:
    network = Dasr(dataclasses.replace(TINY, conditioning="channels")).train()
    forward = training_forward(network)
    strengths = torch.tensor([[0.5] * 4, [torch.nan] * 4])
    x, is_given = torch.rand(2, 3, 8, 8), torch.tensor([True, False])
    config = tiny("adaptive.prediction_weight=1")
    sr, terms = enlarged(config, forward, x, strengths, is_given)
    assert sr.isfinite().all()
    alone = (network.predict(x)[0] - 0.5).abs().mean()
    assert torch.allclose(terms["prediction"], alone, atol=1e-5)
    _, terms = enlarged(config, forward, x[1:], strengths[1:], is_given[1:])
    assert terms["prediction"].item() == 0


@pytest.mark.slow
def test_it_learns_what_it_is_told_of() -> None:
    """The loss of the prediction falls below that of always saying the same."""
    off = [f"degradation.{n}.{what}=0" for n in ("first", "second") for what in ("blur", "jpeg")]
    config = tiny("data.crop=96", "degradation.final_sinc=0", *off)
    stage = new_stage(config, first_network(config.generator, None, 1), CPU, None)
    stage.precision = "fp32"
    forward, _ = forward_of(config, stage)
    torch.manual_seed(2)
    coarse = torch.rand(8, 3, 14, 14)
    side = 96 + 4 * 4
    crops = torch.nn.functional.interpolate(coarse, (side, side), mode="nearest")
    crops = (crops * 255).to(torch.uint8)
    losses = [
        float(train_step(config, stage, forward, crops, 3e-3)["prediction"]) for _ in range(150)
    ]
    told = torch.cat([step_sample(config, crops, step).strengths for step in range(110, 150)])
    dull = float((told - told.median(0).values).abs().mean())
    assert sum(losses[-40:]) / 40 < 0.9 * config.adaptive.prediction_weight * dull


def test_portions_give_the_gradients_of_the_batch() -> None:
    config = tiny("adaptive.told_part=1")
    crops = torch.randint(0, 255, (8, 3, 48, 48), dtype=torch.uint8)
    weights = []
    for portions in (1, 4):
        stage = new_stage(config, first_network(config.generator, None, 1), CPU, None)
        stage.precision, stage.micro_batches = "fp32", portions
        forward, _ = forward_of(config, stage)
        train_step(config, stage, forward, crops, 0.0)
        weights.append([p.grad for p in stage.generator.parameters()])
    for one, other in zip(*weights, strict=True):
        assert one is not None and other is not None
        assert torch.allclose(one, other, atol=1e-5)


def test_a_run_from_a_plain_model_ends_in_one_that_adapts(
    plain: Path, tmp_path: Path, inputs: Callable[..., RunInputs]
) -> None:
    run = RunFolder(tmp_path / "run")
    list(start(tiny(), dataclasses.replace(inputs(3), init=plain), run))
    network, card = load_model(run.final_model)
    assert isinstance(network, Dasr)
    assert card.config == tiny().generator


@pytest.mark.parametrize("wrong", ["degradation.kind=pairs", "stage=cycle"])
def test_what_tells_nothing_of_the_damage_is_refused(wrong: str) -> None:
    with pytest.raises(UsageError, match="learns from how crops were made worse"):
        tiny(wrong)


def test_shares_fit_the_groups_of_the_degradation() -> None:
    with pytest.raises(UsageError, match=r"adaptive\.share is a multiple of 4, not 6"):
        tiny("adaptive.share=6")
