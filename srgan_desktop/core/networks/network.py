"""What every network of this program has in common: a config with facts, and a forward pass.

Each architecture has a module of its own with its config beside it; ``architectures`` lists them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr

if TYPE_CHECKING:
    from srgan_desktop.core.networks.activation_ranges import ActivationRanges

Skip = Literal["none", "bilinear", "bicubic"]

SCALES = (2, 3, 4, 8)
SKIPS = ("none", "bilinear", "bicubic")
LEAKY_SLOPE = 0.2
# LR pixels on each side that an interpolated enlargement reads
INTERPOLATION_RADIUS = 2


class NetworkConfig(Protocol):
    """A frozen dataclass that says how to build a network, and what follows from it.

    Attributes:
        architecture: which kind of network; one name for each config class.
        scale: enlargement factor, one of ``SCALES``.
        colours: 3 for RGB, 1 for grey pictures.
        skip: the network adds its output to the input enlarged this way, or stands alone.
        receptive_radius: how far, in LR pixels, an output pixel looks beyond its own place. Exact
            for local networks.
        upsample_radius: the part of it that comes after the features at the input's resolution.
        is_local: whether tiles with enough context give the pixels of one pass in eval mode.
        working_values: numbers for each LR pixel that are in memory at once, at most, while the
            features at the input's resolution are made.
    """

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def architecture(self) -> str: ...
    @property
    def scale(self) -> int: ...
    @property
    def colours(self) -> int: ...
    @property
    def skip(self) -> Skip: ...
    @property
    def receptive_radius(self) -> Fraction: ...
    @property
    def upsample_radius(self) -> Fraction: ...
    @property
    def is_local(self) -> bool: ...
    @property
    def working_values(self) -> int: ...


class Network(nn.Module):
    """LR pictures to SR pictures.

    ``forward`` takes float (N, colours, H, W), 0..1, and returns (N, colours, H*scale, W*scale),
    about 0..1 and not clamped. The convs run in the weights' dtype; the skip is added in the
    input's, so that a half-precision network keeps a full-precision base.

    Attributes:
        config: what it was built from.
        activation_ranges: what a model file said of them; None where it is not known.
    """

    config: NetworkConfig
    activation_ranges: ActivationRanges | None = None

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        raise NotImplementedError

    def finish(self, x: Tensor, y: Tensor) -> Tensor:
        """From the last conv's output ``y`` for input ``x`` to the picture, in x's dtype."""
        y = y.to(x.dtype)
        if self.config.skip == "none":
            return y
        return enlarge(x, self.config.scale, self.config.skip) + y


def enlarge(x: Tensor, scale: int, method: Literal["bilinear", "bicubic"]) -> Tensor:
    """(N, C, H, W) to (N, C, H*scale, W*scale) by plain interpolation, edges repeated."""
    return F.interpolate(x, scale_factor=scale, mode=method, align_corners=False)


def activation(kind: str) -> nn.Module:
    """ "prelu" (one slope for all channels), "leaky_relu", "tanh" or "relu"."""
    if kind == "prelu":
        return nn.PReLU(init=0.25)
    if kind == "leaky_relu":
        return nn.LeakyReLU(LEAKY_SLOPE)
    return nn.Tanh() if kind == "tanh" else nn.ReLU()


def same_conv(inputs: int, outputs: int, kernel: int) -> nn.Conv2d:
    """A conv that keeps height and width."""
    return nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2)


def upsampling_steps(scale: int) -> tuple[int, ...]:
    """The factors by which a network grows in turn to reach ``scale``."""
    return (3,) if scale == 3 else (2,) * int(math.log2(scale))


def with_skip_radius(radius: Fraction, skip: Skip) -> Fraction:
    """``radius``, or that of the interpolated skip where it is larger."""
    return max(radius, Fraction(INTERPOLATION_RADIUS if skip != "none" else 0))


def he_initialise(network: nn.Module) -> None:
    """He initialisation of every conv, biases at zero; none where there is only a shape."""
    for module in network.modules():
        # drawing numbers that nobody keeps makes torch import its compiler: two seconds
        if isinstance(module, nn.Conv2d) and not module.weight.is_meta:
            nn.init.kaiming_normal_(module.weight, a=LEAKY_SLOPE)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


@torch.no_grad()
def shrink(conv: nn.Conv2d, factor: float) -> None:
    """Multiply a conv's weights."""
    conv.weight.mul_(factor)


def require_choice(name: str, value: object, allowed: Sequence[int | str]) -> None:
    """Raises UsageError where ``value`` is none of ``allowed``."""
    if value not in allowed or isinstance(value, bool | float):
        raise UsageError(
            tr(
                "{name} is one of {choices}, not {value}",
                name=name,
                choices=", ".join(map(str, allowed)),
                value=value,
            )
        )


def require_whole(name: str, value: object, most: int) -> None:
    """Raises UsageError where ``value`` is not a whole number from 1 to ``most``."""
    if type(value) is not int or not 1 <= value <= most:
        raise UsageError(
            tr("{name} is from 1 to {most}, not {value}", name=name, most=most, value=value)
        )


def require_kernel(name: str, value: object) -> None:
    """Raises UsageError where ``value`` is no odd size of a kernel."""
    if type(value) is not int or value not in range(1, 32, 2):
        raise UsageError(tr("{name} is odd and from 1 to 31, not {value}", name=name, value=value))


def require_widths(name: str, values: object, most: int = 64) -> tuple[int, ...]:
    """``values`` as a tuple, for JSON and TOML give lists.

    Raises:
        UsageError: not 1 to ``most`` whole numbers from 1 to 1024.
    """
    if not isinstance(values, list | tuple) or not 1 <= len(values) <= most:
        raise UsageError(
            tr(
                "{name} is a list of 1 to {most} numbers, not {value}",
                name=name,
                most=most,
                value=values,
            )
        )
    for value in values:
        require_whole(name, value, 1024)
    return tuple(values)
