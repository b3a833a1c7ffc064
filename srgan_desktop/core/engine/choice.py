"""How a model is run, once that has been chosen. Without torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from srgan_desktop.core.backends import Backend

Precision = Literal["auto", "fp32", "bf16", "fp16", "int8"]


@dataclass(frozen=True)
class Choice:
    """The selected backend, how it was selected, and what people should know about it."""

    backend: Backend
    psnr_db: float  # against float32 on the probe; infinite for float32 itself
    warnings: tuple[str, ...] = ()
