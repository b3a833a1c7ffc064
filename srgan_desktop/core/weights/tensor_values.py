"""Whether the tensors of a model file hold numbers that a network can compute with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from srgan_desktop.core.base.errors import ModelFileError
from srgan_desktop.core.base.printable import short_line
from srgan_desktop.core.base.translation import tr


def check_numbers(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Look at every value as the networks take it, in float32; path is for messages only.

    Raises:
        ModelFileError: one is NaN or infinity, or of a kind that cannot be converted.
    """
    for key, tensor in tensors.items():
        if tensor.is_floating_point() and not _is_finite(path, tensor):
            raise ModelFileError(
                path, tr("damaged: {key} contains NaN or infinity", key=short_line(key))
            )


def _is_finite(path: Path, tensor: Tensor) -> bool:
    try:
        # numbers of 8 bits know little but the conversion
        return bool(torch.isfinite(tensor.float()).all())
    except NotImplementedError as error:
        raise ModelFileError(path, tr("cannot be read: {reason}", reason=tensor.dtype)) from error
