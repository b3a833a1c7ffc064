from __future__ import annotations

import dataclasses
import itertools
from fractions import Fraction

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.networks.srresnet import (
    SCALES,
    SRResNet,
    SRResNetConfig,
    enlarge,
    fold_batch_norm,
)

TINY = SRResNetConfig(blocks=2, channels=8)


def test_the_papers_network_has_the_papers_size() -> None:
    network = SRResNet(SRResNetConfig())
    parameters = sum(p.numel() for p in network.parameters())
    assert parameters == pytest.approx(1.55e6, rel=0.01)
    # multiply-adds for each LR pixel: a weight is used at its layer's resolution
    areas = {"upsample.0": 1, "upsample.1": 4, "tail": 16}
    operations = sum(
        p.numel() * next((n for key, n in areas.items() if name.startswith(key)), 1)
        for name, p in network.named_parameters()
        if p.dim() == 4
    )
    assert operations == pytest.approx(2.218e6, rel=0.01)


@pytest.mark.parametrize(
    ("scale", "norm", "activation"),
    [*itertools.product(SCALES, ["batch", "instance", "none"], ["prelu", "leaky_relu", "relu"])],
)
def test_every_variant_enlarges_by_its_scale(scale: int, norm: str, activation: str) -> None:
    config = dataclasses.replace(TINY, scale=scale, norm=norm, activation=activation)
    with torch.inference_mode():
        sr = SRResNet(config).eval()(torch.rand(2, 3, 6, 5))
    assert sr.shape == (2, 3, 6 * scale, 5 * scale)
    assert bool(torch.isfinite(sr).all())


def test_grey_pictures_have_one_channel() -> None:
    network = SRResNet(dataclasses.replace(TINY, colours=1)).eval()
    with torch.inference_mode():
        assert network(torch.rand(1, 1, 6, 6)).shape == (1, 1, 24, 24)


@pytest.mark.parametrize("skip", ["bilinear", "bicubic"])
def test_with_a_skip_a_new_network_is_about_the_interpolation(skip: str) -> None:
    torch.manual_seed(0)
    network = SRResNet(dataclasses.replace(TINY, norm="none", skip=skip)).eval()
    x = torch.rand(1, 3, 9, 9)
    with torch.inference_mode():
        difference = network(x) - enlarge(x, 4, skip)  # type: ignore[arg-type]
    assert 0 < float(difference.abs().mean()) < 0.05


def test_tanh_keeps_the_output_within_0_and_1() -> None:
    network = SRResNet(dataclasses.replace(TINY, output="tanh")).eval()
    with torch.inference_mode():
        sr = network(torch.rand(1, 3, 8, 8) * 50)
    assert float(sr.min()) >= 0
    assert float(sr.max()) <= 1


def test_the_radius_of_the_papers_network() -> None:
    assert SRResNetConfig().receptive_radius == Fraction(79, 2)


@pytest.mark.parametrize(
    "config",
    [
        TINY,
        dataclasses.replace(TINY, blocks=1, scale=2, head_kernel=3, tail_kernel=5),
        dataclasses.replace(TINY, scale=3, norm="none", skip="bicubic"),
        dataclasses.replace(TINY, upsampling="single"),
        dataclasses.replace(
            TINY,
            blocks=1,
            head_kernel=1,
            block_kernel=1,
            tail_kernel=1,
            norm="none",
            skip="bicubic",
        ),
    ],
)
def test_an_output_pixel_looks_no_further_than_the_radius(config: SRResNetConfig) -> None:
    network = SRResNet(config).double().eval()
    size, scale = 41, config.scale
    x = torch.rand(1, 3, size, size, dtype=torch.float64, requires_grad=True)
    middle = size // 2 * scale
    torch.autograd.backward(network(x)[0, :, middle, middle].sum())
    assert x.grad is not None
    seen = x.grad.abs().sum((0, 1)) > 0
    rows = torch.nonzero(seen.any(1)).flatten()
    reach = max(size // 2 - int(rows.min()), int(rows.max()) - size // 2)
    assert reach <= config.receptive_radius + 1
    assert reach >= config.receptive_radius - 1


@settings(max_examples=15, deadline=None)
@given(
    left=st.integers(0, 12),
    width=st.integers(1, 20),
    skip=st.sampled_from(["none", "bicubic"]),
)
def test_a_crop_with_enough_context_gives_the_pixels_of_the_whole(
    left: int, width: int, skip: str
) -> None:
    torch.manual_seed(left)
    config = SRResNetConfig(blocks=1, channels=4, norm="none", skip=skip)  # type: ignore[arg-type]
    network = SRResNet(config).eval()
    x = torch.rand(1, 3, 6, 34)
    context = -(-config.receptive_radius // 1)
    first, last = max(0, left - context), min(34, left + width + context)
    with torch.inference_mode():
        whole = network(x)[..., left * 4 : (left + width) * 4]
        part = network(x[..., first:last])[..., (left - first) * 4 :][..., : whole.shape[-1]]
    assert float((whole - part).abs().max()) < 1e-5


def test_a_single_shuffle_saves_close_to_half_of_the_work() -> None:
    def work(config: SRResNetConfig) -> int:
        """Multiply-adds for each LR pixel."""
        total, resolution = 0, {"upsample.1": 4, "tail": 16}
        network = SRResNet(config)
        for name, module in network.named_modules():
            if isinstance(module, torch.nn.Conv2d):
                times = [n for start, n in resolution.items() if name.startswith(start)]
                single = config.upsampling == "single"
                total += module.weight.numel() * (1 if single or not times else times[0])
        return total

    steps = SRResNetConfig(norm="none", skip="bicubic")
    single = dataclasses.replace(steps, upsampling="single")
    assert work(steps) == pytest.approx(2.218e6, rel=0.01)
    assert 0.52 < work(single) / work(steps) < 0.58


def test_instance_norm_is_not_local() -> None:
    assert TINY.is_local
    assert not dataclasses.replace(TINY, norm="instance").is_local


def test_folding_batch_norm_keeps_the_function() -> None:
    torch.manual_seed(1)
    network = SRResNet(TINY)
    for _ in range(5):  # statistics worth folding
        network(torch.rand(4, 3, 8, 8))
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.uniform_(module.bias, -0.2, 0.2)
    network.eval()
    folded = fold_batch_norm(network)
    assert folded.config.norm == "none"
    assert not any("norm" in key for key in folded.state_dict())
    x = torch.rand(1, 3, 10, 9)
    with torch.inference_mode():
        assert torch.allclose(network(x), folded(x), atol=1e-5)


def test_a_network_without_batch_norm_is_left_as_it_is() -> None:
    network = SRResNet(dataclasses.replace(TINY, norm="none"))
    assert fold_batch_norm(network) is network


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("scale", 5),
        ("scale", 4.0),
        ("colours", 2),
        ("colours", True),
        ("blocks", 0),
        ("blocks", 2.0),
        ("channels", 4096),
        ("head_kernel", 8),
        ("tail_kernel", 9.0),
        ("block_kernel", -1),
        ("norm", "layer"),
        ("activation", ["prelu"]),
        ("skip", "nearest"),
    ],
)
def test_a_config_that_makes_no_sense_is_refused(field: str, value: object) -> None:
    with pytest.raises(UsageError, match=field):
        SRResNetConfig(**{field: value})  # type: ignore[arg-type]


def test_tanh_and_skip_exclude_each_other() -> None:
    with pytest.raises(UsageError, match="tanh"):
        SRResNetConfig(output="tanh", skip="bicubic", norm="none")
