"""The moving average of a network's weights, which is what gets used."""

from __future__ import annotations

import copy
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

N = TypeVar("N", bound=nn.Module)


class WeightAverage(Generic[N]):
    """Exponential moving average of parameters; buffers are copied.

    The decay warms up as (1 + n) / (10 + n), so that a short run is not stuck to its first weights.
    ``network`` is the average, in eval mode.
    """

    def __init__(self, network: N, decay: float) -> None:
        self.network: N = copy.deepcopy(network).eval().requires_grad_(False)
        self.decay = decay
        self.updates = 0
        self._averaged: list[Tensor] = list(self.network.parameters())
        self._buffers = list(self.network.buffers())

    @torch.no_grad()
    def update(self, network: N) -> None:
        """Move the average towards ``network``'s current weights."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        weights: list[Tensor] = list(network.parameters())
        torch._foreach_lerp_(self._averaged, weights, 1 - decay)
        for mine, theirs in zip(self._buffers, network.buffers(), strict=True):
            mine.copy_(theirs)
