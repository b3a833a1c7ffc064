"""The eight symmetries of the square. Without torch until there are tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def turned(x: Tensor, turn: int) -> Tensor:
    """One of the eight symmetries of the square: bit 2 flips, the rest are quarter turns."""
    x = x.rot90(turn % 4, (-2, -1))
    return (x.flip(-1) if turn >= 4 else x).contiguous()


def turned_back(y: Tensor, turn: int) -> Tensor:
    """``turned`` undone."""
    y = y.flip(-1) if turn >= 4 else y
    return y.rot90(-(turn % 4), (-2, -1))
