"""SRCNN, the first of them (Dong et al. 2014, arXiv:1501.00092), on colour pictures.

Three convs that sharpen a picture already enlarged by bicubic interpolation. The default config is
the paper's 9-1-5 of 64 and 32 channels; 9-5-5 is ``middle_kernel`` 5. All the work is done at the
size of the result, so a network this small is as slow as one twenty times as large that works
before the enlargement: it is here to compare with.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeVar, cast

from torch import Tensor, nn

from srgan_desktop.core.networks.inference import InferenceNetwork
from srgan_desktop.core.networks.network import (
    INTERPOLATION_RADIUS,
    SCALES,
    Network,
    activation,
    enlarge,
    he_initialise,
    require_choice,
    require_kernel,
    require_widths,
    same_conv,
    shrink,
)
from srgan_desktop.core.networks.operations import Operations

V = TypeVar("V")


@dataclass(frozen=True)
class SrcnnConfig:
    """Everything needed to build the network; stored beside the weights.

    Attributes:
        scale: enlargement factor, one of 2, 3, 4, 8.
        widths: feature channels of the hidden convs, in order.
        colours: 3 for RGB, 1 for grey pictures.
        head_kernel, middle_kernel, tail_kernel: odd kernel sizes of the first conv, the other
            hidden ones, and the last.
        skip: the network adds its output to the enlarged input, or stands alone as in the paper.
    """

    scale: int = 4
    widths: tuple[int, ...] = (64, 32)
    colours: int = 3
    head_kernel: int = 9
    middle_kernel: int = 1
    tail_kernel: int = 5
    skip: Literal["none", "bicubic"] = "none"
    architecture: Literal["srcnn"] = "srcnn"

    def __post_init__(self) -> None:
        require_choice("scale", self.scale, SCALES)
        require_choice("colours", self.colours, (1, 3))
        require_choice("skip", self.skip, ("none", "bicubic"))
        require_choice("architecture", self.architecture, ("srcnn",))
        for name in ("head_kernel", "middle_kernel", "tail_kernel"):
            require_kernel(name, getattr(self, name))
        object.__setattr__(self, "widths", require_widths("widths", self.widths))

    @property
    def receptive_radius(self) -> Fraction:
        """That of the convs in pixels of the result, and of the interpolation before them."""
        middle = (len(self.widths) - 1) * Fraction(self.middle_kernel - 1, 2)
        ends = Fraction(self.head_kernel - 1, 2) + Fraction(self.tail_kernel - 1, 2)
        return (ends + middle) / self.scale + INTERPOLATION_RADIUS

    @property
    def upsample_radius(self) -> Fraction:
        """All of it: there is no work at the input's resolution."""
        return self.receptive_radius

    @property
    def is_local(self) -> bool:
        return True

    @property
    def working_values(self) -> int:
        """The input itself."""
        return self.colours


class Srcnn(Network):
    """See ``Network``."""

    config: SrcnnConfig

    def __init__(self, config: SrcnnConfig) -> None:
        super().__init__()
        self.config = config
        inputs = (config.colours, *config.widths)
        kernels = [config.head_kernel] + [config.middle_kernel] * (len(config.widths) - 1)
        self.hidden = nn.ModuleList(
            same_conv(*shape) for shape in zip(inputs, config.widths, kernels, strict=False)
        )
        self.act = activation("relu")
        self.tail = same_conv(config.widths[-1], config.colours, config.tail_kernel)
        he_initialise(self)
        if config.skip != "none":
            # the first step starts from the interpolated picture, not from noise on it
            shrink(self.tail, 0.01)

    def forward(self, x: Tensor) -> Tensor:
        y = enlarge(x, self.config.scale, "bicubic").to(self.tail.weight.dtype)
        for conv in self.hidden:
            y = self.act(conv(y))
        return self.finish(x, self.tail(y))


class InferenceSrcnn(InferenceNetwork):
    """SRCNN as it is run: in strips from the start."""

    source: Srcnn
    config: SrcnnConfig

    def __init__(self, network: Srcnn) -> None:
        super().__init__(network)
        self.feature_channels = network.config.colours

    def describe_body(self, ops: Operations[V], x: V) -> V:
        return x

    def describe_upsample(self, ops: Operations[V], features: V) -> V:
        y = ops.enlarged(features, self.config.scale, "bicubic")
        for conv in self.source.hidden:
            y = ops.activation(ops.conv(y, cast(nn.Conv2d, conv)), self.source.act)
        return ops.conv(y, self.source.tail)
