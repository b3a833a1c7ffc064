"""Each architecture keeps what the interface promises: sizes, radii, skips, facts, files."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from network_makers import SMALL, boost_blocks, make_network

from srgan_desktop.core.backends import openvino_backend
from srgan_desktop.core.backends.torch_backend import TorchBackend
from srgan_desktop.core.base.errors import ModelFileError, UsageError
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.engine.tile_overlap import LARGEST_OVERLAP, NON_LOCAL_OVERLAP
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.networks.dasr import Dasr
from srgan_desktop.core.networks.espcn import EspcnConfig
from srgan_desktop.core.networks.network import SCALES, NetworkConfig, enlarge
from srgan_desktop.core.networks.rrdb import RrdbConfig, RrdbNetwork
from srgan_desktop.core.networks.srcnn import SrcnnConfig
from srgan_desktop.core.networks.strengths import AS_FOUND
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.core.upscaling.upscale import UpscaleOptions, upscale_image
from srgan_desktop.core.weights.architectures import (
    ARCHITECTURES,
    build_network,
    config_from,
    config_values,
    differences,
    fixed_network,
    inference_form,
)
from srgan_desktop.core.weights.interpolate import blend, blend_files, load_with_detail
from srgan_desktop.core.weights.model_file import ModelCard, load_model, read_card, save_model
from srgan_desktop.core.weights.onnx_export import export_onnx

NAMES = list(ARCHITECTURES)
CPU = torch.device("cpu")

# settings that matter for how far a network sees
RADII: list[NetworkConfig] = [
    RrdbConfig(blocks=1, channels=4, growth=2),
    RrdbConfig(scale=2, blocks=2, channels=4, growth=2, skip="bicubic"),
    RrdbConfig(scale=8, blocks=1, channels=4, growth=2),
    EspcnConfig(widths=(6, 4)),
    EspcnConfig(scale=3, widths=(6,), head_kernel=1, tail_kernel=1, skip="bicubic"),
    EspcnConfig(scale=2, widths=(6, 4, 4, 5), middle_kernel=5, tail_kernel=7),
    SrcnnConfig(widths=(6, 4)),
    SrcnnConfig(scale=2, widths=(6, 4), middle_kernel=5, skip="bicubic"),
    SrcnnConfig(scale=8, widths=(6,), head_kernel=1, tail_kernel=1),
]


def parameters(config: NetworkConfig) -> int:
    with torch.device("meta"):
        return sum(p.numel() for p in build_network(config).parameters())


def test_the_papers_networks_have_the_papers_sizes() -> None:
    assert parameters(RrdbConfig()) == pytest.approx(16.7e6, rel=0.001)
    # 5-3-3 and 9-1-5 with 64 and 32 channels, of three colours
    assert parameters(EspcnConfig()) == (3 * 25 + 1) * 64 + (64 * 9 + 1) * 32 + (32 * 9 + 1) * 48
    assert parameters(SrcnnConfig()) == (3 * 81 + 1) * 64 + (64 + 1) * 32 + (32 * 25 + 1) * 3


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", NAMES)
def test_every_architecture_enlarges_by_every_scale(name: str, scale: int) -> None:
    for colours in (1, 3):
        network = build_network(
            config_from(name, SMALL[name] | {"scale": scale, "colours": colours})
        )
        with torch.inference_mode():
            sr = network.eval()(torch.rand(2, colours, 6, 5))
        assert sr.shape == (2, colours, 6 * scale, 5 * scale)
        assert bool(torch.isfinite(sr).all())


@pytest.mark.parametrize("name", NAMES)
def test_with_a_skip_a_new_network_is_about_the_interpolation(name: str) -> None:
    torch.manual_seed(0)
    network = build_network(config_from(name, SMALL[name] | {"skip": "bicubic"})).eval()
    x = torch.rand(1, 3, 9, 9)
    with torch.inference_mode():
        difference = network(x) - enlarge(x, 4, "bicubic")
    assert 0 < float(difference.abs().mean()) < 0.05


def test_depth_does_not_drown_a_new_rrdb() -> None:
    torch.manual_seed(0)
    network = build_network(RrdbConfig(channels=8, growth=4, skip="bicubic")).eval()
    x = torch.rand(1, 3, 9, 9)
    with torch.inference_mode():
        difference = network(x) - enlarge(x, 4, "bicubic")
    assert 0 < float(difference.abs().mean()) < 0.05


def seen_from_the_middle(config: NetworkConfig, size: int) -> tuple[int, int]:
    """LR rows before and after the middle one on which its first output pixel's rows depend."""
    torch.manual_seed(3)
    network = build_network(config).double().eval()
    if isinstance(network, RrdbNetwork):
        boost_blocks(network)
    x = torch.rand(1, 3, size, 9, dtype=torch.float64, requires_grad=True)
    middle = size // 2
    rows = network(x)[0, :, middle * config.scale : (middle + 1) * config.scale]
    torch.autograd.backward((rows * torch.rand_like(rows)).sum())
    assert x.grad is not None
    seen = torch.nonzero(x.grad.abs().sum((0, 1, 3)) > 0).flatten()
    return middle - int(seen.min()), int(seen.max()) - middle


