"""Between which values the inputs of a network's convs lie: what 8-bit integers need to know.

A range is found by letting a few dozen crops through (Krishnamoorthi 2018, arXiv:1806.08342): the
least and largest value that each conv is given. Convs are named by their order in
``InferenceNetwork.describe_body`` and ``describe_upsample``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from srgan_desktop.core.networks.inference import InferenceNetwork
from srgan_desktop.core.networks.operations import TORCH, TorchOperations

Range = tuple[float, float]
# of a range that are tried where it is made narrower
_PARTS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4)


@dataclass(frozen=True)
class ActivationRanges:
    """(least, largest) input of each conv, in the order in which they are described."""

    body: tuple[Range, ...]
    upsample: tuple[Range, ...]

    def union(self, other: ActivationRanges) -> ActivationRanges:
        """What holds the values of both networks, and about those of their mixtures.

        Raises:
            ValueError: the two are of networks of different depth.
        """
        return ActivationRanges(
            _unions(self.body, other.body), _unions(self.upsample, other.upsample)
        )

    def to_json(self) -> str:
        """For a model file; four digits are far finer than a step of 8 bits."""
        return json.dumps({"body": _rounded(self.body), "upsample": _rounded(self.upsample)})

    @classmethod
    def from_json(cls, text: str) -> ActivationRanges:
        """What ``to_json`` wrote.

        Raises:
            ValueError: it is nothing of the kind.
        """
        try:
            values = json.loads(text)
            return cls(_checked(values["body"]), _checked(values["upsample"]))
        except (KeyError, TypeError, RecursionError) as error:
            raise ValueError(str(error)) from error


def _unions(ours: tuple[Range, ...], theirs: tuple[Range, ...]) -> tuple[Range, ...]:
    return tuple((min(a[0], b[0]), max(a[1], b[1])) for a, b in zip(ours, theirs, strict=True))


def _rounded(ranges: tuple[Range, ...]) -> list[list[float]]:
    return [[float(f"{value:.4g}") for value in pair] for pair in ranges]


def _checked(pairs: list[list[float]]) -> tuple[Range, ...]:
    ranges = tuple((float(low), float(high)) for low, high in pairs)
    if not all(math.isfinite(low) and math.isfinite(high) and low <= high for low, high in ranges):
        raise ValueError("a range is from a number to one that is not less")
    return ranges


class _Recorder(TorchOperations):
    """Does the operations and notes what each conv was given."""

    def __init__(self) -> None:
        self.ranges: list[Range] = []
        self._next = 0

    def again(self) -> None:
        """From the first conv on, for another input."""
        self._next = 0

    def conv(self, x: Tensor, conv: nn.Conv2d) -> Tensor:
        low, high = (float(value) for value in torch.aminmax(x))
        if self._next == len(self.ranges):
            self.ranges.append((low, high))
        else:
            known = self.ranges[self._next]
            self.ranges[self._next] = (min(low, known[0]), max(high, known[1]))
        self._next += 1
        return super().conv(x, conv)


def record_ranges(network: InferenceNetwork, crops: Iterable[Tensor]) -> ActivationRanges:
    """Let ``crops`` through the network and note the ranges.

    Args:
        network: on the processor, in float32.
        crops: float32 (1, colours, H, W), 0..1.
    """
    body, upsample = _Recorder(), _Recorder()
    with torch.no_grad():
        for crop in crops:
            body.again()
            upsample.again()
            network.describe_upsample(upsample, network.describe_body(body, crop))
    return ActivationRanges(tuple(body.ranges), tuple(upsample.ranges))


def with_tight_end(
    ranges: ActivationRanges, network: InferenceNetwork, crops: Iterable[Tensor]
) -> ActivationRanges:
    """``ranges`` with that of the last conv as narrow as loses least (Choukroun et al. 2019,
    arXiv:1902.06822: clipping at the least mean squared error).

    Its input is what pixels are made of at once: a few large values make all steps coarse, which
    is seen as bands in soft gradients. Convs before it have others after them that even that out.

    Args:
        network, crops: as for ``record_ranges``.
    """
    low, high = ranges.upsample[-1]
    spans = [(low * part, high * part) for part in _PARTS]
    ends = [_LastInput(len(ranges.upsample), span) for span in spans]
    with torch.no_grad():
        for crop in crops:
            features = network.describe_body(TORCH, crop)
            for end in ends:
                end.again()
                network.describe_upsample(end, features)
    best = min(ends, key=lambda end: end.lost)
    return ActivationRanges(ranges.body, (*ranges.upsample[:-1], best.span))


class _LastInput(TorchOperations):
    """Does the operations and sums what steps of 8 bits within ``span`` lose of the last input."""

    def __init__(self, convs: int, span: Range) -> None:
        self.span, self.lost = span, 0.0
        self._convs, self._done = convs, 0

    def again(self) -> None:
        """From the first conv on, for another input."""
        self._done = 0

    def conv(self, x: Tensor, conv: nn.Conv2d) -> Tensor:
        self._done += 1
        if self._done == self._convs:
            low, high = self.span
            step = max(high - low, 1e-6) / 255
            kept = (x.clamp(low, high) / step).round() * step
            self.lost += float((kept - x).square().sum())
        return super().conv(x, conv)
