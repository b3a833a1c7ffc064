"""How a model is run on this machine and why, for a report."""

from __future__ import annotations

from pathlib import Path

import torch

from srgan_desktop.core.backends.device import resolve_name
from srgan_desktop.core.engine import prepared
from srgan_desktop.core.engine.way_selection import TIMING_SIDE, Way, measured_seconds
from srgan_desktop.core.weights.model_file import load_model


def describe(path: Path) -> str:
    """The way that opening the model chose, and what was measured; nothing is measured now.

    Raises:
        ModelFileError, UsageError, DeviceError: no usable model file or device.
    """
    device = resolve_name("auto")
    seconds = measured_seconds(load_model(path)[0], torch.device(device))
    if not seconds:
        return "not measured yet: the first picture does"
    listed = ", ".join(f"{way} {1000 * taken:.1f} ms" for way, taken in seconds.items())
    measured = f"measured on {TIMING_SIDE} x {TIMING_SIDE} pixels: {listed}"
    known = prepared.restore(prepared.Request(path)) if device == "cpu" else None
    if known is None:
        return measured
    backend, psnr = known[0].backend, known[0].psnr_db
    way = Way(backend.name, backend.precision)  # type: ignore[arg-type]
    near = f"{psnr:.1f} dB to float32, {way.least_psnr_db:.0f} wanted"
    return f"{way}: the fastest that is sound ({near}); {measured}"