@pytest.mark.parametrize("config", RADII, ids=str)
def test_the_radius_is_exact(config: NetworkConfig) -> None:
    radius = math.ceil(config.receptive_radius)
    before, after = seen_from_the_middle(config, 4 * radius + 5)
    # relu may be shut on the very last way
    assert radius - 1 <= max(before, after) <= radius


@settings(max_examples=20, deadline=None)
@given(config=st.sampled_from(RADII), left=st.integers(0, 30), width=st.integers(1, 20))
def test_a_crop_with_enough_context_gives_the_pixels_of_the_whole(
    config: NetworkConfig, left: int, width: int
) -> None:
    torch.manual_seed(left)
    network = build_network(config).eval()
    if isinstance(network, RrdbNetwork):
        boost_blocks(network)
    length, scale = 52, config.scale
    x = torch.rand(1, 3, 6, length)
    context = math.ceil(config.receptive_radius)
    first, last = max(0, left - context), min(length, left + width + context)
    with torch.inference_mode():
        whole = network(x)[..., left * scale : (left + width) * scale]
        part = network(x[..., first:last])[..., (left - first) * scale :][..., : whole.shape[-1]]
    torch.testing.assert_close(part, whole, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_tiles_equal_the_whole_picture(name: str) -> None:
    network = make_network(name)
    backend = TorchBackend(inference_form(network), CPU, "fp32")
    engine = Engine.with_backend(network, ModelCard(config=network.config), backend)
    random = np.random.default_rng(0)
    photo = RasterImage(random.integers(0, 256, (70, 90, 3), np.uint8))
    results = []
    for tile in (0, 32):
        steps = upscale_image(photo, engine, UpscaleOptions(TargetSize("scale", 4), tile=tile))
        results.append(_result_of(steps).pixels.astype(int))
    difference = np.abs(results[0] - results[1])
    assert difference.max() <= 1
    assert (difference > 0).mean() < 1e-3


def _result_of(steps: object) -> RasterImage:
    while True:
        try:
            next(steps)  # type: ignore[call-overload]
        except StopIteration as end:
            assert isinstance(end.value, RasterImage)
            return end.value


def test_a_network_that_sees_too_far_is_blended() -> None:
    far = RrdbConfig(channels=4, growth=2)
    assert far.receptive_radius > LARGEST_OVERLAP
    network = build_network(far).eval()
    backend = TorchBackend(inference_form(network), CPU, "fp32")
    engine = Engine.with_backend(network, ModelCard(config=far), backend)
    assert engine.needs_blending
    assert engine.overlap == NON_LOCAL_OVERLAP
    near = Engine.with_backend(make_network("rrdb"), ModelCard(), backend)
    assert not near.needs_blending


@pytest.mark.parametrize("name", NAMES)
def test_model_files_come_back_as_they_were(name: str, tmp_path: Path) -> None:
    network = make_network(name, skip="bicubic")
    path = tmp_path / "m.safetensors"
    save_model(path, network, ModelCard(name="mine"))
    assert read_card(path).architecture == name
    loaded, card = load_model(path)
    assert card.config == network.config
    assert card.scale == 4
    x = torch.rand(1, 3, 8, 8)
    assert torch.equal(loaded(x), network(x))


def change_metadata(path: Path, change: dict[str, str]) -> None:
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    header["__metadata__"] |= change
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data[8 + length :])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"architecture": "hat"}, "unknown architecture 'hat'; this version knows srresnet, rrdb"),
        ({"architecture": "espcn"}, "blocks is not a known setting"),
        ({"config": '{"grwoth": 4}'}, "grwoth is not a known setting; did you mean growth"),
        ({"config": '{"architecture": "srcnn"}'}, "architecture is one of rrdb, not srcnn"),
        ({"config": '{"growth": 0}'}, "growth is from 1 to 1024, not 0"),
        ({"config": "{}"}, "another network than it says"),
    ],
)
def test_files_that_do_not_say_what_they_hold(
    change: dict[str, str], problem: str, tmp_path: Path
) -> None:
    path = tmp_path / "m.safetensors"
    save_model(path, make_network("rrdb"), ModelCard())
    change_metadata(path, change)
    with pytest.raises(ModelFileError, match=problem) as caught:
        load_model(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [
        ("rrdb", "scale", 5),
        ("rrdb", "blocks", 0),
        ("rrdb", "growth", 2.0),
        ("rrdb", "skip", "nearest"),
        ("espcn", "widths", ()),
        ("espcn", "widths", (8, 0)),
        ("espcn", "widths", 64),
        ("espcn", "activation", "gelu"),
        ("espcn", "head_kernel", 4),
        ("srcnn", "widths", [1.5]),
        ("srcnn", "skip", "bilinear"),
        ("srcnn", "tail_kernel", True),
        ("srcnn", "architecture", "espcn"),
    ],
)
def test_configs_that_make_no_sense_are_refused(name: str, setting: str, value: object) -> None:
    with pytest.raises(UsageError, match=setting):
        config_from(name, {setting: value})


