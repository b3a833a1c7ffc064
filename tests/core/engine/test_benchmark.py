"""Measuring the ways to run a model here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from network_makers import make_network

from srgan_desktop.core.base.errors import DeviceError, ModelFileError, UsageError
from srgan_desktop.core.engine import benchmark as benchmarking
from srgan_desktop.core.engine.benchmark import (
    PLAIN,
    Measured,
    PlainTorch,
    measure_ways,
    peak_memory,
    photo_like,
    to_json,
)
from srgan_desktop.core.engine.way_selection import psnr_between
from srgan_desktop.core.networks.dasr import Dasr, DasrConfig
from srgan_desktop.core.weights.architectures import inference_form
from srgan_desktop.core.weights.model_file import ModelCard, save_model


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path / "home"))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    save_model(tmp_path / "m.safetensors", make_network(), ModelCard())
    return tmp_path / "m.safetensors"


def test_every_way_is_measured_against_the_plain_one(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchmarking, "peak_memory", lambda *arguments: None)
    found = list(measure_ways(model, (40, 30), "cpu", 1, runs=1))
    assert found[0].way == PLAIN
    assert found[0].psnr_db is None
    assert found[0].speed == 1
    assert len({measured.way for measured in found}) == len(found)
    assert sum(measured.chosen for measured in found) == 1
    by_way = {measured.way: measured for measured in found}
    exact = by_way["torch fp32"].psnr_db
    assert exact is None or exact > 100
    assert 40 < (by_way["torch bf16"].psnr_db or 0) < 100


def test_a_way_that_does_not_work_here_is_left_out(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchmarking, "peak_memory", lambda *arguments: None)
    open_way = benchmarking.Way.open

    def refuse(way: benchmarking.Way, *arguments: object) -> object:
        if way.precision == "bf16":
            raise DeviceError("no such operation")
        return open_way(way, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(benchmarking.Way, "open", refuse)
    assert not [m for m in measure_ways(model, (20, 16), "cpu", 1, 1) if "bf16" in m.way]


def test_a_hopeless_way_is_run_once(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    timed = []

    def seconds(backend: object, _: torch.Tensor) -> float:
        timed.append(backend)
        return 1.0 if isinstance(backend, PlainTorch) else 3.0

    monkeypatch.setattr(benchmarking, "_seconds", seconds)
    monkeypatch.setattr(benchmarking, "peak_memory", lambda *_: None)
    found = list(measure_ways(model, (16, 12), "cpu", runs=5))
    assert [one.speed for one in found[1:]] == pytest.approx([1 / 3] * (len(found) - 1))
    assert len(timed) == 1 + 2 * (len(found) - 1)


def test_photos_are_scored_with_each_way(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmarking, "peak_memory", lambda *arguments: None)
    scored = []

    def score(backend: object) -> float:
        scored.append(backend)
        return float(len(scored))

    found = list(measure_ways(model, (20, 16), "cpu", 1, 1, score))
    assert [measured.psnr_y for measured in found] == [float(n + 1) for n in range(len(found))]


def test_memory_is_measured_in_a_process_of_its_own(model: Path) -> None:
    peak = peak_memory(model, PLAIN, (400, 300), "cpu", 1)
    assert peak is not None
    # at the least the features at the result's size, float32
    assert 400 * 300 * 16 * 8 * 4 * 0.9 < peak < 2e9


def test_memory_that_cannot_be_measured_is_unknown(tmp_path: Path) -> None:
    assert peak_memory(tmp_path / "no.safetensors", PLAIN, (20, 20), "cpu", 1) is None


def test_what_cannot_be_measured(model: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        list(measure_ways(model, (20, 20), "tpu"))
    with pytest.raises(ModelFileError):
        list(measure_ways(tmp_path / "no.safetensors", (20, 20), "cpu"))


def test_the_plain_way_is_the_network() -> None:
    network = make_network()
    x = torch.rand(1, 3, 8, 9)
    assert torch.equal(PlainTorch(network, torch.device("cpu")).run(x), network(x))


def test_the_plain_way_of_a_network_that_adapts_is_that_of_the_others() -> None:
    torch.manual_seed(0)
    network = Dasr(DasrConfig(blocks=1, channels=4, conditioning="both", experts=2)).eval()
    x = photo_like(24, 20, 3)
    plain = PlainTorch(network, torch.device("cpu")).run(x)
    assert psnr_between(inference_form(network)(x), plain) > 100
    assert not torch.allclose(network(x), plain), "it would have adapted to this one"


def test_the_picture_is_like_a_photo() -> None:
    x = photo_like(60, 80, 3)
    assert x.shape == (1, 3, 60, 80)
    assert torch.equal(x, photo_like(60, 80, 3))
    assert 0 <= float(x.min()) < 0.2
    assert 0.8 < float(x.max()) <= 1
    # neighbours are alike, as in photos and unlike noise
    assert (x[..., 1:] - x[..., :-1]).abs().mean() < 0.5 * x.std()


def test_json() -> None:
    line = to_json(Measured("torch fp32", 1.5, 2.0, None, 1000, chosen=True))
    values = json.loads(line)
    assert values["event"] == "measured"
    assert values["peak_bytes"] == 1000
    assert values["chosen"] is True
