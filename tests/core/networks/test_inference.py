"""The network as it is run equals the network as it was trained."""

from __future__ import annotations

import pytest
import torch
from network_makers import VARIANTS, make_network

from srgan_desktop.core.networks import inference
from srgan_desktop.core.networks.inference import merged_tail, upsample_in_strips
from srgan_desktop.core.weights.architectures import inference_form


@pytest.mark.parametrize("variant", VARIANTS)
def test_it_equals_the_plain_network(variant: str) -> None:
    plain = make_network(**VARIANTS[variant])
    x = torch.rand(2, plain.config.colours, 17, 13)
    torch.testing.assert_close(inference_form(plain)(x), plain(x), rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("variant", VARIANTS)
def test_strips_equal_the_whole(variant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    network = inference_form(make_network(**VARIANTS[variant]))
    x = torch.rand(1, network.config.colours, 40, 9)
    whole = network(x)
    network.strip_pixels = 1
    monkeypatch.setattr(inference, "MIN_STRIP_ROWS", 3)
    torch.testing.assert_close(network(x), whole, rtol=1e-4, atol=2e-5)


def test_strips_have_no_more_context_than_they_need(monkeypatch: pytest.MonkeyPatch) -> None:
    """One row less, and seams appear."""
    network = inference_form(make_network())
    monkeypatch.setattr(inference, "MIN_STRIP_ROWS", 8)
    features = torch.rand(1, 8, 40, 9)
    whole = network.upsample(features)
    context = inference.upsample_context(network.config)
    monkeypatch.setattr(inference, "upsample_context", lambda config: context - 1)
    result = upsample_in_strips(features, network.upsample, network.config, 1)
    assert (result - whole).abs().max() > 1e-4


@pytest.mark.parametrize("kernel", [1, 3, 5, 9])
@pytest.mark.parametrize("step", [2, 3])
def test_a_conv_behind_a_shuffle_equals_one_before_it(kernel: int, step: int) -> None:
    torch.manual_seed(kernel)
    tail = torch.nn.Conv2d(5, 3, kernel, padding=kernel // 2).requires_grad_(False)
    shuffle = torch.nn.PixelShuffle(step)
    x = torch.rand(1, 5 * step**2, 7, 6)
    merged = merged_tail(tail, step)
    torch.testing.assert_close(shuffle(merged(x)), tail(shuffle(x)), rtol=1e-4, atol=1e-5)
