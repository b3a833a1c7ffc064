"""What a picture suffered, as an adaptive network finds it or a person sets it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import torch
from torch import Tensor

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.networks.predictor import STRENGTHS

FULL = 100.0
# of the noise of the lightness, where a person asks for noise in a picture that has none
_USUAL_COLOUR_PART = 0.5
_LEAST_NOISE = 0.02


@dataclass(frozen=True)
class Strengths:
    """Each 0..1, as in ``STRENGTHS``."""

    blur: float = 0.0
    noise: float = 0.0
    colour_noise: float = 0.0
    compression: float = 0.0

    @classmethod
    def of(cls, values: Tensor) -> Strengths:
        """From numbers (4,)."""
        numbers = dict(zip(STRENGTHS, values.double().clamp(0, 1).tolist(), strict=True))
        return cls(**numbers)

    def tensor(self) -> Tensor:
        """float32 (4,)."""
        return torch.tensor([getattr(self, name) for name in STRENGTHS])

    def percent(self) -> dict[str, int]:
        """Whole numbers 0..100 by name."""
        return {name: round(FULL * getattr(self, name)) for name in STRENGTHS}


@dataclass(frozen=True)
class StrengthWishes:
    """What a person sets, each 0..100; None leaves it to the network.

    Raises:
        UsageError: out of that range.
    """

    noise: float | None = None
    blur: float | None = None
    compression: float | None = None

    def __post_init__(self) -> None:
        for name, value in dataclasses.asdict(self).items():
            if value is not None and not 0 <= value <= FULL:
                raise UsageError(
                    tr("{name} is from 0 to 100, not {value:g}", name=name, value=value)
                )

    @property
    def are_set(self) -> bool:
        """Whether anything is."""
        return self != AS_FOUND

    def applied(self, found: Strengths) -> Strengths:
        """What was ``found``, but for what is set. Noise keeps its part of colour."""
        changes: dict[str, float] = {}
        if self.blur is not None:
            changes["blur"] = self.blur / FULL
        if self.compression is not None:
            changes["compression"] = self.compression / FULL
        if self.noise is not None:
            part = _USUAL_COLOUR_PART
            if found.noise > _LEAST_NOISE:
                part = found.colour_noise / found.noise
            changes["noise"] = self.noise / FULL
            changes["colour_noise"] = min(1.0, part * self.noise / FULL)
        return dataclasses.replace(found, **changes)


AS_FOUND = StrengthWishes()
