"""MSRResNet, EDSR and per-channel SRGAN, each against a plain writing of what its program does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from srgan_desktop.core.weights.third_party.open_model import open_model
from srgan_desktop.core.weights.third_party.residual_networks import residual_network_of

CHANNELS, BLOCKS = 6, 3


def conv(shapes: dict[str, tuple[int, ...]], name: str, outputs: int, inputs: int, k: int) -> None:
    shapes[f"{name}.weight"] = (outputs, inputs, k, k)
    shapes[f"{name}.bias"] = (outputs,)


def filled(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Tensor]:
    made = torch.Generator().manual_seed(5)
    return {name: 0.2 * torch.randn(shape, generator=made) for name, shape in shapes.items()}


def msrresnet(scale: int) -> dict[str, Tensor]:
    shapes: dict[str, tuple[int, ...]] = {}
    conv(shapes, "conv_first", CHANNELS, 3, 3)
    for block in range(BLOCKS):
        for number in (1, 2):
            conv(shapes, f"body.{block}.conv{number}", CHANNELS, CHANNELS, 3)
    for number, step in enumerate((2, 2) if scale == 4 else (scale,), 1):
        conv(shapes, f"upconv{number}", CHANNELS * step**2, CHANNELS, 3)
    conv(shapes, "conv_hr", CHANNELS, CHANNELS, 3)
    conv(shapes, "conv_last", 3, CHANNELS, 3)
    return filled(shapes)


def run_msrresnet(t: Mapping[str, Tensor], x: Tensor, scale: int) -> Tensor:
    def c(name: str, y: Tensor) -> Tensor:
        return F.conv2d(y, t[f"{name}.weight"], t[f"{name}.bias"], padding=1)

    y = F.leaky_relu(c("conv_first", x), 0.1)
    for block in range(BLOCKS):
        y = y + c(f"body.{block}.conv2", F.relu(c(f"body.{block}.conv1", y)))
    for number, step in enumerate((2, 2) if scale == 4 else (scale,), 1):
        y = F.leaky_relu(F.pixel_shuffle(c(f"upconv{number}", y), step), 0.1)
    y = c("conv_last", F.leaky_relu(c("conv_hr", y), 0.1))
    return y + F.interpolate(x, scale_factor=scale, mode="bilinear", align_corners=False)


EDSR_NAMES = {
    "basicsr": ("conv_first", "body.{}.conv1", "body.{}.conv2", "conv_after_body", "upsample.{}"),
    "authors": ("head.0", "body.{}.body.0", "body.{}.body.2", f"body.{BLOCKS}", "tail.0.{}"),
}
LAST = {"basicsr": "conv_last", "authors": "tail.1"}


def edsr(names: str) -> dict[str, Tensor]:
    first, one, two, after, up = EDSR_NAMES[names]
    shapes: dict[str, tuple[int, ...]] = {}
    conv(shapes, first, CHANNELS, 3, 3)
    for block in range(BLOCKS):
        conv(shapes, one.format(block), CHANNELS, CHANNELS, 3)
        conv(shapes, two.format(block), CHANNELS, CHANNELS, 3)
    conv(shapes, after, CHANNELS, CHANNELS, 3)
    for number in (0, 2):
        conv(shapes, up.format(number), CHANNELS * 4, CHANNELS, 3)
    conv(shapes, LAST[names], 3, CHANNELS, 3)
    if names == "authors":
        conv(shapes, "sub_mean", 3, 3, 1)
        conv(shapes, "add_mean", 3, 3, 1)
    return filled(shapes)


def run_edsr(t: Mapping[str, Tensor], x: Tensor, names: str) -> Tensor:
    first, one, two, after, up = EDSR_NAMES[names]
    mean = torch.tensor([0.4488, 0.4371, 0.4040]).view(1, 3, 1, 1)

    def c(name: str, y: Tensor) -> Tensor:
        return F.conv2d(y, t[f"{name}.weight"], t[f"{name}.bias"], padding=1)

    head = c(first, (x - mean) * 255)
    y = head
    for block in range(BLOCKS):
        y = y + c(two.format(block), F.relu(c(one.format(block), y)))
    y = head + c(after, y)
    for number in (0, 2):
        y = F.pixel_shuffle(c(up.format(number), y), 2)
    return c(LAST[names], y) / 255 + mean


def by_channel() -> dict[str, Tensor]:
    shapes: dict[str, tuple[int, ...]] = {}

    def norm(name: str) -> None:
        for end in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"{name}.{end}"] = (CHANNELS,)

    conv(shapes, "initial.cnn", CHANNELS, 3, 9)
    shapes["initial.act.weight"] = (CHANNELS,)
    for block in range(BLOCKS):
        for number in (1, 2):
            name = f"residuals.{block}.block{number}"
            shapes[f"{name}.cnn.weight"] = (CHANNELS, CHANNELS, 3, 3)
            norm(f"{name}.bn")
            shapes[f"{name}.act.weight"] = (CHANNELS,)
    shapes["convblock.cnn.weight"] = (CHANNELS, CHANNELS, 3, 3)
    norm("convblock.bn")
    shapes["convblock.act.weight"] = (CHANNELS,)
    for number in (0, 1):
        conv(shapes, f"upsamples.{number}.conv", CHANNELS * 4, CHANNELS, 3)
        shapes[f"upsamples.{number}.act.weight"] = (CHANNELS,)
    conv(shapes, "final", 3, CHANNELS, 9)
    made = filled(shapes)
    for name in made:
        if name.endswith("running_var"):
            made[name] = made[name].abs() + 0.5
    made |= {
        name.replace("running_var", "num_batches_tracked"): torch.tensor(7)
        for name in list(made)
        if name.endswith("running_var")
    }
    return made


def run_by_channel(t: Mapping[str, Tensor], x: Tensor) -> Tensor:
    def c(name: str, y: Tensor) -> Tensor:
        weight = t[f"{name}.weight"]
        return F.conv2d(y, weight, t.get(f"{name}.bias"), padding=weight.shape[-1] // 2)

    def n(name: str, y: Tensor) -> Tensor:
        norm = [t[f"{name}.{end}"] for end in ("running_mean", "running_var", "weight", "bias")]
        return F.batch_norm(y, *norm)

    head = F.prelu(c("initial.cnn", x), t["initial.act.weight"])
    y = head
    for block in range(BLOCKS):
        one, two = (f"residuals.{block}.block{number}" for number in (1, 2))
        z = F.prelu(n(f"{one}.bn", c(f"{one}.cnn", y)), t[f"{one}.act.weight"])
        y = y + n(f"{two}.bn", c(f"{two}.cnn", z))
    y = head + n("convblock.bn", c("convblock.cnn", y))
    for number in (0, 1):
        shuffled = F.pixel_shuffle(c(f"upsamples.{number}.conv", y), 2)
        y = F.prelu(shuffled, t[f"upsamples.{number}.act.weight"])
    return torch.tanh(c("final", y)) * 0.5 + 0.5


@pytest.fixture
def x() -> Tensor:
    return torch.rand(1, 3, 17, 20, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_msrresnet(x: Tensor, scale: int) -> None:
    tensors = msrresnet(scale)
    network = residual_network_of(tensors)
    assert network is not None
    assert (network.config.architecture, network.config.scale) == ("MSRResNet", scale)
    torch.testing.assert_close(network(x), run_msrresnet(tensors, x, scale))


@pytest.mark.parametrize("names", ["basicsr", "authors"])
def test_edsr(x: Tensor, names: str) -> None:
    tensors = edsr(names)
    network = residual_network_of(tensors)
    assert network is not None and network.config.architecture == "EDSR"
    torch.testing.assert_close(network(x), run_edsr(tensors, x, names), rtol=1e-4, atol=1e-4)


def test_srgan_with_a_slope_for_each_channel(x: Tensor) -> None:
    tensors = by_channel()
    network = residual_network_of(tensors)
    assert network is not None and network.config.architecture == "SRGAN"
    torch.testing.assert_close(network(x), run_by_channel(tensors, x), rtol=1e-4, atol=1e-5)


def test_weights_that_do_not_fit_together_are_of_no_layout() -> None:
    for name in ("body.1.conv2.weight", "upconv2.weight", "conv_last.weight"):
        tensors = msrresnet(4)
        tensors[name] = tensors[name][:2]
        assert residual_network_of(tensors) is None, name
    tensors = by_channel()
    del tensors["convblock.bn.weight"]
    assert residual_network_of(tensors) is None


@pytest.mark.parametrize("ending", [".pth", ".pth.tar"])
def test_a_file_of_it_is_a_model(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"gen{ending}"
    torch.save({"state_dict": by_channel(), "optimizer": {}}, path)
    network, card = open_model(path)
    assert (card.name, card.scale) == ("gen", 4)
    assert "SRGAN" in card.description
    assert network(torch.zeros(1, 3, 8, 8)).shape == (1, 3, 32, 32)
