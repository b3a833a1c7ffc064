"""In which number format the forward pass of training runs."""

from __future__ import annotations

import copy
import time

import torch
from torch import nn


def autocast(device: torch.device, precision: str) -> torch.autocast:
    """The context of a forward pass; does nothing for "fp32"."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16")


def choose(wanted: str, network: nn.Module, device: torch.device, batch: torch.Size) -> str:
    """ "fp32" or "bf16": as asked for, else whichever makes a step faster here, by measurement.

    ``network`` is left as it is: the statistics of its batch norms too.
    """
    if wanted != "auto":
        return wanted
    trial = copy.deepcopy(network)
    times = {name: _step_seconds(trial, device, batch, name) for name in ("fp32", "bf16")}
    return min(times, key=lambda name: times[name])


def _step_seconds(
    network: nn.Module, device: torch.device, batch: torch.Size, precision: str
) -> float:
    """The fastest of three forward and backward passes, after one to warm up; inf if it cannot."""
    random = torch.Generator().manual_seed(0)
    x = torch.rand(batch, generator=random).to(device).contiguous(memory_format=torch.channels_last)
    best = float("inf")
    try:
        for attempt in range(4):
            began = time.perf_counter()
            with autocast(device, precision):
                loss = network(x).float().mean()
            torch.autograd.backward(loss)
            float(loss.detach())  # waits for the device
            if attempt:
                best = min(best, time.perf_counter() - began)
    except torch.OutOfMemoryError:
        raise
    except RuntimeError:
        # some devices have no bfloat16
        if precision == "fp32":
            raise
    return best
