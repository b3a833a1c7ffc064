"""What a model file says of the run that made it."""

from __future__ import annotations

import math
from pathlib import Path

from srgan_desktop.core.weights.model_file import ModelCard
from trainer.config.reading import to_mapping
from trainer.config.run_config import RunConfig
from trainer.run.inputs import RunInputs


def model_card(
    config: RunConfig,
    inputs: RunInputs,
    *,
    step: int,
    seconds: float,
    precision: str,
    psnr_y: float,
) -> ModelCard:
    """The card of a model after ``step`` steps; ``psnr_y`` of its validation, or not finite."""
    preset = Path(inputs.preset).stem
    return ModelCard(
        name=preset,
        title=config.title,
        description=config.description,
        config=config.generator,
        training={
            "preset": preset,
            "steps": step,
            "seconds": round(seconds),
            "device": inputs.device,
            "precision": precision,
            "validation_psnr_y": round(psnr_y, 3) if math.isfinite(psnr_y) else None,
            "config": to_mapping(config),
        },
    )
