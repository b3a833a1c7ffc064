"""A model made ready: sizes of tiles, averaging over symmetries, falling back."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from network_makers import make_network
from torch import Tensor

from srgan_desktop.core.base.errors import DeviceError, ModelFileError, UsageError
from srgan_desktop.core.engine import tile_size
from srgan_desktop.core.engine.engine import Engine, open_engine
from srgan_desktop.core.engine.tile_overlap import NON_LOCAL_OVERLAP
from srgan_desktop.core.engine.tile_size import CPU_TILE_BYTES, LARGEST_TILE, LEAST_TILE
from srgan_desktop.core.weights.model_file import ModelCard, save_model


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path))


class Recorder:
    """A backend that enlarges by repeating and remembers what it was given."""

    name, device, precision = "recorder", "cpu", "fp32"

    def __init__(self) -> None:
        self.seen: list[Tensor] = []

    def run(self, x: Tensor) -> Tensor:
        self.seen.append(x)
        return x.repeat_interleave(4, -1).repeat_interleave(4, -2)


def make_engine(backend: object, **config: object) -> Engine:
    network = make_network(**config)
    return Engine.with_backend(network, ModelCard(config=network.config), backend)  # type: ignore[arg-type]


def test_opening_a_file(tmp_path: Path) -> None:
    save_model(tmp_path / "m.safetensors", make_network(scale=2), ModelCard(name="mine"))
    engine = open_engine(tmp_path / "m.safetensors", "cpu", "fp32", 2)
    assert engine.card.name == "mine"
    assert engine.scale == 2
    assert (engine.device, engine.precision) == ("cpu", "fp32")
    assert engine.way.endswith("fp32 on cpu")
    assert engine.warnings == []
    assert engine.run(torch.rand(1, 3, 5, 4)).shape == (1, 3, 10, 8)
    assert torch.get_num_threads() == 2


def test_opening_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError):
        open_engine(tmp_path / "no.safetensors")
    with pytest.raises(UsageError, match="tpu is not a device"):
        open_engine(tmp_path / "no.safetensors", "tpu")


@pytest.mark.parametrize("name", ["cuda:99", "xpu", "mps:7"])
def test_devices_that_are_not_here_are_listed(name: str, tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match=f"no device {name} here; available: cpu"):
        open_engine(tmp_path / "no.safetensors", name)


def test_results_are_clamped() -> None:
    engine = make_engine(Recorder())
    y = engine.run(torch.tensor([-1.0, 2.0]).view(1, 1, 1, 2).expand(1, 3, 1, 2))
    assert y.min() == 0
    assert y.max() == 1


def test_averaging_runs_all_eight_symmetries_and_turns_them_back() -> None:
    backend = Recorder()
    engine = make_engine(backend)
    x = torch.rand(1, 3, 5, 7)
    y = engine.run(x, tta=True)
    # repeating pixels commutes with turns and flips, so turning back must restore every one
    torch.testing.assert_close(y, engine.run(x))
    shown = backend.seen[:8]
    assert {tuple(turned.shape[-2:]) for turned in shown} == {(5, 7), (7, 5)}
    square = make_engine(other := Recorder())
    square.run(torch.rand(1, 3, 6, 6), tta=True)
    assert all(
        not torch.equal(one, two) for i, one in enumerate(other.seen) for two in other.seen[:i]
    )


def test_averaging_gives_a_result_that_does_not_mind_being_turned() -> None:
    engine = Engine(make_network(), ModelCard(), torch.device("cpu"), "fp32", 1)
    x = torch.rand(1, 3, 9, 12)
    turned = engine.run(torch.rot90(x, 1, (-2, -1)).contiguous(), tta=True)
    torch.testing.assert_close(
        torch.rot90(turned, -1, (-2, -1)), engine.run(x, tta=True), rtol=1e-4, atol=1e-5
    )
    plain = engine.run(torch.rot90(x, 1, (-2, -1)).contiguous())
    assert (torch.rot90(plain, -1, (-2, -1)) - engine.run(x)).abs().max() > 1e-4


def test_tiles_fit_into_memory() -> None:
    engine = make_engine(Recorder(), blocks=16, channels=64)
    side = engine.tile_side(free_bytes=64 * 2**30)
    whole = side + 2 * engine.overlap
    assert whole**2 * engine.bytes_per_pixel <= CPU_TILE_BYTES
    assert side > 4 * engine.overlap  # most of the work is not done twice
    assert engine.tile_side(free_bytes=2**30) < side
    assert engine.tile_side(free_bytes=0) == LEAST_TILE
    assert make_engine(Recorder(), channels=1).tile_side(2**40) == LARGEST_TILE


def test_tiles_without_knowing_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tile_size, "_free_bytes", lambda device: None)
    engine = make_engine(Recorder(), blocks=16, channels=64)
    assert LEAST_TILE < engine.tile_side() <= LARGEST_TILE


def test_the_overlap_is_the_networks_reach() -> None:
    assert make_engine(Recorder(), blocks=16, channels=8).overlap == 40
    assert make_engine(Recorder(), norm="instance").overlap == NON_LOCAL_OVERLAP


def test_falling_back_to_the_processor() -> None:
    class Gpu(Recorder):
        device = "mps"

    engine = make_engine(Gpu())
    assert engine.device == "mps"
    warning = engine.fall_back_to_cpu()
    assert "mps ran out of memory" in warning
    assert engine.warnings == [warning]
    assert engine.device == "cpu"
    assert engine.run(torch.rand(1, 3, 4, 4)).shape == (1, 3, 16, 16)
