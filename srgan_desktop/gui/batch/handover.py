"""How another page wants what it hands to the batch done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from srgan_desktop.core.upscaling.size import TargetSize

if TYPE_CHECKING:
    from srgan_desktop.core.jobs.options import BatchOptions


@dataclass(frozen=True)
class HandoverOptions:
    """Settings of its own for what is handed over; ``model`` is a catalogue name."""

    model: str
    detail: float | None
    size: TargetSize
    tile: int | None = None
    tta: bool = False

    def options(self, usual: BatchOptions) -> BatchOptions:
        """Where the result goes is as chosen on the Batch page.

        All frames or pages are enlarged, and kept in the source's own format: the one chosen for
        other pictures might hold one only.
        """
        return replace(
            usual,
            model=self.model, detail=self.detail, rule=self.size.rule, value=float(self.size.value),
            file=None, format="same", tile=self.tile, tta=self.tta, frames="all",
        )  # fmt: skip
