"""Whether a run that is to begin hours from now could begin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.weights.architectures import build_network
from trainer.config.run_config import RunConfig
from trainer.data.dataset import image_paths, known_sizes
from trainer.data.user_pairs import padded_crop
from trainer.losses.generator import load_features
from trainer.run.events import Event
from trainer.training.stages import new_stage


def check_buildable(config: RunConfig, data: Path) -> Iterator[Event]:
    """Build all that a second stage needs, on the processor, and drop it.

    Weights of another network that it compares with are downloaded now.

    Raises:
        SrganDesktopError: something does not fit, or cannot be had.
    """
    _check_size(config, data)
    processor = torch.device("cpu")
    vgg = yield from load_features(config, processor)
    new_stage(config, build_network(config.generator), processor, vgg)


def _check_size(config: RunConfig, data: Path) -> None:
    side = padded_crop(config)
    if not any(min(size) >= side for size in known_sizes(image_paths(data))):
        raise UsageError(
            tr(
                "{folder}: no photo in it is large enough for the second stage: its crops need "
                "{side} pixels on each side; choose a smaller crop with --then-set data.crop=N",
                folder=data,
                side=side,
            )
        )
