"""From HR crops to the LR crops the network is shown.

bicubic       clean: made smaller and nothing else
chains        second_order and shuffled: blur, resize, noise, JPEG
step_samples  LR and HR of a step, of whichever kind
greys         crops that lose their colour
traces        how strong what was done still is at the end
sharpen       the original that losses may compare with
"""

from __future__ import annotations

from trainer.config.degradation_settings import DegradationConfig
from trainer.data.degradations.bicubic import (
    BICUBIC_MARGIN,
    bicubic_lr,
    bicubic_lr_large,
    lr_hr_pair,
)
from trainer.data.degradations.sharpen import sharpened
from trainer.data.degradations.step_samples import (
    Sample,
    degraded,
    margin_of,
    step_pair,
    step_sample,
    validation_lr,
)

__all__ = [
    "BICUBIC_MARGIN",
    "DegradationConfig",
    "Sample",
    "bicubic_lr",
    "bicubic_lr_large",
    "degraded",
    "lr_hr_pair",
    "margin_of",
    "sharpened",
    "step_pair",
    "step_sample",
    "validation_lr",
]
