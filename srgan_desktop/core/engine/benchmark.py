"""Measures speed, memory and accuracy of every way to run a model on this machine."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor

from srgan_desktop.core.backends import Backend
from srgan_desktop.core.backends.device import resolve_device, set_threads
from srgan_desktop.core.backends.torch_backend import memory_errors
from srgan_desktop.core.base.errors import DeviceError, SrganDesktopError
from srgan_desktop.core.base.memory import peak_resident_bytes, resident_bytes
from srgan_desktop.core.engine.choice import Choice
from srgan_desktop.core.engine.way_selection import Way, choose, psnr_between, ways
from srgan_desktop.core.networks.network import Network
from srgan_desktop.core.networks.strengths import AS_FOUND
from srgan_desktop.core.weights.architectures import fixed_network, inference_form
from srgan_desktop.core.weights.third_party.open_model import open_model

PLAIN = "plain torch fp32"


@dataclass(frozen=True)
class Measured:
    """One way to run a model, on one whole picture.

    Attributes:
        way: which.
        seconds: median over the runs.
        speed: times as fast as the plain way, from runs that took turns with it.
        psnr_db: against the plain way's result, pictures on 0..1; None where they are equal.
        peak_bytes: most memory the process held while running it, beyond what it held before.
        chosen: whether the program takes this way here.
    """

    way: str
    seconds: float
    speed: float
    psnr_db: float | None
    peak_bytes: int | None
    chosen: bool
    psnr_y: float | None = None  # mean over photos, in dB, where there were some


# the mean PSNR-Y in dB that a way of enlarging reaches on photos
Score = Callable[[Backend], float]


# of the plain way's speed; a way that is slower is run once
_HOPELESS = 0.5


def photo_like(height: int, width: int, colours: int) -> Tensor:
    """Noise with the spectrum of a photo, float32 (1, colours, H, W) on 0..1."""
    random = torch.Generator().manual_seed(1)
    noise = torch.fft.rfft2(torch.randn(1, colours, height, width, generator=random))
    fy = torch.fft.fftfreq(height)[:, None]
    fx = torch.fft.rfftfreq(width)[None, :]
    picture = torch.fft.irfft2(noise / (fy**2 + fx**2 + 1e-5).sqrt(), s=(height, width))
    picture = (picture - picture.mean()) / picture.std()
    result: Tensor = (picture * 0.18 + 0.5).clamp(0, 1)
    return result


class PlainTorch:
    """The reference: float32, NCHW, the network as it was trained, the whole picture at once.

    One that adapts is what it is for a clean picture, as in every other way that is measured.
    """

    name, device, precision = "plain torch", "cpu", "fp32"

    def __init__(self, generator: Network, device: torch.device) -> None:
        self.device = str(device)
        self._torch_device = device
        self._network = fixed_network(generator, AS_FOUND).to(device)

    def run(self, x: Tensor) -> Tensor:
        with torch.no_grad(), memory_errors(self.device):
            result: Tensor = self._network(x.to(self._torch_device))
            return result.cpu()


def measure_ways(
    model: Path,
    size: tuple[int, int],
    device: str = "auto",
    threads: int = 0,
    runs: int = 3,
    score: Score | None = None,
) -> Iterator[Measured]:
    """Measure the plain way and every other on a picture of ``size`` (width, height), untiled.

    ``score``, where given, says how near each way comes to the truth on photos.

    Each way takes turns with the plain one, so that a machine whose speed drifts does not favour
    either. Memory is measured in processes of their own.

    Raises:
        ModelFileError, UsageError, DeviceError: model or device cannot be used.
    """
    where = resolve_device(device)
    set_threads(threads)
    generator, _ = open_model(model)
    x = photo_like(size[1], size[0], generator.config.colours)
    chosen = choose(generator, where, "auto", threads)
    network = inference_form(generator)
    plain = PlainTorch(generator, where)
    reference = plain.run(x)
    peak = peak_memory(model, PLAIN, size, device, threads)
    psnr_y = score(plain) if score else None
    yield Measured(PLAIN, _seconds(plain, x), 1.0, None, peak, chosen=False, psnr_y=psnr_y)
    for way in filter(lambda way: way.fits(network), ways(where, "auto")):
        try:
            backend = way.open(network, where, threads)
            result = backend.run(x)
        except DeviceError:
            continue
        ratios, seconds = [], []
        for _ in range(runs):
            base, mine = _seconds(plain, x), _seconds(backend, x)
            ratios.append(base / mine)
            seconds.append(mine)
            if ratios[-1] < _HOPELESS:
                break  # numbers emulated by the processor take minutes, and nobody wants them
        psnr = psnr_between(result, reference)
        yield Measured(
            str(way),
            sorted(seconds)[len(seconds) // 2],
            sorted(ratios)[len(ratios) // 2],
            None if math.isinf(psnr) and psnr > 0 else psnr,
            peak_memory(model, str(way), size, device, threads),
            _is(way, chosen),
            score(backend) if score else None,
        )


def _is(way: Way, choice: Choice) -> bool:
    return (way.backend, way.precision) == (choice.backend.name, choice.backend.precision)


def _seconds(backend: Backend, x: Tensor) -> float:
    began = time.perf_counter()
    backend.run(x)
    return time.perf_counter() - began


def peak_memory(
    model: Path, way: str, size: tuple[int, int], device: str, threads: int
) -> int | None:
    """Peak memory that one run adds to a fresh process, in bytes; None if it failed."""
    request = json.dumps(
        {"model": str(model), "way": way, "size": size, "device": device, "threads": threads}
    )
    command = [sys.executable, "-m", "srgan_desktop.core.engine.benchmark", request]
    if getattr(sys, "frozen", False):
        return None  # the executable is no interpreter that could run this module
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return int(json.loads(done.stdout.splitlines()[-1])["peak_bytes"])
    except (IndexError, ValueError, KeyError):
        return None


def _measure_peak(request: str) -> int:
    """In the process of its own: resident memory at its peak less that before the run."""
    values = json.loads(request)
    where = resolve_device(values["device"])
    set_threads(values["threads"])
    generator, _ = open_model(Path(values["model"]))
    width, height = values["size"]
    x = photo_like(height, width, generator.config.colours)
    if values["way"] == PLAIN:
        backend: Backend = PlainTorch(generator, where)
    else:
        name, precision = values["way"].split()
        network = inference_form(generator)
        backend = Way(name, precision).open(network, where, values["threads"])
    before = resident_bytes() or 0
    backend.run(x)
    if where.type == "cuda":
        return int(torch.cuda.max_memory_allocated(where))
    return max(0, (peak_resident_bytes() or 0) - before)


def to_json(measured: Measured) -> str:
    """One JSON object."""
    return json.dumps({"event": "measured"} | asdict(measured))


if __name__ == "__main__":
    try:
        print(json.dumps({"peak_bytes": _measure_peak(sys.argv[1])}))
    except SrganDesktopError as failure:
        sys.exit(str(failure))
