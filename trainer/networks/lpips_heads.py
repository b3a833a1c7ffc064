"""The linear heads of LPIPS (Zhang et al. 2018, arXiv:1801.03924), version 0.1.

How much people notice each channel of a network's features, learned from their judgements. They
are published nowhere but in the package ``lpips``, and are found there, not shipped.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from torch import Tensor

from srgan_desktop.core.base.errors import ModelFileError
from srgan_desktop.core.base.translation import tr
from trainer.networks.vgg_weights import read_tensors

# of each network
LAYERS = 5


def heads_path(network: str) -> Path | None:
    """The heads for "alex" or "vgg" in the installed package, which is not imported.

    It would bring much along.
    """
    package = importlib.util.find_spec("lpips")
    if package is None or package.origin is None:
        return None
    path = Path(package.origin).parent / "weights" / "v0.1" / f"{network}.pth"
    return path if path.is_file() else None


def read_heads(path: Path) -> list[Tensor]:
    """One (1, C, 1, 1) a layer, none negative.

    Raises:
        ModelFileError: another file.
    """
    tensors = read_tensors(path)
    try:
        return [tensors[f"lin{index}.model.1.weight"].float() for index in range(LAYERS)]
    except KeyError as error:
        raise ModelFileError(path, tr("is not a file of LPIPS heads ({key})", key=error)) from error
