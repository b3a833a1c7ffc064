"""The ranges that 8-bit integers need, for models whose file does not hold them.

They are found once, on a few crops of the shipped sample and a drawn picture, within about two
seconds, and kept in the cache folder under the hash of the weights.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from functools import reduce
from pathlib import Path

import torch
from torch import Tensor

from srgan_desktop.core.base import app_paths, atomic
from srgan_desktop.core.base.errors import SrganDesktopError
from srgan_desktop.core.images.io import read_image
from srgan_desktop.core.networks.activation_ranges import (
    ActivationRanges,
    record_ranges,
    with_tight_end,
)
from srgan_desktop.core.networks.dasr import Dasr
from srgan_desktop.core.networks.inference import InferenceNetwork
from srgan_desktop.core.networks.network import Network
from srgan_desktop.core.networks.strengths import STRENGTHS
from srgan_desktop.core.weights.architectures import inference_form

CROP_SIDE = 64
MOST_CROPS = 16
LEAST_CROPS = 3
MOST_SECONDS = 1.5
MOST_WEIGHTS = 4_000_000
SAMPLE = "otter.jpg"


def ranges_of(network: Network, form: InferenceNetwork) -> ActivationRanges:
    """What the model file says, what was found earlier, or what is found now.

    Args:
        network: as it was loaded.
        form: the same made ready to be run; on the processor, in float32.
    """
    if network.activation_ranges is not None:
        return network.activation_ranges
    path = _cache_path(network)
    with contextlib.suppress(OSError, ValueError):
        return ActivationRanges.from_json(path.read_text(encoding="utf-8"))
    ranges = record_ranges(form, _within_time(calibration_crops(form.config.colours)))
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic.replace_file(path) as new:
            new.file.write(ranges.to_json().encode())
    return ranges


def is_quick(form: InferenceNetwork) -> bool:
    """Whether the ranges are known or found within seconds.

    The weights are what an input pixel is multiplied with, about once each.
    """
    weights = sum(parameter.numel() for parameter in form.parameters())
    return form.source.activation_ranges is not None or weights <= MOST_WEIGHTS


def find_ranges(network: Network) -> ActivationRanges:
    """The ranges to store in a model file; of a network that adapts, for all that it may become.

    Args:
        network: on the processor, in float32 and eval mode.
    """
    crops = list(calibration_crops(network.config.colours))
    variants = _variants(network) if isinstance(network, Dasr) else [network]
    found = []
    for variant in variants:
        form = inference_form(variant)
        found.append(with_tight_end(record_ranges(form, crops), form, crops))
    return reduce(ActivationRanges.union, found)


def _variants(network: Dasr) -> Iterator[Network]:
    """For a clean picture, for each strength by itself and for all of them together."""
    for rows in (
        torch.zeros(1, len(STRENGTHS)),
        torch.eye(len(STRENGTHS)),
        torch.ones(1, len(STRENGTHS)),
    ):
        yield from (network.fixed(row) for row in rows)


def _cache_path(network: Network) -> Path:
    from srgan_desktop.core.weights.model_file import hash_of_tensors

    return app_paths.cache_folder() / "ranges" / f"{hash_of_tensors(network.state_dict())}.json"


def _within_time(crops: Iterator[Tensor]) -> Iterator[Tensor]:
    """As many as the time allows, some in any case."""
    began = time.monotonic()
    for number, crop in enumerate(crops):
        if number >= LEAST_CROPS and time.monotonic() - began > MOST_SECONDS:
            return
        yield crop


def calibration_crops(colours: int) -> Iterator[Tensor]:
    """float32 (1, colours, 64, 64), 0..1: a drawn picture, then crops of the sample photo."""
    from srgan_desktop.core.engine.way_selection import probe

    yield probe(colours, CROP_SIDE)
    try:
        pixels = read_image(app_paths.resources() / "samples" / SAMPLE).pixels
    except SrganDesktopError:  # a program without its sample can still run models
        return
    photo = torch.from_numpy(pixels).permute(2, 0, 1)[None, :colours].float() / 255
    height, width = photo.shape[-2:]
    random = torch.Generator().manual_seed(0)
    for _ in range(MOST_CROPS):
        top = int(torch.randint(height - CROP_SIDE + 1, (), generator=random))
        left = int(torch.randint(width - CROP_SIDE + 1, (), generator=random))
        yield photo[..., top : top + CROP_SIDE, left : left + CROP_SIDE].contiguous()
