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
