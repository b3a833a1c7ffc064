"""Networks in 8-bit integers: really integers, near float32, and never where they would show."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from network_makers import VARIANTS, make_network

from srgan_desktop.core.backends.openvino_backend import (
    OpenVinoBackend,
    computes_int8,
    shared_core,
)
from srgan_desktop.core.backends.openvino_operations import body_graph, exact_zero
from srgan_desktop.core.base import app_paths
from srgan_desktop.core.engine import calibration, way_selection
from srgan_desktop.core.engine.engine import Engine, open_engine
from srgan_desktop.core.engine.way_selection import choose, probe, psnr_between
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.images.io import read_image
from srgan_desktop.core.networks.activation_ranges import ActivationRanges, record_ranges
from srgan_desktop.core.networks.dasr import Dasr
from srgan_desktop.core.upscaling.upscale import enlarge_with
from srgan_desktop.core.weights.architectures import inference_form
from srgan_desktop.core.weights.interpolate import blend
from srgan_desktop.core.weights.model_file import ModelCard, load_model, save_model

CPU = torch.device("cpu")
pytestmark = pytest.mark.skipif(not computes_int8(), reason="OpenVINO has no int8 here")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def shipped(name: str) -> Path:
    return app_paths.resources() / "models" / f"{name}.safetensors"


@pytest.mark.parametrize("variant", VARIANTS)
def test_it_is_near_float32(variant: str) -> None:
    network = make_network(**VARIANTS[variant])
    form = inference_form(network)
    x = probe(network.config.colours, 32)
    backend = OpenVinoBackend(form, "int8", 1, record_ranges(form, [x]))
    assert psnr_between(backend.run(x), network(x)) > 38


def test_convs_are_done_in_integers() -> None:
    form = inference_form(make_network())
    model = body_graph(form, record_ranges(form, [probe(3, 32)]))
    compiled = shared_core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    compiled([np.zeros((1, 3, 16, 16), np.float32)])
    kinds = [
        node.get_rt_info()["runtimePrecision"].astype(str)
        for node in compiled.get_runtime_model().get_ops()
        if node.get_rt_info()["layerType"].astype(str) == "Convolution"
    ]
    assert len(kinds) > 3
    assert kinds.count("u8") + kinds.count("i8") == len(kinds) - 1  # all but the first


@pytest.mark.parametrize("span", [(-0.3, 1.7), (0.2, 5.0), (-2.0, -1.0), (0.0, 0.0)])
def test_zero_is_on_a_step(span: tuple[float, float]) -> None:
    low, high = exact_zero(span)
    step = (high - low) / 255
    assert low <= 0 <= high
    assert abs(-low / step - round(-low / step)) < 1e-9
    # no farther from what was asked for than half a step
    assert low <= span[0] + step / 2 + 1e-12
    assert high >= span[1] - step / 2 - 1e-12


def test_a_photo_loses_little() -> None:
    network, _ = load_model(shipped("fast-x4"))
    form = inference_form(network)
    backend = OpenVinoBackend(form, "int8", 1, calibration.ranges_of(network, form))
    pixels = read_image(app_paths.resources() / "samples" / "otter.jpg").pixels
    x = torch.from_numpy(pixels[::2, ::2].copy()).permute(2, 0, 1)[None].float() / 255
    with torch.no_grad():
        assert psnr_between(backend.run(x), network(x)) > 45


@pytest.mark.parametrize("name", ["fast-x4", "srresnet-x4"])
def test_soft_gradients_do_not_band(name: str) -> None:
    network, _ = load_model(shipped(name))
    form = inference_form(network)
    backend = OpenVinoBackend(form, "int8", 1, calibration.ranges_of(network, form))
    for low, high in ((0.02, 0.1), (0.55, 0.75)):
        ramp = torch.linspace(low, high, 96).expand(1, 3, 40, -1).contiguous()
        with torch.no_grad():
            exact = network(ramp)
        difference = (backend.run(ramp) - exact).abs()[..., 16:-16, 16:-16] * 255
        assert float(difference.max()) < 1.6
        assert float(difference.mean()) < 0.4


def test_ranges_of_the_file_come_first_then_those_of_the_cache(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = make_network()
    form = inference_form(network)
    found = calibration.ranges_of(network, form)
    files = list((home / "cache" / "ranges").glob("*.json")) or list(home.rglob("ranges/*.json"))
    assert len(files) == 1
    monkeypatch.setattr(calibration, "record_ranges", lambda *_: pytest.fail("found anew"))
    again = calibration.ranges_of(network, form)
    assert np.allclose(again.body, found.body, rtol=1e-3)
    network.activation_ranges = found
    save_model(tmp_path / "a.safetensors", network, ModelCard(name="a"))
    shutil.rmtree(home)
    loaded, _ = load_model(tmp_path / "a.safetensors")
    assert loaded.activation_ranges is not None
    assert calibration.ranges_of(loaded, inference_form(loaded)) is loaded.activation_ranges


def test_a_mixture_has_the_ranges_of_both() -> None:
    one, other = make_network(), make_network()
    for network in (one, other):
        network.activation_ranges = record_ranges(inference_form(network), [probe(3, 16)])
    mixed = blend(one, other, 40)
    assert mixed.activation_ranges == one.activation_ranges.union(other.activation_ranges)  # type: ignore[union-attr, arg-type]
    known = one.activation_ranges
    assert known is not None
    for useless in (None, ActivationRanges(known.body[:2], known.upsample)):
        one.activation_ranges = useless
        assert blend(one, other, 40).activation_ranges is None


def test_a_file_with_too_few_ranges_harms_nothing() -> None:
    network = make_network()
    form = inference_form(network)
    few = ActivationRanges(record_ranges(form, [probe(3, 32)]).body[:2], ())
    x = probe(3, 32)
    assert psnr_between(OpenVinoBackend(form, "int8", 1, few).run(x), network(x)) > 38


def test_what_adapts_has_ranges_for_all_that_it_becomes() -> None:
    network = make_network(architecture="dasr")
    assert isinstance(network, Dasr)
    network.activation_ranges = calibration.find_ranges(network)
    fixed = network.fixed(torch.tensor([0.0, 1.0, 0.0, 0.0]))
    assert fixed.activation_ranges == network.activation_ranges
    own = calibration.find_ranges(fixed)
    assert own.union(network.activation_ranges) == network.activation_ranges


def make_int8_the_fastest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        way_selection,
        "_by_speed",
        lambda candidates, *rest: sorted(candidates, key=lambda way: way.precision != "int8"),
    )


@pytest.mark.parametrize("name", ["fast-x4", "photo-gan-x4"])
def test_automatic_takes_it_but_not_for_deep_results(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    make_int8_the_fastest(monkeypatch)
    pixels = (probe(3, 24)[0].permute(1, 2, 0).numpy() * 65535).astype(np.uint16)
    exact = enlarge_with(open_engine(shipped(name), "cpu", "fp32", threads=1))
    coarse = enlarge_with(open_engine(shipped(name), "cpu", "int8", threads=1))
    # the second time, and of a model that adapts for the second picture, from what was kept
    for _ in range(2):
        engine = open_engine(shipped(name), "cpu", threads=1)
        assert engine.precision == "int8"
        for turned in (pixels, pixels[::-1]):
            reference = exact(turned).astype(int)
            deep = enlarge_with(engine)(turned).astype(int)
            # bfloat16 at worst: far nearer than integers, which are off by a level of 255 here
            # and there
            lost = np.abs(coarse(turned).astype(int) - reference).mean()
            assert np.abs(deep - reference).mean() < lost / 2


def test_large_networks_are_not_looked_through_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    make_int8_the_fastest(monkeypatch)
    monkeypatch.setattr(calibration, "MOST_WEIGHTS", 1000)
    network, _ = load_model(shipped("fast-x4"))
    assert choose(network, CPU, "auto", 1).backend.precision == "int8"  # its file says the ranges
    network.activation_ranges = None
    assert choose(network, CPU, "auto", 1).backend.precision != "int8"


def test_what_is_asked_for_is_taken_for_deep_results_too() -> None:
    engine = open_engine(shipped("fast-x4"), "cpu", "int8", threads=1)
    x = probe(3, 24)
    assert torch.equal(engine.run(x), engine.run(x, fine=True))


def test_a_network_that_loses_too_much_is_not_run_so(monkeypatch: pytest.MonkeyPatch) -> None:
    make_int8_the_fastest(monkeypatch)
    network, _ = load_model(shipped("fast-x4"))
    form = inference_form(network)
    ranges = record_ranges(form, [probe(3, 16)])
    # as if the crops had been black
    dark = [tuple((0.0, 1e-3) for _ in part) for part in (ranges.body, ranges.upsample)]
    network.activation_ranges = type(ranges)(*dark)
    chosen = choose(network, CPU, "auto", 1)
    assert chosen.backend.precision != "int8"
    assert not chosen.warnings
    asked = choose(network, CPU, "int8", 1)
    assert asked.backend.precision == "fp32"
    assert "openvino int8 is not used" in asked.warnings[0]


def test_tiles_are_those_of_the_whole() -> None:
    engine: Engine = open_engine(shipped("fast-x4"), "cpu", "int8", threads=1)
    random = np.random.default_rng(5)
    pixels = random.integers(0, 256, (70, 90, 3), np.uint8)
    whole = enlarge_with(engine)(pixels)
    engine.tile_side = lambda free_bytes=None: 32  # type: ignore[method-assign]
    tiled = enlarge_with(engine)(pixels)
    assert (np.abs(whole.astype(int) - tiled.astype(int)) > 1).sum() == 0
    assert RasterImage(tiled).width == 360
