"""Networks that were not built by this program, behind the interface that ours have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from srgan_desktop.core.networks.inference import InferenceNetwork
from srgan_desktop.core.networks.network import Network, Skip

# smaller pictures are made this large, for many networks fail on them
LEAST_SIDE = 16


@dataclass(frozen=True)
class ThirdPartyConfig:
    """What is known of such a network; see ``NetworkConfig``. It cannot be built from this.

    Attributes:
        architecture: its name, for people.
        kind: "pytorch" or "onnx".
        scale: enlargement factor; 1 for a network that restores pictures at their own size.
        colours: 3 for RGB, 1 for grey pictures; in and out.
        precisions: in which it may be run: "fp32", and "bf16", "fp16" where it is made for them.
        multiple_of: width and height of what it is given are multiples of this.
        minimum: and at least so large.
        square: and equal.
        working_values: as measured on a small picture.
        parameters: how many numbers were learnt.
    """

    architecture: str
    kind: Literal["pytorch", "onnx"]
    scale: int
    colours: int
    precisions: tuple[str, ...] = ("fp32",)
    multiple_of: int = 1
    minimum: int = 1
    square: bool = False
    working_values: int = 4096
    parameters: int = 0

    @property
    def skip(self) -> Skip:
        """What is added to its output is its own business."""
        return "none"

    @property
    def receptive_radius(self) -> Fraction:
        """Unknown; tiles are blended."""
        return Fraction(0)

    @property
    def upsample_radius(self) -> Fraction:
        """Unknown, as the whole radius is."""
        return Fraction(0)

    @property
    def is_local(self) -> bool:
        """Nobody promises that tiles give the pixels of one pass."""
        return False


class ThirdPartyNetwork(Network):
    """Pads pictures to a size that the network takes, and cuts the padding off again."""

    config: ThirdPartyConfig

    def __init__(self, config: ThirdPartyConfig) -> None:
        super().__init__()
        self.config = config

    def enlarge(self, x: Tensor) -> Tensor:
        """(1, colours, H, W) of an allowed size, 0..1, to the larger picture."""
        raise NotImplementedError

    def inference(self) -> ThirdPartyInference:
        """Made ready to be run."""
        return ThirdPartyInference(self)

    def forward(self, x: Tensor) -> Tensor:
        """See ``Network``."""
        height, width = x.shape[-2:]
        padded = padded_size((height, width), self.config)
        pad = (0, padded[1] - width, 0, padded[0] - height)
        full = F.pad(x, pad, mode="replicate") if any(pad) else x
        y = torch.cat([self.enlarge(full[i : i + 1]) for i in range(len(full))])
        scale = self.config.scale
        return y[..., : height * scale, : width * scale].to(x.dtype)


class ThirdPartyInference(InferenceNetwork):
    """Run as it is."""

    source: ThirdPartyNetwork
    config: ThirdPartyConfig

    def __init__(self, source: ThirdPartyNetwork) -> None:
        super().__init__(source)
        self.feature_channels = 0

    def runs(self, backend: str, precision: str) -> bool:
        """Torch only, in what the network was made for."""
        return backend == "torch" and precision in self.config.precisions

    def forward(self, x: Tensor) -> Tensor:
        """As ``Network.forward``."""
        result: Tensor = self.source(x)
        return result


def padded_size(size: tuple[int, int], config: ThirdPartyConfig) -> tuple[int, int]:
    """The least allowed (height, width) that holds ``size``."""
    least, step = max(LEAST_SIDE, config.minimum), config.multiple_of
    height, width = (-(-max(side, least) // step) * step for side in size)
    return (max(height, width),) * 2 if config.square else (height, width)


def working_values_of(sizes: Sequence[int], pixels: int) -> int:
    """Values in memory at once for each pixel, from what single layers take and give.

    Twice the largest layer: what is kept for skips beside it is not seen from outside.
    """
    return max(64, -(-2 * max(sizes, default=0) // pixels))


def layer_sizes(inputs: Any, output: Any) -> int:
    """Numbers in the tensors that a layer takes and gives."""
    values = [*inputs, output] if isinstance(inputs, tuple | list) else [inputs, output]
    return sum(value.numel() for value in values if isinstance(value, Tensor))