def test_configs_survive_json() -> None:
    for config in RADII:
        values = json.loads(json.dumps(config_values(config)))
        assert config_from(config.architecture, values) == config


def test_differences_in_words() -> None:
    assert differences(RrdbConfig(blocks=3), RrdbConfig()) == "blocks 3 instead of 23"
    assert differences(RrdbConfig(), RrdbConfig()) == ""
    assert differences(SrcnnConfig(), EspcnConfig()) == "architecture srcnn instead of espcn"


class TestBlending:
    @pytest.mark.parametrize("name", NAMES)
    def test_of_one_architecture(self, name: str) -> None:
        smooth, detailed = make_network(name), make_network(name)
        with torch.no_grad():
            end = detailed.experts.tail if isinstance(detailed, Dasr) else detailed.tail
            end.bias.add_(0.1)
        x = torch.rand(1, 3, 8, 8)
        y = blend(smooth, detailed, 50)(x)
        torch.testing.assert_close(y, (smooth(x) + detailed(x)) / 2, rtol=1e-4, atol=1e-4)

    def test_of_two(self, tmp_path: Path) -> None:
        smooth, detailed = tmp_path / "smooth.safetensors", tmp_path / "detailed.safetensors"
        save_model(smooth, make_network("espcn"), ModelCard())
        save_model(detailed, make_network("srcnn"), ModelCard(partner="smooth"))
        message = re.escape("differ in their networks (architecture srcnn instead of espcn)")
        with pytest.raises(UsageError, match=message):
            blend(make_network("espcn"), make_network("srcnn"), 50)
        with pytest.raises(ModelFileError, match=message):
            blend_files(smooth, detailed, 50)
        with pytest.raises(ModelFileError, match=message):
            load_with_detail(detailed, 50)


@pytest.mark.parametrize("skip", ["none", "bicubic"])
@pytest.mark.parametrize("name", NAMES)
def test_onnx_files_compute_the_same(name: str, skip: str, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("openvino")
    network = make_network(name, skip=skip)
    path = tmp_path / "model.onnx"
    export_onnx(network, ModelCard(name="mine"), path)
    core = openvino_backend.shared_core()
    compiled = core.compile_model(core.read_model(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    request = compiled.create_infer_request()
    for height, width in ((17, 23), (9, 4)):
        x = torch.rand(1, 3, height, width)
        with torch.no_grad():
            expected = fixed_network(network, AS_FOUND)(x).numpy()
        assert np.abs(request.infer([x.numpy()])[0] - expected).max() <= 1e-4


def test_other_programs_do_not_take_them_for_what_they_are_not() -> None:
    """``body.0.weight`` and the like are how third-party loaders recognise other networks."""
    for name in NAMES:
        tops = {key.split(".")[0] for key in make_network(name).state_dict()}
        assert not tops & {"body", "model", "features", "params", "conv_first", "conv1"}


def test_configs_are_frozen_and_named() -> None:
    for name, kind in ARCHITECTURES.items():
        config = config_from(name, {})
        assert isinstance(config, kind.config)
        assert config.architecture == name
        with pytest.raises(dataclasses.FrozenInstanceError):
            config.scale = 2  # type: ignore[misc]
