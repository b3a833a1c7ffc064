"""A mixture of experts without torch is the one with torch."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest
import torch

from srgan_desktop.core.backends import Part
from srgan_desktop.core.backends.openvino_backend import OpenVinoBackend, computes_int8
from srgan_desktop.core.backends.openvino_mixture import OpenVinoMixture
from srgan_desktop.core.engine.calibration import find_ranges
from srgan_desktop.core.engine.way_selection import probe, psnr_between
from srgan_desktop.core.networks.activation_ranges import ActivationRanges
from srgan_desktop.core.networks.dasr import Dasr, DasrConfig
from srgan_desktop.core.networks.strengths import Strengths
from srgan_desktop.core.weights.architectures import inference_form

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("openvino") is None, reason="has no packages for this system"
)
WEAK, STRONG = Strengths(0.1, 0.2, 0.05, 0.3), Strengths(0.9, 0.6, 0.7, 0.8)


def trained(**changes: Any) -> Dasr:
    """As after some steps: no two weights are alike."""
    torch.manual_seed(7)
    small: dict[str, Any] = {"blocks": 2, "channels": 8, "experts": 3, "predictor_channels": 4}
    network = Dasr(DasrConfig(**{**small, **changes}))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.01 * torch.randn_like(parameter))
    return network.eval().requires_grad_(False)


def direct(
    network: Dasr,
    strengths: Strengths,
    precision: str = "fp32",
    ranges: ActivationRanges | None = None,
) -> OpenVinoBackend:
    """The backend of the network that torch mixes."""
    mixed = inference_form(network.fixed(torch.tensor(strengths.values)))
    return OpenVinoBackend(mixed, precision, 1, ranges)


def mixture_of(network: Dasr, **how: Any) -> OpenVinoMixture:
    found = OpenVinoMixture.of(network, direct(network, WEAK, **how), 1, how.get("ranges"))
    assert found is not None
    return found


@pytest.mark.parametrize("conditioning", ["experts", "channels", "both"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"upsampling": "single"},
        {"activation": "prelu", "scale": 2},
        {"colours": 1, "skip": "none", "scale": 3},
    ],
)
def test_it_gives_the_same_pictures(conditioning: str, changes: dict[str, Any]) -> None:
    network = trained(conditioning=conditioning, **changes)
    mixture = mixture_of(network)
    x = probe(network.config.colours, 20)
    pictures = []
    for strengths in (WEAK, STRONG, Strengths()):
        ours, theirs = mixture.backend(strengths).run(x), direct(network, strengths).run(x)
        assert torch.allclose(ours, theirs, atol=1e-5)
        pictures.append(ours)
    assert float((pictures[0] - pictures[1]).abs().max()) > 1e-3
    assert torch.equal(mixture.run(x), pictures[2])  # as a backend, for a clean picture


@pytest.mark.slow
@pytest.mark.skipif(not computes_int8(), reason="OpenVINO has no int8 here")
def test_in_integers_too() -> None:
    network = trained(conditioning="both", channels=16)
    ranges = find_ranges(network)
    mixture = mixture_of(network, precision="int8", ranges=ranges)
    x = probe(3, 32)
    for strengths in (WEAK, STRONG):
        theirs = direct(network, strengths, "int8", ranges).run(x)
        # a weight that is rounded the other way makes a step of difference
        assert psnr_between(mixture.backend(strengths).run(x), theirs) > 55
        assert psnr_between(direct(network, strengths).run(x), theirs) < 55


def test_it_is_restored_as_it_was() -> None:
    network = trained(conditioning="both")
    mixture = mixture_of(network)
    again = OpenVinoMixture.restored(mixture.export(), mixture.geometry, "fp32", 1)
    x, pixels = probe(3, 20), np.random.default_rng(1).integers(0, 256, (9, 8, 3), np.uint8)
    assert torch.equal(again.backend(STRONG).run(x), mixture.backend(STRONG).run(x))
    whole = Part((0, 9), (0, 8))
    assert np.array_equal(again.enlarge(pixels, whole), mixture.enlarge(pixels, whole))
    assert np.array_equal(again.predict(x.numpy()), mixture.predict(x.numpy()))


@pytest.mark.parametrize("colours", [1, 3])
def test_it_sees_the_same_in_pictures(colours: int) -> None:
    network = trained(colours=colours)
    mixture = mixture_of(network)
    random = np.random.default_rng(2)
    seen = []
    for shape in ((5, 48, 48), (1, 17, 33), (2, 3, 40), (1, 1, 1)):
        count, *sides = shape
        # of different contrast, so that not all is found alike
        x = random.random((count, colours, *sides), np.float32) ** random.integers(1, 9)
        theirs = network.predict(torch.from_numpy(x)).numpy()
        assert np.allclose(mixture.predict(x), theirs, atol=1e-5)
        seen.append(theirs)
    assert np.ptp(np.concatenate(seen), 0).max() > 0.01


def test_weights_that_are_written_once_cannot_be_mixed_apart() -> None:
    """Biases that are zeros everywhere, as in a network that was never trained."""
    torch.manual_seed(1)
    network = Dasr(DasrConfig(blocks=1, channels=4, experts=2, predictor_channels=4)).eval()
    assert OpenVinoMixture.of(network, direct(network, WEAK), 1) is None
