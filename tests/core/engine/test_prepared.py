"""A model that was opened before starts without torch, and only as long as nothing has changed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from network_makers import make_network

from srgan_desktop.core.backends import Part
from srgan_desktop.core.backends.device import has_accelerator
from srgan_desktop.core.base import app_paths
from srgan_desktop.core.engine import prepared, way_selection
from srgan_desktop.core.engine.engine import Engine, open_engine
from srgan_desktop.core.engine.prepared import KnownConfig, Request
from srgan_desktop.core.engine.way_selection import psnr_between
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.images.io import WriteOptions, read_image, write_image
from srgan_desktop.core.networks.dasr import Dasr, DasrConfig
from srgan_desktop.core.networks.strengths import Strengths
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.core.upscaling.upscale import enlarge_with
from srgan_desktop.core.weights.model_file import ModelCard, save_model

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("openvino") is None, reason="has no packages for this system"
)


@pytest.fixture(autouse=True)
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path / "home"))
    # a network as small as this may be faster with torch, and that is not kept
    monkeypatch.setattr(way_selection, "_by_speed", lambda candidates, *rest: candidates)
    path = tmp_path / "m.safetensors"
    save_model(path, make_network(), ModelCard(name="mine", title="A model"))
    return path


def kept() -> list[Path]:
    return list((app_paths.cache_folder() / "prepared").glob("*.prepared"))


def test_the_second_opening_is_the_first_restored(model: Path) -> None:
    first, second = (open_engine(model, "cpu", "fp32", 1) for _ in range(2))
    assert len(kept()) == 1
    assert isinstance(second.config, KnownConfig)
    assert not isinstance(first.config, KnownConfig)
    assert (second.way, second.overlap, second.tile_side(2**30), second.card.title) == (
        first.way,
        first.overlap,
        first.tile_side(2**30),
        "A model",
    )
    x = torch.rand(1, 3, 20, 15)
    assert torch.equal(first.run(x), second.run(x))
    assert torch.equal(first.run(x, tta=True), second.run(x, tta=True))
    pixels = np.random.default_rng(0).integers(0, 256, (20, 15, 3), np.uint8)
    whole = Part((0, 20), (0, 15))
    one, other = (engine.enlarge(pixels, whole) for engine in (first, second))
    assert one is not None
    assert np.array_equal(one, other)


def test_torch_beside_a_restored_engine_keeps_to_its_threads(model: Path) -> None:
    open_engine(model, "cpu", "fp32", 1)
    engine = open_engine(model, "cpu", "fp32", 1)
    assert isinstance(engine.config, KnownConfig)
    torch.set_num_threads(2)
    # to a size that torch shrinks to
    enlarge_with(engine, TargetSize("scale", 1.5))(np.zeros((12, 12, 3), np.uint8))
    assert torch.get_num_threads() == 1


def test_what_a_restored_engine_needs_its_network_for(model: Path) -> None:
    open_engine(model, "cpu", "fp32", 1)
    engine = open_engine(model, "cpu", "fp32", 1)
    assert engine.fall_back_to_cpu() in engine.warnings
    assert engine.run(torch.rand(1, 3, 4, 4)).shape == (1, 3, 16, 16)


def test_other_weights_options_and_threads_are_opened_anew(model: Path) -> None:
    open_engine(model, "cpu", "fp32", 1)
    assert prepared.restore(Request(model, None, "fp32", 1)) is not None
    for other in (
        Request(model, None, "auto", 1),
        Request(model, None, "fp32", 2),
        Request(model, 50, "fp32", 1),
        Request(model, None, "fp32", 1, integers=False),
        Request(model.with_name("gone.safetensors"), None, "fp32", 1),
    ):
        assert prepared.restore(other) is None
    save_model(model, make_network(blocks=3), ModelCard(name="mine"))
    assert prepared.restore(Request(model, None, "fp32", 1)) is None


@pytest.mark.parametrize("damage", ["cut", "changed", "empty"])
def test_a_damaged_file_is_no_reason_to_fail(model: Path, damage: str) -> None:
    open_engine(model, "cpu", "fp32", 1)
    (path,) = kept()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes({"cut": data[:100], "changed": data, "empty": b""}[damage])
    engine = open_engine(model, "cpu", "fp32", 1)
    assert not isinstance(engine.config, KnownConfig)
    assert isinstance(open_engine(model, "cpu", "fp32", 1).config, KnownConfig)  # mended


def test_only_so_many_are_kept(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "MOST_KEPT", 2)
    for seed in range(3):
        save_model(model, make_network(blocks=seed + 1), ModelCard())
        open_engine(model, "cpu", "fp32", 1)
    assert len(kept()) == 2
    assert prepared.restore(Request(model, None, "fp32", 1)) is not None  # the latest


@pytest.fixture
def adaptive(tmp_path: Path) -> Path:
    torch.manual_seed(5)
    network = Dasr(DasrConfig(blocks=1, channels=8, experts=2, predictor_channels=4))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.01 * torch.randn_like(parameter))
    path = tmp_path / "adaptive.safetensors"
    save_model(path, network, ModelCard(name="adaptive"))
    return path


def test_a_model_that_adapts_is_restored_for_any_picture(adaptive: Path) -> None:
    first = open_engine(adaptive, "cpu", "fp32", 1)
    asked: list[Engine] = []

    def adapt_to(engine: Engine) -> Strengths:
        asked.append(engine)
        return engine.predict(pieces)

    pieces = np.random.default_rng(0).random((2, 3, 20, 24), np.float32)
    second = open_engine(adaptive, "cpu", "fp32", 1, adapt_to=adapt_to)
    assert asked == [second] and second.adapts and isinstance(second.config, KnownConfig)
    x = torch.from_numpy(pieces)
    assert second.strengths == first.predict(pieces) != Strengths()
    clean = first.run(x)
    for engine in (first, second):
        engine.adapt(second.strengths)
    assert torch.equal(first.run(x), second.run(x))
    assert not torch.equal(first.run(x), clean)
    second.adapt(Strengths())
    assert torch.allclose(second.run(x), clean, atol=1e-5)


def test_it_goes_on_without_what_was_kept(adaptive: Path) -> None:
    open_engine(adaptive, "cpu", "fp32", 1)
    engine = open_engine(adaptive, "cpu", "fp32", 1)
    strengths = Strengths(0.5, 0.5, 0.5, 0.5)
    engine.adapt(strengths)
    x = torch.rand(1, 3, 12, 12)
    before = engine.run(x)
    engine.fall_back_to_cpu()
    assert psnr_between(engine.run(x), before) > 40
    engine.adapt(Strengths())
    engine.adapt(strengths)
    assert psnr_between(engine.run(x), before) > 40


def test_who_is_watched_does_not_wait_for_keeping(adaptive: Path, model: Path) -> None:
    engine = open_engine(adaptive, "cpu", "fp32", 1, adapt_to=lambda engine: Strengths())
    assert not kept()
    engine.keep(Request(adaptive, None, "fp32", 1))
    (path,) = kept()
    path.unlink()
    engine.keep(Request(adaptive, None, "fp32", 1))
    assert not kept()
    open_engine(model, "cpu", "fp32", 1, adapt_to=lambda engine: Strengths())
    assert len(kept()) == 1


IMPORTS = """
import sys
from srgan_desktop.cli import main
assert main(sys.argv[1:]) == 0
print("loaded:", *(name for name in {unwanted} if name in sys.modules))
"""


HEAVY = ("torch", "torchvision", "PySide6", "spandrel", "openvino.tools.ovc", "psutil", "dask")


def loaded(unwanted: tuple[str, ...], *arguments: str) -> str:
    """Which of ``unwanted`` a command line imports."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS.format(unwanted=unwanted), *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("kind", ["model", "adaptive"])
