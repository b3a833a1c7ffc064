"""The number format of the forward pass in training."""

from __future__ import annotations

import copy
import time

import torch
from torch import nn

# of passes in each format; the first warms up
ROUNDS = 5


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
    steps = {name: _Trial(trial, device, batch, name) for name in ("fp32", "bf16")}
    # in turns, so that what else the machine does at the moment is shared out fairly
    for _ in range(ROUNDS):
        for step in steps.values():
            step.run()
    return min(steps, key=lambda name: steps[name].best_s)


class _Trial:
    """Forward and backward passes in one format; ``best_s`` is inf while none has been timed.

    It stays so where the device does not have the format.
    """

    def __init__(
        self, network: nn.Module, device: torch.device, batch: torch.Size, precision: str
    ) -> None:
        random = torch.Generator().manual_seed(0)
        x = torch.rand(batch, generator=random).to(device)
        self._x = x.contiguous(memory_format=torch.channels_last)
        self._network, self._device, self._precision = network, device, precision
        self._warm = self._failed = False
        self.best_s = float("inf")

    def run(self) -> None:
        """One pass; the first warms up and is not counted."""
        if self._failed:
            return
        began = time.perf_counter()
        try:
            with autocast(self._device, self._precision):
                loss = self._network(self._x).float().mean()
            torch.autograd.backward(loss)
            float(loss.detach())  # waits for the device
        except torch.OutOfMemoryError:
            raise
        except RuntimeError:
            # some devices have no bfloat16
            if self._precision == "fp32":
                raise
            self._failed = True
            self.best_s = float("inf")
            return
        if self._warm:
            self.best_s = min(self.best_s, time.perf_counter() - began)
        self._warm = True
