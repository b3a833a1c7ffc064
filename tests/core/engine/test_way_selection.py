"""Which way is taken: the fastest that is sound; what is unsound, broken or slow is passed over."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from network_makers import make_network
from torch import Tensor

from srgan_desktop.core.backends.torch_backend import TorchBackend
from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.errors import DeviceError, DeviceMemoryError
from srgan_desktop.core.engine import way_selection as choice
from srgan_desktop.core.engine.way_selection import Way, choose, probe, psnr_between, ways
from srgan_desktop.core.networks.inference import InferenceGenerator

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path))


class Odd:
    """A way to run that goes wrong in the way it is told."""

    name, device = "odd", "cpu"

    def __init__(self, precision: str, fault: str, plain: TorchBackend) -> None:
        self.precision = precision
        self._fault, self._plain = fault, plain

    def run(self, x: Tensor) -> Tensor:
        y = self._plain.run(x)
        if self._fault == "nan":
            y[0, 0, 0, 0] = float("nan")
        elif self._fault == "noise":
            y = torch.rand_like(y)
        elif self._fault == "black":
            y = torch.zeros_like(y)
        elif self._fault == "fails":
            raise DeviceError("cpu failed: driver gone")
        elif self._fault == "full":
            raise DeviceMemoryError("cpu: not enough memory")
        return y


def make_odd(monkeypatch: pytest.MonkeyPatch, faults: dict[str, str]) -> None:
    """Ways named in ``faults`` go wrong; only those and the torch ones of float32 are there."""
    open_way = Way.open

    def open_odd(
        way: Way, network: InferenceGenerator, device: torch.device, threads: int = 0
    ) -> object:
        fault = faults.get(str(way))
        if fault is None:
            return open_way(way, network, device, threads)
        if fault == "cannot be made":
            raise DeviceError("no such operation")
        return Odd(way.precision, fault, TorchBackend(network, device, "fp32"))

    monkeypatch.setattr(Way, "open", open_odd)
    found = [*(Way(*name.split()) for name in faults), Way("torch", "fp32")]  # type: ignore[arg-type]
    monkeypatch.setattr(choice, "ways", lambda device, precision: found)


@pytest.mark.parametrize("fault", ["nan", "noise", "black", "fails", "cannot be made"])
def test_a_way_that_is_not_sound_is_passed_over(
    fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_odd(monkeypatch, {"openvino bf16": fault, "torch bf16": fault})
    # as if they were the fastest
    monkeypatch.setattr(choice, "_by_speed", lambda candidates, *rest: candidates)
    chosen = choose(make_network(), CPU)
    assert (chosen.backend.name, chosen.backend.precision) == ("torch", "fp32")
    assert len(chosen.warnings) == 2
    assert chosen.warnings[0].startswith("openvino bf16 is not used: ")


@pytest.mark.parametrize("fault", ["fails", "cannot be made"])
def test_what_fails_while_it_is_timed_is_not_tried_again(
    fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_odd(monkeypatch, {"openvino bf16": fault})
    chosen = choose(make_network(), CPU)
    assert chosen.backend.name == "torch"
    assert chosen.warnings == ()


def test_nothing_sound_at_all_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    make_odd(monkeypatch, {"torch fp32": "nan"})
    with pytest.raises(DeviceError, match="no way to run this model gives a sound result"):
        choose(make_network(), CPU)


@pytest.mark.parametrize("other", ["full", "nan"])
def test_where_memory_was_short_the_error_says_so(
    other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_odd(monkeypatch, {"torch bf16": "full", "torch fp32": other})
    monkeypatch.setattr(choice, "_by_speed", lambda candidates, *rest: candidates)
    with pytest.raises(DeviceMemoryError, match="not enough memory"):
        choose(make_network(), CPU)


def test_the_sound_one_is_near_full_precision() -> None:
    network = make_network()
    chosen = choose(network, CPU, "auto", 1)
    assert chosen.psnr_db >= choice.SOUND_PSNR_DB
    x = probe(3, 20)
    assert psnr_between(chosen.backend.run(x), network(x)) > 40


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16", "int8"])
def test_a_precision_asked_for_is_taken(precision: choice.Precision) -> None:
    network = make_network(skip="bicubic")  # as a trained one: integers are sound
    assert choose(network, CPU, precision, 1).backend.precision == precision


@pytest.mark.parametrize("fault", [None, "cannot be made"])
def test_a_precision_that_cannot_be_had_is_told_of(
    fault: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "computes_int8", lambda: False)
    if fault is not None:
        # found out while they are timed, of two ways
        make_odd(monkeypatch, {"openvino int8": fault, "torch int8": fault})
        found = [Way("openvino", "int8"), Way("torch", "int8")]
        monkeypatch.setattr(choice, "ways", lambda device, precision: found)
    network = make_network()
    monkeypatch.setattr(type(choice.inference_form(network)), "runs", lambda *_: True)
    chosen = choose(network, CPU, "int8", 1)
    assert chosen.backend.precision == "fp32"
    (said,) = chosen.warnings
    assert said == "int8 is not possible for this model on cpu; fp32 is used"


def test_openvino_missing_leaves_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    assert {way.backend for way in ways(CPU, "auto")} == {"torch"}
    assert choose(make_network(), CPU, "auto", 1).backend.name == "torch"


def test_processors_are_not_asked_for_fp16_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "available_precisions", lambda: ("fp32", "bf16"))
    monkeypatch.setattr(choice, "computes_int8", lambda: True)
    assert [str(way) for way in ways(CPU, "auto")] == [
        "openvino int8",
        "openvino bf16",
        "openvino fp32",
        "torch bf16",
        "torch fp32",
    ]
    assert [str(way) for way in ways(CPU, "int8")] == ["openvino int8"]
    assert [str(way) for way in ways(CPU, "fp16")] == ["torch fp16"]
    cuda = [str(way) for way in ways(torch.device("cuda"), "auto")]
    assert cuda == ["torch fp16", "torch bf16", "torch fp32"]


class Clock:
    """Counts how often ways are timed, and makes torch bf16 the fastest."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.timed = 0
        monkeypatch.setattr(choice, "seconds_per_run", self)
        monkeypatch.setattr(choice, "available_precisions", lambda: ())
        monkeypatch.setattr(choice, "computes_int8", lambda: False)

    def __call__(self, backend: TorchBackend, network: InferenceGenerator) -> float:
        self.timed += 1
        return {"bf16": 1.0, "fp32": 2.0}[backend.precision]