def test_what_each_path_imports(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """These imports are what makes a start felt: torch takes over a second of it."""
    model = request.getfixturevalue(kind)
    source = tmp_path / "small.png"
    pixels = np.random.default_rng(0).integers(0, 256, (9, 7, 3), np.uint8)
    write_image(source, RasterImage(pixels), WriteOptions("png"))
    upscale = ["upscale", str(source), "--model", str(model), "--scale", "4"]
    expected = enlarge_with(open_engine(model))(pixels)
    result = tmp_path / "large.png"
    assert loaded(HEAVY, *upscale, "-o", str(result)) == "loaded:"
    assert np.array_equal(read_image(result).pixels, expected)
    assert loaded(HEAVY, *upscale, "--dry-run") == "loaded:"


@pytest.mark.skipif(has_accelerator(), reason="torch knows what there is to compute on")
def test_without_accelerators_devices_are_listed_without_torch() -> None:
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from srgan_desktop.core.backends.device import available_devices; "
            "print([device.name for device in available_devices()], 'torch' in sys.modules)",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "['cpu'] False\n"


def test_what_needs_no_network_imports() -> None:
    light = (*HEAVY, "numpy", "PIL", "openvino", "sqlite3")
    assert loaded(light, "--version") == "loaded:"
    assert loaded(light, "upscale", "--help") == "loaded:"
    assert loaded(light, "--help") == "loaded:"
