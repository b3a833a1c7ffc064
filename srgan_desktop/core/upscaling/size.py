"""The size of a result, and how many passes through the network lead to it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr

Rule = Literal["scale", "percent", "megapixels", "width", "height", "long", "short"]
Unit = Literal["px", "cm", "in"]

UNITS_PER_INCH = {"cm": 2.54, "in": 1.0}
USUAL_DPI = 300.0
MAX_DPI = 10_000.0

# beyond this no picture format and no disk goes; a slip of the finger does
MAX_FACTOR = 64.0


@dataclass(frozen=True)
class TargetSize:
    """A rule for the size of the result, aspect kept.

    Attributes:
        rule: a factor, plain or in percent; millions of pixels; or one side.
        value: of the rule; a side's is in ``unit``.
        unit: of a side: pixels, or what it measures on paper.
        dpi: pixels per inch of the print, which the file shall say too; None where nobody prints.

    Raises:
        UsageError: a value that cannot be, or a length on paper without ``dpi``.
    """

    rule: Rule
    value: float
    unit: Unit = "px"
    dpi: float | None = None

    def __post_init__(self) -> None:
        if self.dpi is not None and not 1 <= self.dpi <= MAX_DPI:
            raise UsageError(
                tr("--dpi is from 1 to {most:g}, not {dpi:g}", most=MAX_DPI, dpi=self.dpi)
            )
        if self.unit != "px" and self.dpi is None:
            raise UsageError(tr("a length in {unit} needs a resolution in dpi", unit=self.unit))
        if not (math.isfinite(self.value) and self.value > 0):
            raise UsageError(
                tr("--{rule} must be more than 0, not {value:g}", rule=self.rule, value=self.value)
            )

    def resolve(self, width: int, height: int) -> tuple[int, int]:
        """Width and height of the result for a source of this size, in pixels.

        Raises:
            UsageError: smaller than the source, or absurdly large.
        """
        factor = self.factor(width, height)
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

    def factor(self, width: int, height: int) -> float:
        """So many times wider and higher than a source of this size; may be below 1."""
        match self.rule:
            case "scale":
                return self.value
            case "percent":
                return self.value / 100
            case "megapixels":
                return math.sqrt(self.value * 1e6 / (width * height))
        return self.value * self._pixels_per_unit() / _side(self.rule, width, height)

    def expressed(self, rule: Rule, source: tuple[int, int], unit: Unit = "px") -> TargetSize:
        """The same size of ``source`` (width, height), said by another rule."""
        factor = self.factor(*source)
        dpi = self.dpi if unit == "px" else self.dpi or USUAL_DPI
        match rule:
            case "scale":
                return TargetSize(rule, factor)
            case "percent":
                return TargetSize(rule, 100 * factor)
            case "megapixels":
                return TargetSize(rule, source[0] * source[1] * factor**2 / 1e6)
        per_unit = TargetSize(rule, 1, unit, dpi)._pixels_per_unit()
        return TargetSize(rule, _side(rule, *source) * factor / per_unit, unit, dpi)

    def _pixels_per_unit(self) -> float:
        if self.unit == "px" or self.dpi is None:
            return 1.0
        return self.dpi / UNITS_PER_INCH[self.unit]


def _side(rule: Rule, width: int, height: int) -> int:
    sides = {"width": width, "height": height, "long": max(width, height)}
    return sides.get(rule, min(width, height))


def plan_passes(
    source: tuple[int, int], target: tuple[int, int], scale: int
) -> list[tuple[int, int]]:
    """(width, height) after each pass of a network of factor ``scale``; the last is ``target``.

    Each pass is the network followed by an antialiased shrink to the size given here. Earlier
    passes stop at what the later ones need, so that none works on more pixels than it must.

    Raises:
        UsageError: a network of factor 1 cannot get there.
    """
    if scale == 1 and target != source:
        raise UsageError(
            tr(
                "this model restores pictures at their own size; to enlarge them too, choose a "
                "model that enlarges, and this one with --before"
            )
        )
    factor = max(target[0] / source[0], target[1] / source[1])
    count = 1
    while scale**count < factor * (1 - 1e-9):
        count += 1
    sizes = []
    for done in range(1, count):
        rest = scale ** (count - done)
        sizes.append((math.ceil(target[0] / rest), math.ceil(target[1] / rest)))
    return [*sizes, target]
