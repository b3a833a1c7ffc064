"""A report names the way that was chosen, and what it was chosen by."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from network_makers import make_network

from srgan_desktop.core.engine import way_report, way_selection
from srgan_desktop.core.engine.engine import open_engine
from srgan_desktop.core.weights.architectures import inference_form
from srgan_desktop.core.weights.model_file import ModelCard, save_model


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path / "home"))
    network = make_network(blocks=1)
    path = tmp_path / "tiny.safetensors"
    save_model(path, network, ModelCard(name="tiny", config=network.config))
    return path


def test_before_and_after_it_was_opened(model: Path) -> None:
    assert way_report.describe(model) == "not measured yet: the first picture does"
    engine = open_engine(model, "cpu")
    text = way_report.describe(model)
    assert "measured on 96 x 96 pixels: " in text
    assert "torch fp32 " in text
    if engine.backend.name == "openvino":  # which is kept with what it was chosen by
        assert text.startswith(f"openvino {engine.precision}: the fastest that is sound (")


def test_elsewhere_than_on_the_processor(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(way_report, "resolve_name", lambda name: "cuda")
    monkeypatch.setattr(way_selection, "_device_titles", lambda: ("Card",))
    network = make_network(blocks=1)
    key = way_selection._speed_key(
        inference_form(network),
        torch.device("cuda"),
        0,
        way_selection.ways(torch.device("cuda"), "auto"),
    )
    way_selection._remember(key, {"torch fp16": 0.002, "torch fp32": 0.01})
    assert way_report.describe(model) == (
        "measured on 96 x 96 pixels: torch fp16 2.0 ms, torch fp32 10.0 ms"
    )
