"""From HR crops to the LR crops the network is shown."""

from __future__ import annotations

from trainer.degradations.bicubic import (
    BICUBIC_MARGIN,
    bicubic_lr,
    bicubic_lr_large,
    lr_hr_pair,
)

__all__ = ["BICUBIC_MARGIN", "bicubic_lr", "bicubic_lr_large", "lr_hr_pair"]
