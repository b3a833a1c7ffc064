"""How much of each expert goes into the network for a picture: ``Dasr.mixed`` without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from srgan_desktop.core.networks.strengths import Strengths

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Mixing:
    """What an adaptive network makes of strengths.

    Attributes:
        layers: the names of those that are mixed, each in its own way.
        slope: of the leaky ReLU between the two matrices.
        hidden, hidden_bias: (width, 4) and (width,), from strengths.
        last, last_bias: (layers * experts, width) and (layers * experts,), to preferences; all four
            are empty where there is nothing to mix.
        shift: (channels, 4), from strengths to what is added to the first conv's bias; empty where
            nothing is.
    """

    layers: tuple[str, ...]
    slope: float
    hidden: Floats
    hidden_bias: Floats
    last: Floats
    last_bias: Floats
    shift: Floats

    def shares(self, strengths: Strengths) -> Mapping[str, Floats]:
        """By layer, how much of each expert there is: (experts,), 1 together."""
        if not self.hidden.size:
            return dict.fromkeys(self.layers, np.ones(1, np.float32))
        given = np.array(strengths.values, np.float32)
        inner = self.hidden @ given + self.hidden_bias
        inner = np.where(inner < 0, inner * np.float32(self.slope), inner)
        preferences = (self.last @ inner + self.last_bias).reshape(len(self.layers), -1)
        powers = np.exp(preferences - preferences.max(1, keepdims=True))
        return dict(zip(self.layers, powers / powers.sum(1, keepdims=True), strict=True))

    def head_shift(self, strengths: Strengths) -> Floats | None:
        """What is added to the first conv's bias, (channels,)."""
        if not self.shift.size:
            return None
        return np.asarray(self.shift @ np.array(strengths.values, np.float32))
