"""Random numbers of a step's degradation, the same for the same seed and step.

A batch is worked on in groups of four pictures that share what is costly to have differ, the
factors of the resizes and the order of the steps; all else is drawn for each picture by itself.
What a picture gets depends on the seed, the step and its place in the whole batch alone: not on
which of its neighbours are worked on in the same process.

Where a network adapts to what was done, some more pictures share all of that but the noise itself,
so that one adapted network serves them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from trainer.data.degradations.traces import Traces

GROUP = 4
# apart from the numbers that crops are drawn with
_STREAM = 7
_NOISE_STREAM = 8


class Draws:
    """Numbers for some members of one group; each call draws new ones.

    Args:
        key: whole numbers from 0, such as seed, step and group.
        members: places in the group, 0..GROUP-1.
        device: where ``normal`` is to be.
        own: key of the noise, where all other numbers are drawn once and for all members.

    Attributes:
        traces: what is left in the pictures of what was drawn for them; set by who draws.
    """

    traces: Traces

    def __init__(
        self,
        key: Sequence[int],
        members: Sequence[int],
        device: torch.device,
        own: Sequence[int] | None = None,
    ) -> None:
        self._random = np.random.default_rng((*key, _STREAM))
        self._noise = self._random
        self._shares = own is not None
        if own is not None:
            self._noise = np.random.default_rng((*own, _NOISE_STREAM))
        self._members = list(members)
        self._device = device

    def __len__(self) -> int:
        return len(self._members)

    def between(self, span: Sequence[float]) -> float:
        """One number for the group."""
        return float(self._random.uniform(span[0], span[1]))

    def choice(self, chances: Sequence[float]) -> int:
        """An index for the group; what is missing to 1 is the chance of one more."""
        return int(np.searchsorted(np.cumsum(chances), self._random.random(), side="right"))

    def order(self, count: int) -> list[int]:
        """0..count-1 for the group, shuffled."""
        return [int(i) for i in self._random.permutation(count)]

    def each(self, span: Sequence[float]) -> np.ndarray:
        """float64 (members,)."""
        if self._shares:
            return np.full(len(self), self._random.uniform(span[0], span[1]))
        return self._random.uniform(span[0], span[1], GROUP)[self._members]

    def happens(self, chance: float) -> np.ndarray:
        """bool (members,)."""
        if self._shares:
            return np.full(len(self), self._random.random() < chance)
        return (self._random.random(GROUP) < chance)[self._members]

    def normal(self, colours: int, height: int, width: int) -> Tensor:
        """float32 (members, colours, height, width) of mean 0 and sigma 1, on the device."""
        seeds = self._noise.integers(2**63 - 1, size=GROUP)[self._members]
        fields = []
        for seed in seeds:
            source = torch.Generator(self._device).manual_seed(int(seed))
            fields.append(
                torch.randn(colours, height, width, generator=source, device=self._device)
            )
        return torch.stack(fields)


def groups(first: int, count: int) -> Iterator[tuple[int, range, range]]:
    """Parts of ``count`` pictures whose first is at place ``first`` of the whole batch.

    Yields:
        Number of a group, the places of its members in it, and their indices among the pictures.
    """
    start = first
    while start < first + count:
        number = start // GROUP
        end = min((number + 1) * GROUP, first + count)
        yield (
            number,
            range(start - number * GROUP, end - number * GROUP),
            range(start - first, end - first),
        )
        start = end


def step_noise(
    key: Sequence[int], shape: tuple[int, int, int, int], device: torch.device, first: int = 0
) -> Tensor:
    """float32 of ``shape`` (N, C, H, W), mean 0 and sigma 1, each picture by its place alone.

    Args:
        key: whole numbers from 0, such as seed and step.
        first: place of the first picture in the whole batch.
    """
    fields = [
        Draws((*key, group), places, device).normal(*shape[1:])
        for group, places, _ in groups(first, shape[0])
    ]
    return torch.cat(fields).contiguous(memory_format=torch.channels_last)
