"""A network that adapts: its mixtures, its prediction, what is refused."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.networks.dasr import Dasr, DasrConfig
from srgan_desktop.core.networks.srresnet import SRResNet
from srgan_desktop.core.networks.strengths import STRENGTHS

TINY = DasrConfig(blocks=1, channels=4, experts=3, predictor_channels=4)
MILD, SEVERE = torch.full((4,), 0.1), torch.full((4,), 0.9)


def tiny(**changes: object) -> Dasr:
    torch.manual_seed(3)
    return Dasr(dataclasses.replace(TINY, **changes)).eval()  # type: ignore[arg-type]


@pytest.mark.parametrize("conditioning", ["experts", "channels", "both"])
@pytest.mark.parametrize("upsampling", ["steps", "single"])
def test_a_mixture_is_an_ordinary_srresnet(conditioning: str, upsampling: str) -> None:
    network = tiny(conditioning=conditioning, upsampling=upsampling)
    x = torch.rand(2, 3, 9, 8)
    with torch.no_grad():
        predicted = network.predict(x)
        adapted = network(x)
        for place in (0, 1):
            mixture = network.fixed(predicted[place])
            assert type(mixture) is SRResNet
            assert mixture.config == network.config.base
            assert torch.allclose(mixture(x[place : place + 1])[0], adapted[place], atol=1e-6)


@pytest.mark.parametrize("conditioning", ["experts", "channels", "both"])
def test_other_strengths_make_another_network(conditioning: str) -> None:
    network = tiny(conditioning=conditioning)
    mild, severe = network.fixed(MILD).state_dict(), network.fixed(SEVERE).state_dict()
    changed = {name for name, value in mild.items() if not torch.equal(value, severe[name])}
    if conditioning == "channels":
        assert changed == {"head.bias"}
    else:
        # biases begin at zero in every expert
        shifted = {"head.bias"} if conditioning == "both" else set()
        assert changed == {name for name in mild if name.endswith("weight")} | shifted


def test_a_mixture_lies_between_its_experts() -> None:
    network = tiny()
    rows = dict(network.experts.named_parameters())["trunk.weight"]
    mixture = network.fixed(MILD).trunk.weight.flatten()
    assert bool((mixture <= rows.max(0).values + 1e-6).all())
    assert bool((mixture >= rows.min(0).values - 1e-6).all())


@pytest.mark.parametrize("conditioning", ["experts", "channels", "both"])
def test_it_begins_as_the_network_it_is_given(conditioning: str) -> None:
    network = tiny(conditioning=conditioning)
    given = SRResNet(network.config.base).eval()
    network.begin_as(given)
    x = torch.rand(1, 3, 9, 8)
    with torch.no_grad():
        for strengths in (MILD, SEVERE):
            assert float((network.fixed(strengths)(x) - given(x)).abs().max()) < 0.02
    network.begin_as(given, perturbation=0.0)
    for name, rows in network.experts.named_parameters():
        assert all(torch.equal(row, given.state_dict()[name].flatten()) for row in rows)


def test_what_is_predicted_lies_in_range_and_does_not_depend_on_the_size() -> None:
    network = tiny()
    for sides in ((1, 1), (3, 40), (64, 64)):
        with torch.no_grad():
            predicted = network.predict(torch.rand(2, 3, *sides))
        assert predicted.shape == (2, len(STRENGTHS))
        assert bool(((predicted > 0) & (predicted < 1)).all())


@pytest.mark.parametrize(
    "strengths", [torch.full((4,), 1.5), torch.full((3,), 0.5), torch.full((4,), float("nan"))]
)
def test_impossible_strengths_are_refused(strengths: torch.Tensor) -> None:
    with pytest.raises(UsageError, match="4 numbers from 0 to 1"):
        tiny().fixed(strengths)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"experts": 0}, "experts is from 1 to 64"),
        ({"conditioning": "noise"}, "conditioning is one of experts, channels, both"),
        ({"blocks": 0}, "blocks is from 1"),
        ({"upsampling": "none"}, "upsampling is one of steps, single"),
        ({"predictor_channels": 0}, "predictor_channels is from 1"),
    ],
)
def test_configs_are_checked(changes: dict[str, object], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        dataclasses.replace(TINY, **changes)  # type: ignore[arg-type]