def test_the_fastest_is_taken_and_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    assert choose(make_network(), CPU).backend.precision == "bf16"
    assert clock.timed == 2
    assert choose(make_network(), CPU).backend.precision == "bf16"
    assert clock.timed == 2
    choose(make_network(scale=2), CPU)  # another network is measured by itself
    assert clock.timed == 4
    (order, other) = json.loads((places.cache_folder() / "speeds.json").read_text()).values()
    assert order == other == {"torch bf16": 1.0, "torch fp32": 2.0}
    assert choice.measured_seconds(make_network(), CPU) == order
    assert choice.measured_seconds(make_network(blocks=1), CPU) == {}


def test_other_libraries_and_drivers_are_measured_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    network = choice.inference_form(make_network())
    version = choice.importlib.metadata.version

    def keys() -> list[str]:
        choice._library_versions.cache_clear()
        return [choice._speed_key(network, torch.device(name), 1, []) for name in ("cpu", "cuda")]

    cpu, cuda = keys()
    assert keys() == [cpu, cuda]
    monkeypatch.setattr(choice.importlib.metadata, "version", lambda name: "2099.1")
    assert keys()[0] != cpu and keys()[1] == cuda

    def missing(name: str) -> str:
        return version("no-such-package-as-this")

    monkeypatch.setattr(choice.importlib.metadata, "version", missing)
    assert keys()[0] != cpu
    monkeypatch.setattr(choice, "_driver", lambda: "600.1")
    driver = keys()[1]
    assert driver != cuda
    monkeypatch.setattr(torch.version, "cuda", "99.1")
    assert keys()[1] not in (cuda, driver)
    choice._library_versions.cache_clear()


def test_a_way_that_had_no_memory_is_timed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    full = True
    open_way = Way.open

    def open_if_room(way: Way, *how: Any) -> object:
        if full and way.precision == "bf16":
            raise DeviceMemoryError("cpu: not enough memory")
        return open_way(way, *how)

    monkeypatch.setattr(Way, "open", open_if_room)
    assert choose(make_network(), CPU).backend.precision == "fp32"
    assert clock.timed == 1
    full = False
    assert choose(make_network(), CPU).backend.precision == "bf16"
    assert clock.timed == 3
    choose(make_network(), CPU)
    assert clock.timed == 3


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "{",
        "[]",
        "null",
        "3",
        '"text"',
        "\0\0\0",
        "[" * 100_000,
        "values: null",
        "values: 3",
        'values: ["torch int4"]',
        'values: ["torch bf16", "torch fp32"]',  # as an earlier version wrote it
        'values: {"torch bf16": "fast"}',
        "values: [[1]]",
        'values: {"a": 1}',
        "values: [null]",
    ],
)
def test_a_damaged_memory_of_speeds_is_measured_anew(
    damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)
    choose(make_network(), CPU)
    path = places.cache_folder() / "speeds.json"
    if damage.startswith("values: "):
        (key,) = json.loads(path.read_text())
        damage = f'{{"{key}": {damage.removeprefix("values: ")}}}'
    path.write_text(damage)
    assert choose(make_network(), CPU).backend.precision == "bf16"
    assert clock.timed == 4
    assert choose(make_network(), CPU).backend.precision == "bf16"
    assert clock.timed == 4  # and remembered again


def test_a_memory_of_speeds_that_is_a_folder_or_not_writable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Clock(monkeypatch)
    (places.cache_folder() / "speeds.json").mkdir(parents=True)
    assert choose(make_network(), CPU).backend.precision == "bf16"
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path / "file"))
    (tmp_path / "file").write_text("no folder")
    assert choose(make_network(), CPU).backend.precision == "bf16"


def test_psnr() -> None:
    grey = torch.full((1, 3, 4, 4), 0.5)
    assert psnr_between(grey, grey) == float("inf")
    assert psnr_between(grey + 0.1, grey) == pytest.approx(20, abs=1e-4)
    assert psnr_between(torch.full_like(grey, 3.0), torch.ones_like(grey)) == float(
        "inf"
    )  # clamped
    assert psnr_between(grey * float("nan"), grey) == float("-inf")
    assert psnr_between(grey / 0, grey) == float("-inf")


def test_the_probe_is_the_same_each_time_and_holds_a_bit_of_everything() -> None:
    x = probe(3, 48)
    assert x.shape == (1, 3, 48, 48)
    assert torch.equal(x, probe(3, 48))
    assert x.min() >= 0
    assert x.max() <= 1
    assert x.std() > 0.1
    assert probe(1, 48).shape == (1, 1, 48, 48)
