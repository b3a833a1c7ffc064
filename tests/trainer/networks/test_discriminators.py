"""Discriminators: the layers of their sources, any crop they claim to take, useful gradients."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from srgan_desktop.core.base.errors import UsageError
from trainer.config.loss_settings import DiscriminatorConfig
from trainer.networks.discriminators import build_discriminator
from trainer.networks.discriminators.srgan import SrganDiscriminator


def shapes(network: nn.Module) -> list[tuple[int, ...]]:
    return [tuple(m.weight.shape) for m in network.modules() if isinstance(m, nn.Conv2d)]


def test_srgan_has_the_layers_of_the_paper() -> None:
    network = SrganDiscriminator(3, 96)
    widths = [64, 64, 128, 128, 256, 256, 512, 512]
    assert shapes(network) == [
        (out, inp, 3, 3) for inp, out in zip([3, *widths[:-1]], widths, strict=True)
    ]
    strides = [m.stride[0] for m in network.modules() if isinstance(m, nn.Conv2d)]
    assert strides == [1, 2] * 4
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    assert [norm.num_features for norm in norms] == widths[1:]
    dense = [m for m in network.modules() if isinstance(m, nn.Linear)]
    assert [(m.in_features, m.out_features) for m in dense] == [(512 * 6 * 6, 1024), (1024, 1)]


def test_stride4_ends_as_512_by_6_by_6() -> None:
    network = build_discriminator(DiscriminatorConfig("stride4"), 3, 96)
    dense = next(m for m in network.modules() if isinstance(m, nn.Linear))
    assert dense.in_features == 512 * 6 * 6
    assert [shape[-1] for shape in shapes(network)] == [4] * 4


@pytest.mark.parametrize(
    ("config", "colours", "crop", "shape"),
    [
        (DiscriminatorConfig("srgan", 8), 3, 96, (2, 1)),
        (DiscriminatorConfig("srgan", 8), 1, 32, (2, 1)),
        (DiscriminatorConfig("srgan", 8, pooling=True), 3, 50, (2, 1)),
        (DiscriminatorConfig("stride4", 8), 1, 28, (2, 1)),
        (DiscriminatorConfig("patch", 8), 3, 96, (2, 1, 10, 10)),
        (DiscriminatorConfig("unet", 8), 3, 96, (2, 1, 96, 96)),
        (DiscriminatorConfig("srgan", 8, spectral_norm=True), 3, 32, (2, 1)),
        (DiscriminatorConfig("unet", 8, spectral_norm=True), 3, 32, (2, 1, 32, 32)),
    ],
)
def test_each_learns_to_tell_light_from_dark(
    config: DiscriminatorConfig, colours: int, crop: int, shape: tuple[int, ...]
) -> None:
    torch.manual_seed(0)
    network = build_discriminator(config, colours, crop)
    light = torch.rand(2, colours, crop, crop) * 0.3 + 0.7
    dark = torch.rand(2, colours, crop, crop) * 0.3
    assert network(light).shape == shape
    optimiser = torch.optim.Adam(network.parameters(), 1e-3)
    for _ in range(12):
        loss = (
            nn.functional.softplus(-network(light)).mean()
            + nn.functional.softplus(network(dark)).mean()
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert all(p.grad is not None for p in network.parameters())
    assert network(light).mean() > network(dark).mean()


FEATURES = DiscriminatorConfig("features", 8)


def test_one_of_features_learns_to_tell_them_apart_at_every_depth() -> None:
    torch.manual_seed(0)
    network = build_discriminator(FEATURES, 3, 32, ("3_3", "1_2"))
    sizes = [(2, 256, 8, 8), (2, 64, 32, 32)]
    photos, made = ([scale * torch.rand(size) for size in sizes] for scale in (1.0, 3.0))
    assert network(*photos).shape == (2, 2, 32, 32)
    optimiser = torch.optim.Adam(network.parameters(), 3e-3)
    for _ in range(60):
        loss = nn.functional.softplus(-network(*photos)).mean()
        loss = loss + nn.functional.softplus(network(*made)).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert all(p.grad is not None for p in network.parameters())
    # each layer has its channel, and only the length of the features tells
    assert (network(*photos).mean((0, 2, 3)) > network(*made).mean((0, 2, 3)) + 0.5).all()


def test_one_of_features_weighs_a_small_map_as_a_large_one() -> None:
    network = build_discriminator(FEATURES, 3, 32, ("1_2", "3_3"))
    large, small = torch.rand(1, 64, 32, 32), torch.rand(1, 256, 8, 8)
    logits = network(large, small)
    assert logits[:, 1, :4, :4].unique().numel() == 1
    assert logits[:, 0, :4, :4].unique().numel() > 1


def test_spectral_norm_holds_every_layer_to_one() -> None:
    torch.manual_seed(0)
    network = build_discriminator(DiscriminatorConfig("srgan", 8, spectral_norm=True), 3, 32)
    for _ in range(30):  # its power iteration takes a step each time in training
        network(torch.rand(2, 3, 32, 32))
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            largest = torch.linalg.matrix_norm(module.weight.flatten(1), 2)
            assert largest.item() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("kind", ["srgan", "stride4"])
def test_feature_maps_are_those_on_the_way(kind: str) -> None:
    network = build_discriminator(DiscriminatorConfig(kind, 8), 3, 32).eval()  # type: ignore[arg-type]
    x = torch.rand(1, 3, 32, 32)
    maps = network.feature_maps(x)  # type: ignore[operator]
    assert maps[-1].equal(network.features(2 * x - 1))  # type: ignore[operator]
    assert [m.shape[1] for m in maps] == sorted(m.shape[1] for m in maps)


def test_a_crop_that_does_not_fit_says_what_does() -> None:
    with pytest.raises(UsageError, match="32, 48, 64"):
        build_discriminator(DiscriminatorConfig("srgan"), 3, 50)
    with pytest.raises(UsageError, match="8 pixels"):
        build_discriminator(DiscriminatorConfig("stride4"), 1, 4)
    with pytest.raises(UsageError, match="channels"):
        DiscriminatorConfig(channels=0)
