"""Selects how a network is run: the fastest way on this machine whose result is correct.

Speed is measured once per machine, program version and network shape, and remembered in the cache
folder. Soundness depends on the weights and is checked each time, on a probe of a few thousand
pixels against float32.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import json
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from srgan_desktop import __version__
from srgan_desktop.core.backends import Backend
from srgan_desktop.core.backends.device import available_devices, usual_threads
from srgan_desktop.core.backends.openvino_backend import (
    OpenVinoBackend,
    available_precisions,
    computes_int8,
)
from srgan_desktop.core.backends.torch_backend import TorchBackend
from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.errors import DeviceError, DeviceMemoryError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.engine.calibration import is_quick, ranges_of
from srgan_desktop.core.engine.choice import Choice, Precision
from srgan_desktop.core.networks.inference import InferenceNetwork
from srgan_desktop.core.networks.network import Network
from srgan_desktop.core.weights.architectures import inference_form
from srgan_desktop.core.weights.third_party.onnx_models import OnnxBackend, OnnxInference

SOUND_PSNR_DB = 45.0
# on photos integers are six dB nearer to float32 than on the probe, which is all edges and noise
SOUND_INT8_PSNR_DB = 42.0
PROBE_SIDE = 48
TIMING_SIDE = 96


@dataclass(frozen=True)
class Way:
    """One way to run a network, not yet prepared."""

    backend: Literal["torch", "openvino"]
    precision: str

    @property
    def least_psnr_db(self) -> float:
        """How near to float32 its result on the probe must be."""
        return SOUND_INT8_PSNR_DB if self.precision == "int8" else SOUND_PSNR_DB

    def __str__(self) -> str:
        return f"{self.backend} {self.precision}"

    def fits(self, network: InferenceNetwork) -> bool:
        """Whether this network can be run this way."""
        return network.runs(self.backend, self.precision)

    def open(self, network: InferenceNetwork, device: torch.device, threads: int = 0) -> Backend:
        """Raises DeviceError, DeviceMemoryError."""
        if isinstance(network, OnnxInference):
            return OnnxBackend(network, self.precision, threads)
        if self.precision == "int8":
            ranges = ranges_of(network.source, network)
            return OpenVinoBackend(network, self.precision, threads, ranges)
        if self.backend == "openvino":
            return OpenVinoBackend(network, self.precision, threads)
        return TorchBackend(network, device, self.precision)


def ways(device: torch.device, precision: Precision) -> list[Way]:
    """The ways to try on ``device``, in the order of preference if nothing is measured."""
    if device.type == "cpu":
        found = [Way("openvino", "int8")] if computes_int8() else []
        found += [Way("openvino", name) for name in reversed(available_precisions())]
        # float16 convs on processors are emulated: only when asked for
        found += [Way("torch", name) for name in ("bf16", "fp32", "fp16")]
    else:
        found = [Way("torch", name) for name in ("fp16", "bf16", "fp32")]
    if precision == "auto":
        return [way for way in found if device.type != "cpu" or way.precision != "fp16"]
    return [way for way in found if way.precision == precision]


def precision_on_processor(asked: Precision) -> Precision:
    """What to ask of the processor where it goes on for a card that was asked for ``asked``.

    Nothing less exact; what it has no instructions for takes it many times as long as float32.
    """
    if asked in ("fp16", "bf16") and asked not in available_precisions():
        return "fp32"
    return asked


def choose(
    generator: Network,
    device: torch.device,
    precision: Precision = "auto",
    threads: int = 0,
    *,
    integers: bool = True,
) -> Choice:
    """Prepare the fastest way whose result is correct.

    Args:
        integers: whether ``auto`` may take 8-bit integers.

    Raises:
        DeviceMemoryError: none works, and it was memory that was short.
        DeviceError: none works, not even float32.
    """
    network = inference_form(generator)
    warnings: list[str] = []
    if network.on_processor_only and device.type != "cpu":
        warnings.append(tr("ONNX models are run on the processor here, not on {name}", name=device))
        device = torch.device("cpu")
    candidates = _candidates(network, device, precision, integers=integers)
    if len(candidates) > 1:
        candidates = _by_speed(candidates, network, device, threads)
    if precision != "auto" and not candidates:
        warnings.append(
            tr(
                "{precision} is not possible for this model on {name}; fp32 is used",
                precision=precision,
                name=device,
            )
        )
    reference = _reference(network)
    last = [way for way in (Way("torch", "fp32"), Way("openvino", "fp32")) if way.fits(network)]
    full = ""
    for way in [*candidates, *last[:1]]:
        try:
            backend = way.open(network, device, threads)
            psnr = psnr_between(backend.run(probe(network.config.colours, PROBE_SIDE)), reference)
        except DeviceError as error:
            if isinstance(error, DeviceMemoryError):
                full = str(error)  # not the error itself: its traceback holds on to memory
            warnings.append(tr("{way} is not used: {reason}", way=way, reason=error))
            continue
        if psnr >= way.least_psnr_db:
            return Choice(backend, psnr, tuple(warnings))
        # that integers do not suit a network is nothing to worry anybody who did not ask for them
        if way.precision != "int8" or precision == "int8":
            warnings.append(
                tr("{way} is not used: its result differs too much from full precision", way=way)
            )
    if full:
        raise DeviceMemoryError(full)
    raise DeviceError(tr("{device}: no way to run this model gives a sound result", device=device))


def measured_seconds(
    generator: Network, device: torch.device, threads: int = 0
) -> dict[str, float]:
    """What ``choose`` measured here for a small picture, fastest first; empty where it did not."""
    network = inference_form(generator)
    candidates = _candidates(network, device, "auto", integers=True)
    return _remembered(_speed_key(network, device, threads, candidates))


def _candidates(
    network: InferenceNetwork, device: torch.device, precision: Precision, *, integers: bool
) -> list[Way]:
    found = [way for way in ways(device, precision) if way.fits(network)]
    if precision == "auto" and not (integers and is_quick(network)):
        return [way for way in found if way.precision != "int8"]
    return found


def _reference(network: InferenceNetwork) -> Tensor:
    with torch.no_grad():
        result: Tensor = network(probe(network.config.colours, PROBE_SIDE))
    return result


def psnr_between(result: Tensor, reference: Tensor) -> float:
    """PSNR in dB of two tensors on 0..1 after clamping; -inf where ``result`` is not finite."""
    if not bool(torch.isfinite(result).all()):
        return -math.inf
    error = float(((result.clamp(0, 1) - reference.clamp(0, 1)).double() ** 2).mean())
    return 10 * math.log10(1 / error) if error > 0 else math.inf


def probe(colours: int, side: int) -> Tensor:
    """A small picture with flats, ramps, edges and texture: float32 (1, colours, side, side)."""
    line = torch.linspace(0, 1, side)
    y, x = torch.meshgrid(line, line, indexing="ij")
    rings = 0.5 + 0.5 * torch.sin(60 * (x**2 + y**2))
    checks = ((x * 8).floor() + (y * 8).floor()) % 2
    noise = torch.rand(side, side, generator=torch.Generator().manual_seed(0))
    picture = torch.stack([(rings + x) / 2, (checks + y) / 2, (noise + 3 * x) / 4])
    return picture[None, :colours].contiguous()


def _by_speed(
    candidates: list[Way], network: InferenceNetwork, device: torch.device, threads: int
) -> list[Way]:
    """``candidates`` that work, fastest first."""
    key = _speed_key(network, device, threads, candidates)
    by_name = {str(way): way for way in candidates}
    remembered = _remembered(key)
    if remembered and remembered.keys() <= by_name.keys():
        return [by_name[name] for name in remembered]
    times: dict[Way, float] = {}
    short = False
    for way in candidates:
        try:
            times[way] = seconds_per_run(way.open(network, device, threads), network)
        except DeviceMemoryError:
            short = True
        except DeviceError:
            continue
    order = sorted(times, key=lambda way: times[way])
    if not short:  # what did not fit today may be the fastest tomorrow
        _remember(key, {str(way): times[way] for way in order})
    return order


def seconds_per_run(backend: Backend, network: InferenceNetwork) -> float:
    """The faster of two runs on a small picture, after one to warm up."""
    x = probe(network.config.colours, TIMING_SIDE)
    backend.run(x)
    return min(_timed(lambda: backend.run(x)) for _ in range(2))


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _speed_key(
    network: InferenceNetwork, device: torch.device, threads: int, candidates: Iterable[Way]
) -> str:
    facts = [
        __version__,
        *_library_versions(device.type),
        str(threads or usual_threads()),
        str(device),
        *_device_titles(),
        json.dumps(dataclasses.asdict(network.config)),
        *map(str, candidates),
    ]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:32]


@lru_cache
def _library_versions(kind: str) -> tuple[str, ...]:
    """Of all that decides how fast a device of that kind computes."""
    if kind != "cpu":
        return (torch.__version__, str(torch.version.cuda), str(torch.version.hip), _driver())
    try:
        openvino = importlib.metadata.version("openvino")  # importing it takes longer
    except importlib.metadata.PackageNotFoundError:
        openvino = ""
    return (torch.__version__, openvino)


def _driver() -> str:
    """NVIDIA's version, where the system tells it."""
    try:
        return Path("/sys/module/nvidia/version").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""


@lru_cache(maxsize=1)
def _device_titles() -> tuple[str, ...]:
    return tuple(device.title for device in available_devices())


def _remembered(key: str) -> dict[str, float]:
    """Seconds by way, fastest first."""
    try:
        found = json.loads(_speeds_path().read_text(encoding="utf-8"))[key]
        return {str(name): float(seconds) for name, seconds in found.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}  # a cache: whatever is wrong with it, measure again


def _remember(key: str, seconds: dict[str, float]) -> None:
    path = _speeds_path()
    try:
        known = dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError):
        known = {}
    known[key] = seconds
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".part")
        temporary.write_text(json.dumps(known), encoding="utf-8")
        temporary.replace(path)
    except OSError:
        pass  # measured again next time


def _speeds_path() -> Path:
    return places.cache_folder() / "speeds.json"
