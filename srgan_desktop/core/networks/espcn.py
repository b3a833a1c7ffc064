"""ESPCN, the sub-pixel network (Shi et al. 2016, arXiv:1609.05158), on colour pictures.

A few convs at the input's resolution, the last of which gives all pixels of the result at once: a
fiftieth of SRResNet's work. The default config has the paper's layers, 5-3-3 kernels of 64 and 32
channels and tanh; the paper trains it on the luma alone, we on RGB. More widths make a deeper
network, and with a skip it trains fast.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeVar, cast

from torch import Tensor, nn
from torch.nn import functional as F

from srgan_desktop.core.networks.inference import InferenceNetwork
from srgan_desktop.core.networks.network import (
    SCALES,
    SKIPS,
    Network,
    Skip,
    activation,
    he_initialise,
    require_choice,
    require_kernel,
    require_widths,
    same_conv,
    shrink,
    with_skip_radius,
)
from srgan_desktop.core.networks.operations import Operations

V = TypeVar("V")
Activation = Literal["tanh", "relu", "leaky_relu", "prelu"]


@dataclass(frozen=True)
class EspcnConfig:
    """Everything needed to build the network; stored beside the weights.

    Attributes:
        scale: enlargement factor, one of 2, 3, 4, 8.
        widths: feature channels of the hidden convs, in order.
        colours: 3 for RGB, 1 for grey pictures.
        head_kernel, middle_kernel, tail_kernel: odd kernel sizes of the first conv, the other
            hidden ones, and the last.
        activation: after each hidden conv.
        skip: the network adds its output to the input enlarged this way, or stands alone.
    """

    scale: int = 4
    widths: tuple[int, ...] = (64, 32)
    colours: int = 3
    head_kernel: int = 5
    middle_kernel: int = 3
    tail_kernel: int = 3
    activation: Activation = "tanh"
    skip: Skip = "none"
    architecture: Literal["espcn"] = "espcn"

    def __post_init__(self) -> None:
        require_choice("scale", self.scale, SCALES)
        require_choice("colours", self.colours, (1, 3))
        require_choice("activation", self.activation, ("tanh", "relu", "leaky_relu", "prelu"))
        require_choice("skip", self.skip, SKIPS)
        require_choice("architecture", self.architecture, ("espcn",))
        for name in ("head_kernel", "middle_kernel", "tail_kernel"):
            require_kernel(name, getattr(self, name))
        object.__setattr__(self, "widths", require_widths("widths", self.widths))

    @property
    def receptive_radius(self) -> Fraction:
        """All convs are at the input's resolution."""
        middle = (len(self.widths) - 1) * Fraction(self.middle_kernel - 1, 2)
        radius = Fraction(self.head_kernel - 1, 2) + middle + self.upsample_radius
        return with_skip_radius(radius, self.skip)

    @property
    def upsample_radius(self) -> Fraction:
        """That of the last conv."""
        return Fraction(self.tail_kernel - 1, 2)

    @property
    def is_local(self) -> bool:
        return True

    @property
    def working_values(self) -> int:
        """Features in and out of a conv and of its activation, at the widest place."""
        return 3 * max(*self.widths, self.colours)


class Espcn(Network):
    """See ``Network``."""

    config: EspcnConfig

    def __init__(self, config: EspcnConfig) -> None:
        super().__init__()
        self.config = config
        inputs = (config.colours, *config.widths)
        kernels = [config.head_kernel] + [config.middle_kernel] * (len(config.widths) - 1)
        self.hidden = nn.ModuleList(
            same_conv(*shape) for shape in zip(inputs, config.widths, kernels, strict=False)
        )
        self.acts = nn.ModuleList(activation(config.activation) for _ in config.widths)
        self.tail = same_conv(
            config.widths[-1], config.colours * config.scale**2, config.tail_kernel
        )
        he_initialise(self)
        if config.skip != "none":
            # the first step starts from the interpolated picture, not from noise on it
            shrink(self.tail, 0.01)

    def forward(self, x: Tensor) -> Tensor:
        y = x.to(self.tail.weight.dtype)
        for conv, act in zip(self.hidden, self.acts, strict=True):
            y = act(conv(y))
        return self.finish(x, F.pixel_shuffle(self.tail(y), self.config.scale))


class InferenceEspcn(InferenceNetwork):
    """ESPCN as it is run: as it is."""

    source: Espcn
    config: EspcnConfig

    def __init__(self, network: Espcn) -> None:
        super().__init__(network)
        self.feature_channels = network.config.widths[-1]

    def describe_body(self, ops: Operations[V], x: V) -> V:
        for conv, act in zip(self.source.hidden, self.source.acts, strict=True):
            x = ops.activation(ops.conv(x, cast(nn.Conv2d, conv)), act)
        return x

    def describe_upsample(self, ops: Operations[V], features: V) -> V:
        return ops.shuffled(ops.conv(features, self.source.tail), self.config.scale)
