"""A card whose memory is full when a model is opened, as other programs may have left it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from network_makers import make_network

from srgan_desktop.core.backends import device as devices
from srgan_desktop.core.backends.torch_backend import TorchBackend
from srgan_desktop.core.base.errors import DeviceMemoryError
from srgan_desktop.core.engine import cache as caches
from srgan_desktop.core.engine import engine as engines
from srgan_desktop.core.engine import way_selection
from srgan_desktop.core.engine.cache import EngineCache, EngineRequest
from srgan_desktop.core.engine.engine import open_engine
from srgan_desktop.core.jobs import engines as job_engines
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.weights.model_file import ModelCard, save_model

FULL = "cuda:0 ran out of memory; the processor goes on"


class Card:
    """A pretended card, computed by the processor; ``full``: it takes no network."""

    def __init__(self) -> None:
        self.full = True
        self.tried = 0

    def backend(self, network: Any, device: torch.device, precision: str) -> TorchBackend:
        if device.type == "cpu":
            return TorchBackend(network, device, precision)
        self.tried += 1
        if self.full:
            raise DeviceMemoryError(f"{device}: not enough memory")
        backend = TorchBackend(network, torch.device("cpu"), "fp32")
        backend.device, backend.precision = str(device), precision
        return backend


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Card:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path))
    card = Card()

    def named(wanted: str) -> str:
        return "cuda:0" if wanted == "auto" else wanted

    for module in (devices, engines):
        monkeypatch.setattr(module, "resolve_name", named)
    listed = [devices.DeviceInfo(name, name, None) for name in ("cpu", "cuda:0")]
    monkeypatch.setattr(devices, "available_devices", lambda: listed)
    monkeypatch.setattr(way_selection, "TorchBackend", card.backend)
    return card


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "m.safetensors"
    save_model(path, make_network(blocks=1), ModelCard(name="mine"))
    return path


def test_the_processor_goes_on_where_the_device_was_not_chosen(card: Card, model: Path) -> None:
    engine = open_engine(model, "auto", "fp32", 1)
    assert card.tried and engine.device == "cpu"
    assert engine.warnings == [FULL]
    assert engine.run(torch.rand(1, 3, 4, 4)).shape == (1, 3, 16, 16)


def test_a_full_device_that_was_chosen_is_an_error_that_says_so(card: Card, model: Path) -> None:
    with pytest.raises(DeviceMemoryError, match="cuda:0: not enough memory"):
        open_engine(model, "cuda:0", "fp32", 1)
    with pytest.raises(DeviceMemoryError, match="cuda:0: not enough memory"):
        EngineCache().get(EngineRequest(model, "cuda:0", "fp32", threads=1))


def test_the_window_and_batches_do_not_stop_at_a_full_device(card: Card, model: Path) -> None:
    engine = EngineCache().get(EngineRequest(model, "auto", "fp32", threads=1))
    assert engine.warnings == [FULL]
    # which names the devices that share the work
    (device,) = job_engines.devices(precision="fp32", threads=1)
    assert device.open(BatchOptions(model=str(model))).warnings == [FULL]


@pytest.mark.parametrize(
    ("asked", "there", "taken"),
    [
        ("fp32", ("fp32", "bf16"), "fp32"),
        ("bf16", ("fp32", "bf16"), "bf16"),
        ("bf16", ("fp32",), "fp32"),
        ("fp16", ("fp32", "bf16"), "fp32"),
        ("int8", ("fp32", "bf16"), "int8"),
        ("auto", ("fp32",), "auto"),
    ],
)
def test_the_processor_keeps_to_the_number_format(
    asked: Any, there: tuple[str, ...], taken: str, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    card.full = False
    network = make_network(blocks=1)
    engine = engines.Engine(network, ModelCard(), torch.device("cuda:0"), asked, 1)
    assert engine.device == "cuda:0"
    wanted: list[str] = []
    choose = way_selection.choose

    def watched(network: Any, device: torch.device, precision: Any, *how: Any, **more: Any) -> Any:
        wanted.append(precision)
        return choose(network, device, "fp32", *how, **more)

    monkeypatch.setattr(way_selection, "choose", watched)
    monkeypatch.setattr(way_selection, "available_precisions", lambda: there)
    engine.fall_back_to_cpu()
    assert wanted == [taken]


@pytest.mark.parametrize("device", ["auto", "cuda:0"])
def test_a_device_that_was_full_is_tried_again(
    device: str, card: Card, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(caches.time, "monotonic", lambda: now)
    card.full = False
    cache, request = EngineCache(), EngineRequest(model, device, "fp32", threads=1)
    engine = cache.get(request)
    now += 600
    assert cache.get(request) is engine
    card.full = True
    engine.fall_back_to_cpu()  # in the midst of a picture
    before = card.tried
    assert cache.get(request) is engine  # which goes on where there is still no room
    tried = card.tried
    assert tried > before
    for _ in range(5):
        assert cache.get(request) is engine
    assert card.tried == tried
    model.rename(model.with_name("away"))
    card.full, now = False, now + 60
    assert cache.get(request) is engine
    model.with_name("away").rename(model)
    now += 60
    again = cache.get(request)
    assert again is not engine and again.device == "cuda:0" and not again.warnings
    assert cache.get(request) is again


def test_one_that_was_opened_on_the_processor_instead_moves_to_its_device(
    card: Card, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, request = EngineCache(), EngineRequest(model, "auto", "fp32", threads=1)
    assert cache.get(request).device == "cpu"
    card.full = False
    assert cache.get(request).device == "cpu"  # was tried just now
    monkeypatch.setattr(caches, "RETRY_SECONDS", 0)
    assert cache.get(request).device == "cuda:0"
