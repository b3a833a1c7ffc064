"""The size of a result, and how many passes through the network lead to it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr

Rule = Literal["scale", "width", "height", "long", "short"]

# beyond this no picture format and no disk goes; a slip of the finger does
MAX_FACTOR = 64.0


@dataclass(frozen=True)
class TargetSize:
    """A rule for the size of the result: a factor, or one side in pixels, aspect kept."""

    rule: Rule
    value: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.value) and self.value > 0):
            raise UsageError(
                tr("--{rule} must be more than 0, not {value:g}", rule=self.rule, value=self.value)
            )

    def resolve(self, width: int, height: int) -> tuple[int, int]:
        """Width and height of the result for a source of this size, in pixels.

        Raises:
            UsageError: smaller than the source, or absurdly large.
        """
        side = {
            "scale": 1,
            "width": width,
            "height": height,
            "long": max(width, height),
            "short": min(width, height),
        }[self.rule]
        factor = self.value / side
        if factor < 1:
            raise UsageError(
                tr(
                    "the target ({target_width} x {target_height}) is smaller than the source "
                    "({width} x {height}); this program enlarges",
                    target_width=max(1, round(width * factor)),
                    target_height=max(1, round(height * factor)),
                    width=width,
                    height=height,
                )
            )
        if factor > MAX_FACTOR:
            raise UsageError(
                tr(
                    "{factor:g} times larger is too much; at most {limit:g} times",
                    factor=factor,
                    limit=MAX_FACTOR,
                )
            )
        return max(1, round(width * factor)), max(1, round(height * factor))


def plan_passes(
    source: tuple[int, int], target: tuple[int, int], scale: int
) -> list[tuple[int, int]]:
    """(width, height) after each pass of a network of factor ``scale``; the last is ``target``.

    Each pass is the network followed by an antialiased shrink to the size given here. Earlier
    passes stop at what the later ones need, so that none works on more pixels than it must.
    """
    factor = max(target[0] / source[0], target[1] / source[1])
    count = 1
    while scale**count < factor * (1 - 1e-9):
        count += 1
    sizes = []
    for done in range(1, count):
        rest = scale ** (count - done)
        sizes.append((math.ceil(target[0] / rest), math.ceil(target[1] / rest)))
    return [*sizes, target]
