"""Each way to run a network gives the plain network's result; errors have plain names."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from network_makers import VARIANTS, make_network

from srgan_desktop.core.backends import Part, openvino_backend
from srgan_desktop.core.backends.device import resolve_device
from srgan_desktop.core.backends.openvino_backend import OpenVinoBackend, available_precisions
from srgan_desktop.core.backends.torch_backend import TorchBackend, as_bytes, memory_errors
from srgan_desktop.core.base.errors import DeviceError, DeviceMemoryError
from srgan_desktop.core.engine.way_selection import probe, psnr_between
from srgan_desktop.core.weights.architectures import inference_form

CPU = torch.device("cpu")
# least PSNR in dB against the plain network: float rounding, 8 and 11 bits of mantissa
LEAST_PSNR = {"fp32": 100, "bf16": 50, "fp16": 65}
needs_openvino = pytest.mark.skipif(
    importlib.util.find_spec("openvino") is None, reason="has no packages for this system"
)


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_torch_agrees_with_the_plain_network(variant: str, precision: str) -> None:
    network = make_network(**VARIANTS[variant])
    x = probe(network.config.colours, 32)
    result = TorchBackend(inference_form(network), CPU, precision).run(x)
    assert result.dtype == torch.float32
    assert psnr_between(result, network(x)) > LEAST_PSNR[precision]


@needs_openvino
@pytest.mark.parametrize("variant", VARIANTS)
def test_openvino_agrees_with_the_plain_network(variant: str) -> None:
    network = make_network(**VARIANTS[variant])
    for precision in available_precisions():
        backend = OpenVinoBackend(inference_form(network), precision, threads=1)
        for shape in ((1, 32, 20), (2, 9, 33), (1, 1, 2)):  # any size without building anew
            x = torch.rand(shape[0], network.config.colours, *shape[1:])
            result = backend.run(x)
            assert result.dtype == torch.float32
            assert psnr_between(result, network(x)) > LEAST_PSNR[precision]


@pytest.mark.parametrize("variant", ["paper", "instance norm"])
def test_a_single_pixel(variant: str) -> None:
    network = inference_form(make_network(**VARIANTS[variant]))
    x = torch.full((2, 3, 1, 1), 0.4)
    backends = [TorchBackend(network, CPU, "fp32")]
    backends += [OpenVinoBackend(network, name, 1) for name in available_precisions()]  # type: ignore[misc]
    for backend in backends:
        y = backend.run(x)
        assert y.shape == (2, 3, 4, 4)
        assert y.isfinite().all()


@needs_openvino
def test_openvino_results_stay_when_the_next_comes() -> None:
    backend = OpenVinoBackend(inference_form(make_network()), "fp32", threads=1)
    first = backend.run(torch.zeros(1, 3, 8, 8))
    kept = first.clone()
    backend.run(torch.ones(1, 3, 8, 8))
    assert torch.equal(first, kept)


@needs_openvino
def test_openvino_takes_pictures_in_any_memory_order() -> None:
    network = make_network()
    x = torch.rand(1, 3, 12, 10)
    backend = OpenVinoBackend(inference_form(network), "fp32", threads=1)
    turned = x.to(memory_format=torch.channels_last)
    assert torch.equal(backend.run(turned), backend.run(x))


@needs_openvino
def test_openvino_keeps_to_the_threads_it_is_given() -> None:
    backend = OpenVinoBackend(inference_form(make_network()), "fp32", threads=1)
    model = backend._models["body"]
    assert model.get_property("INFERENCE_NUM_THREADS") == 1


def test_without_openvino_there_is_nothing_to_offer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)  # as if it were not installed
    assert available_precisions() == ()


@needs_openvino
def test_a_broken_openvino_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("Cannot load library")

    monkeypatch.setattr(openvino_backend, "shared_core", fail)
    assert available_precisions() == ()
    with pytest.raises(DeviceError, match="Cannot load library"):
        OpenVinoBackend(inference_form(make_network()), "fp32")


SIGNALS_AFTER_BACKENDS = """
import signal, torch
from network_makers import make_network
from srgan_desktop.core.weights.architectures import inference_form
from srgan_desktop.core.backends.openvino_backend import OpenVinoBackend, available_precisions

network = inference_form(make_network())
first, second = (OpenVinoBackend(network, available_precisions()[-1], 1) for _ in range(2))
for backend in (first, second):
    backend.run(torch.rand(1, 3, 40, 40))
