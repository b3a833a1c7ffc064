"""How near the enlarging of a photo comes to what a graphics card can do.

    python scripts/card_speed.py [--model srresnet-x4] [--device auto] [--size 4000x3000] [--json]

Prints megapixels of result a second of the program's own way (bytes in memory to bytes in memory)
and of plain eager float32, the share of the card's matrix rate that the network's arithmetic is,
and the share of the bus that pixels take; both rates are measured here, by a large matrix product
and by a large copy.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from srgan_desktop.core.backends.device import resolve_device  # noqa: E402
from srgan_desktop.core.backends.torch_backend import DTYPES  # noqa: E402
from srgan_desktop.core.base.leaving import run_script  # noqa: E402
from srgan_desktop.core.engine.benchmark import PlainTorch, photo_like  # noqa: E402
from srgan_desktop.core.engine.engine import Engine, open_engine  # noqa: E402
from srgan_desktop.core.networks.network import Network  # noqa: E402
from srgan_desktop.core.upscaling.upscale import enlarge_with  # noqa: E402
from srgan_desktop.core.weights.architectures import inference_form  # noqa: E402
from srgan_desktop.core.weights.catalogue import find_model  # noqa: E402
from srgan_desktop.core.weights.model_file import load_model  # noqa: E402

# of the picture that plain torch enlarges: whole, it would not fit
PLAIN_SIDE = 256
MATRIX = {"cpu": 2048}
COPY_MIB = {"cpu": 64}
SECONDS = 2.0


def main() -> int:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", default="srresnet-x4")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--size", default="4000x3000", help="of the photo, in pixels")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    width, height = map(int, chosen.size.split("x"))
    facts = measure(chosen.model, resolve_device(chosen.device), width, height)
    if chosen.json:
        print(json.dumps(facts))
    else:
        for name, value in facts.items():
            print(f"{name:24} {value if isinstance(value, str) else f'{value:.3g}'}")
    return 0


def measure(model: str, device: torch.device, width: int, height: int) -> dict[str, str | float]:
    """All figures, by name."""
    path = find_model(model)
    engine = open_engine(path, str(device))
    network, _ = load_model(path)
    plain = PlainTorch(network, device)
    x = photo_like(PLAIN_SIDE, PLAIN_SIDE, network.config.colours)
    eager = PLAIN_SIDE**2 * network.config.scale**2 / seconds(lambda: plain.run(x), device)
    ours = enlarging(engine, width, height, device)
    # as the program runs it: with batch norm folded and the last conv moved
    flop = flop_per_pixel(network.cpu(), engine.scale)
    facts: dict[str, str | float] = {
        "model": model,
        "way": engine.way,
        "photo": f"{width}x{height}",
        "MP_per_s": ours / 1e6,
        "eager_fp32_MP_per_s": eager / 1e6,
        "times_eager_fp32": ours / eager,
        "TFLOP_per_s": ours * flop / 1e12,
    }
    matrix = matrix_rate(device, engine.precision)
    facts["share_of_matrix_rate"] = ours * flop / matrix
    if device.type != "cpu":
        # a pixel of the result goes out, its share of a source pixel goes in
        bytes_per_pixel = 3 * (1 + 1 / engine.scale**2)
        facts["share_of_bus"] = ours * bytes_per_pixel / bus_rate(device)
    return facts


def enlarging(engine: Engine, width: int, height: int, device: torch.device) -> float:
    """Pixels of result a second."""
    photo = photo_like(height // 4, width // 4, 3)[0].permute(1, 2, 0).mul(255).byte().numpy()
    pixels = np.tile(photo, (4, 4, 1))
    enlarge = enlarge_with(engine)
    made = enlarge(pixels).shape
    return made[0] * made[1] / seconds(lambda: enlarge(pixels), device)


def flop_per_pixel(network: Network, scale: int) -> float:
    """Floating-point operations of the inference form for a pixel of its result."""
    side = 64
    x = torch.zeros(1, network.config.colours, side, side)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        inference_form(network)(x)
    return counter.get_total_flops() / (side * scale) ** 2


def matrix_rate(device: torch.device, precision: str) -> float:
    """Floating-point operations a second of a large matrix product."""
    side = MATRIX.get(device.type, 8192)
    dtype = DTYPES.get(precision, torch.float32)
    a, b = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    return 2 * side**3 / seconds(lambda: a @ b, device)


def bus_rate(device: torch.device) -> float:
    """Bytes a second from memory that is pinned to the device."""
    host = torch.empty(COPY_MIB.get(device.type, 512) << 20, dtype=torch.uint8).pin_memory()
    return host.numel() / seconds(lambda: host.to(device, non_blocking=True), device)


def seconds(call: Callable[[], object], device: torch.device) -> float:
    """The mean of as many calls as fit into some seconds, after two to warm up."""
    for _ in range(2):
        call()
    wait_for(device)
    began, count = time.perf_counter(), 0
    while count < 1 or time.perf_counter() - began < SECONDS:
        call()
        wait_for(device)
        count += 1
    return (time.perf_counter() - began) / count


def wait_for(device: torch.device) -> None:
    """Until all that was asked of it is done."""
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


if __name__ == "__main__":
    run_script(main)
