"""In which number format the forward pass of training runs."""

from __future__ import annotations

import time

import torch
from torch import nn

from trainer.config import Precision


def autocast(device: torch.device, precision: str) -> torch.autocast:
    """The context of a forward pass; does nothing for "fp32"."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16")


def choose(
    wanted: Precision, network: nn.Module, device: torch.device, batch: torch.Size
) -> str:
    """"fp32" or "bf16": as asked for, else whichever makes a step faster here, by measurement."""
    if wanted != "auto":
        return wanted
    times = {name: _step_seconds(network, device, batch, name) for name in ("fp32", "bf16")}
    return min(times, key=lambda name: times[name])


def _step_seconds(
    network: nn.Module, device: torch.device, batch: torch.Size, precision: str
) -> float:
    """The faster of two forward and backward passes, after one to warm up."""
    random = torch.Generator().manual_seed(0)
    x = torch.rand(batch, generator=random).to(device, memory_format=torch.channels_last)
    best = float("inf")
    for attempt in range(3):
        began = time.perf_counter()
        with autocast(device, precision):
            loss = network(x).float().mean()
        loss.backward()
        float(loss.detach())  # waits for the device
        if attempt:
            best = min(best, time.perf_counter() - began)
    network.zero_grad(set_to_none=True)
    return best