del backend, first
del second
signal.signal(signal.SIGINT, lambda number, frame: print("alive"))
signal.raise_signal(signal.SIGINT)
"""


@needs_openvino
def test_signals_are_survived_after_backends_have_come_and_gone() -> None:
    here = Path(__file__).resolve()
    environment = os.environ | {"PYTHONPATH": f"{here.parents[3]}{os.pathsep}{here.parent.parent}"}
    done = subprocess.run(
        [sys.executable, "-c", SIGNALS_AFTER_BACKENDS],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "alive\n"


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 80 bytes"),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 80 bytes."),
        RuntimeError("std::bad_alloc"),
        RuntimeError("MPS backend out of memory (MPS allocated: 8 GB)"),
        RuntimeError("Cannot allocate memory"),
    ],
)
def test_a_lack_of_memory_is_recognised(error: Exception) -> None:
    with pytest.raises(DeviceMemoryError, match="cpu: not enough memory"), memory_errors("cpu"):
        raise error


def test_what_is_said_to_be_memory_passes_unchanged() -> None:
    said = DeviceMemoryError("a smaller batch helps")
    with pytest.raises(DeviceMemoryError) as caught, memory_errors("cuda:0"):
        raise said
    assert caught.value is said


def test_other_failures_of_a_device_are_not_called_memory() -> None:
    with pytest.raises(DeviceError, match="cpu failed: boom") as caught, memory_errors("cpu"):
        raise RuntimeError("boom")
    assert not isinstance(caught.value, DeviceMemoryError)


def test_a_real_lack_of_memory() -> None:
    with pytest.raises(DeviceMemoryError), memory_errors("cpu"):
        torch.empty(2**60)


def test_faults_of_the_program_pass_unchanged() -> None:
    with pytest.raises(KeyError), memory_errors("cpu"):
        raise KeyError("x")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_agrees_with_the_plain_network() -> None:
    for variant, config in VARIANTS.items():
        network = make_network(**config)
        x = probe(network.config.colours, 32)
        for precision, least in LEAST_PSNR.items():
            backend = TorchBackend(inference_form(network), resolve_device("cuda"), precision)
            # float32 may be computed with 10 bits of mantissa there
            assert psnr_between(backend.run(x), network(x)) > min(least, 65), (variant, precision)


@needs_openvino
def test_who_listens_hears_of_each_graph() -> None:
    backend = OpenVinoBackend(inference_form(make_network()), "fp32", threads=1)
    heard: list[tuple[str, float]] = []
    backend.on_run = lambda graph, seconds: heard.append((graph, seconds))
    backend.run(probe(3, 16))
    assert [graph for graph, _ in heard] == ["body", "upsample", "finish"]
    assert all(seconds > 0 for _, seconds in heard)


PIECE = Part((3, 20), (0, 11))


@pytest.mark.parametrize("variant", VARIANTS)
def test_torch_makes_the_same_pixels_where_only_bytes_are_passed(variant: str) -> None:
    network = make_network(**VARIANTS[variant])
    backend = TorchBackend(inference_form(network), CPU, "fp32")
    shape = (24, 15, network.config.colours)
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    x = torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255
    levels = (backend.run(x)[0].clamp(0, 1) * 255).round().permute(1, 2, 0).numpy()
    scale = network.config.scale
    expected = levels[3 * scale : 20 * scale, : 11 * scale].astype(np.uint8)
    assert np.array_equal(backend.enlarge(pixels, PIECE), expected)


def test_pixels_that_are_read_only_are_enlarged_without_a_warning() -> None:
    backend = TorchBackend(inference_form(make_network()), CPU, "fp32")
    pixels = np.zeros((24, 15, 3), np.uint8)
    pixels.flags.writeable = False
    warned_always = torch.is_warn_always_enabled()
    torch.set_warn_always(True)  # else once in a process, which other tests may have had
    try:
        assert backend.enlarge(pixels, PIECE).any()
    finally:
        torch.set_warn_always(warned_always)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("precision", ["fp32", "fp16", "bf16"])
def test_all_of_it_is_done_on_the_device(variant: str, precision: str) -> None:
    """torch's device without memory stands in: it refuses tensors that lie elsewhere."""
    network = make_network(**VARIANTS[variant])
    backend = TorchBackend(inference_form(network), torch.device("meta"), precision)
    scale, colours = network.config.scale, network.config.colours
    pixels = torch.zeros(2, 24, 15, colours, dtype=torch.uint8, device="meta")
    output = backend.output(pixels)
    assert (output.device.type, output.dtype) == ("meta", torch.float32)
    assert output.shape == (2, colours, 24 * scale, 15 * scale)
    result = as_bytes(output[:1])
    assert (result.device.type, result.dtype) == ("meta", torch.uint8)
    assert result.shape == (24 * scale, 15 * scale, colours)
