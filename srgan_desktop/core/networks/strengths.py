"""What a picture suffered, as an adaptive network finds it or a person sets it. Without torch."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr

# what a picture suffered, each from 0 (nothing) to 1 (as much as is seen in training), measured in
# the picture as it is given: blur; noise of the lightness; noise of the colours; JPEG compression
STRENGTHS = ("blur", "noise", "colour_noise", "compression")
FULL = 100.0
# smaller pictures are continued before strengths are found in them
LEAST_SIDE = 16
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
    def of(cls, values: Sequence[float]) -> Strengths:
        """From as many numbers as there are ``STRENGTHS``; those out of range are at its end."""
        within = [min(max(float(value), 0.0), 1.0) for value in values]
        return cls(**dict(zip(STRENGTHS, within, strict=True)))

    @property
    def values(self) -> tuple[float, ...]:
        """In the order of ``STRENGTHS``."""
        return tuple(getattr(self, name) for name in STRENGTHS)

    def percent(self) -> dict[str, int]:
        """Whole numbers 0..100 by name."""
        return {name: round(FULL * getattr(self, name)) for name in STRENGTHS}


@dataclass(frozen=True)
class ChosenStrengths:
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


AS_FOUND = ChosenStrengths()
