"""Steps of training that go wrong on purpose."""

from __future__ import annotations

import math
from typing import Any

import torch


def make_next_step_nan() -> None:
    """Make the next Adam step of any optimiser end in nan."""
    original = torch.optim.Adam.step

    def step(self: torch.optim.Adam, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        torch.optim.Adam.step = original  # type: ignore[method-assign]
        with torch.no_grad():
            self.param_groups[0]["params"][0].fill_(math.nan)
        return result

    torch.optim.Adam.step = step  # type: ignore[method-assign]
