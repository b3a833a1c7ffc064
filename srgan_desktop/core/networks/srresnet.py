"""SRResNet, the generator of SRGAN (Ledig et al. 2017, arXiv:1609.04802, figure 4).

The default config is the paper's network: 16 residual blocks of 64 channels, 9-3-9 kernels, batch
norm, PReLU, sub-pixel upsampling, 1.55 M parameters at x4. The other settings are the variants
that are trained in practice: no normalisation with a skip from an interpolated input, instance
norm, leaky ReLU, tanh output, other scales, grey pictures.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.networks.network import (
    SCALES,
    SKIPS,
    Network,
    Skip,
    activation,
    enlarge,
    he_initialise,
    require_choice,
    require_kernel,
    require_whole,
    same_conv,
    shrink,
    upsampling_steps,
    with_skip_radius,
)

Norm = Literal["batch", "instance", "none"]
Activation = Literal["prelu", "leaky_relu", "relu"]
Output = Literal["linear", "tanh"]
Upsampling = Literal["steps", "single"]


@dataclass(frozen=True)
class SRResNetConfig:
    """Everything needed to build the network; stored beside the weights.

    Attributes:
        scale: enlargement factor, one of 2, 3, 4, 8.
        blocks: residual blocks, 1 or more.
        channels: feature channels, 1 or more.
        colours: 3 for RGB, 1 for grey pictures.
        head_kernel, block_kernel, tail_kernel: odd kernel sizes of the first conv, the convs in
            and after the blocks and before the sub-pixel shuffles, and the last conv.
        norm: normalisation in and after the blocks.
        activation: after the first conv, in the blocks and after each shuffle.
        output: "linear", or "tanh" as some public variants have it. Without a skip the last layer
            works on -1..1, as in the paper, and is mapped to 0..1.
        skip: the network adds its output to the input enlarged this way, or stands alone.
        upsampling: "steps" as in the paper: conv and shuffle by 2 or 3 until the size is reached,
            then the last conv. "single": one conv that gives all pixels of the result at once,
            and one shuffle, as in ESPCN; there is no tail then. At x4 it saves 45 % of the work.
    """

    scale: int = 4
    blocks: int = 16
    channels: int = 64
    colours: int = 3
    head_kernel: int = 9
    block_kernel: int = 3
    tail_kernel: int = 9
    norm: Norm = "batch"
    activation: Activation = "prelu"
    output: Output = "linear"
    skip: Skip = "none"
    upsampling: Upsampling = "steps"
    architecture: Literal["srresnet"] = "srresnet"

    def __post_init__(self) -> None:
        for name, allowed in _CHOICES.items():
            require_choice(name, getattr(self, name), allowed)
        for name, most in (("blocks", 256), ("channels", 1024)):
            require_whole(name, getattr(self, name), most)
        for name in ("head_kernel", "block_kernel", "tail_kernel"):
            require_kernel(name, getattr(self, name))
        if self.output == "tanh" and self.skip != "none":
            raise UsageError(
                tr("a tanh output leaves no room for a skip: choose output linear or skip none")
            )

    @property
    def upsampling_steps(self) -> tuple[int, ...]:
        """The factor of each sub-pixel shuffle before the last conv, in order."""
        return () if self.upsampling == "single" else upsampling_steps(self.scale)

    @property
    def receptive_radius(self) -> Fraction:
        """How far, in LR pixels, an output pixel looks beyond its own place.

        Exact for local networks; with instance norm every pixel sees the whole picture and the
        figure is that of the convs alone.
        """
        half = Fraction(self.block_kernel - 1, 2)
        body = Fraction(self.head_kernel - 1, 2) + half * (2 * self.blocks + 1)
        return with_skip_radius(body + self.upsample_radius, self.skip)

    @property
    def upsample_radius(self) -> Fraction:
        """The part of the radius that comes after the blocks."""
        half = Fraction(self.block_kernel - 1, 2)
        if self.upsampling == "single":
            return half
        radius, resolution = Fraction(0), 1
        for step in self.upsampling_steps:
            radius += half / resolution
            resolution *= step
        return radius + Fraction(self.tail_kernel - 1, 2) / resolution

    @property
    def is_local(self) -> bool:
        """Whether tiles with enough context give the very pixels of one pass in eval mode."""
        return self.norm != "instance"

    @property
    def working_values(self) -> int:
        """Features in and out of a block, two between, the skip over all blocks."""
        return 5 * self.channels


_CHOICES: dict[str, tuple[int | str, ...]] = {
    "scale": SCALES,
    "colours": (1, 3),
    "norm": ("batch", "instance", "none"),
    "activation": ("prelu", "leaky_relu", "relu"),
    "output": ("linear", "tanh"),
    "skip": SKIPS,
    "upsampling": ("steps", "single"),
    "architecture": ("srresnet",),
}


def _norm(kind: Norm, channels: int) -> nn.Module:
    if kind == "batch":
        return nn.BatchNorm2d(channels)
    if kind == "instance":
        return nn.InstanceNorm2d(channels, affine=True)
    return nn.Identity()


def _conv(config: SRResNetConfig, inputs: int, outputs: int, kernel: int) -> nn.Conv2d:
    # a bias before a normalisation would be subtracted again; it is kept with batch norm, where
    # the paper's implementations have it and folding absorbs it
    bias = config.norm != "instance"
    return nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=bias)


class ResidualBlock(nn.Module):
    """conv, norm, activation, conv, norm, and the input added."""

    def __init__(self, config: SRResNetConfig) -> None:
        super().__init__()
        width, kernel = config.channels, config.block_kernel
        self.conv1 = _conv(config, width, width, kernel)
        self.norm1 = _norm(config.norm, width)
        self.act = activation(config.activation)
        self.conv2 = _conv(config, width, width, kernel)
        self.norm2 = _norm(config.norm, width)

    def forward(self, x: Tensor) -> Tensor:
        y = self.act(self.norm1(self.conv1(x)))
        return cast(Tensor, x + self.norm2(self.conv2(y)))


class SubpixelUpsample(nn.Module):
    """conv to channels * step**2, pixel shuffle, activation."""

    def __init__(self, config: SRResNetConfig, step: int) -> None:
        super().__init__()
        width = config.channels
        self.conv = same_conv(width, width * step * step, config.block_kernel)
        self.shuffle = nn.PixelShuffle(step)
        self.act = activation(config.activation)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.act(self.shuffle(self.conv(x))))


class SRResNet(Network):
    """SRResNet; see ``Network`` for what goes in and comes out."""

    config: SRResNetConfig

    def __init__(self, config: SRResNetConfig) -> None:
        super().__init__()
        self.config = config
        width = config.channels
        self.head = same_conv(config.colours, width, config.head_kernel)
        self.head_act = activation(config.activation)
        self.blocks = nn.Sequential(*(ResidualBlock(config) for _ in range(config.blocks)))
        self.trunk = _conv(config, width, width, config.block_kernel)
        self.trunk_norm = _norm(config.norm, width)
        self.upsample = nn.Sequential(
            *(SubpixelUpsample(config, step) for step in config.upsampling_steps)
        )
        self.tail = last_conv(config)
        initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        features = self.head_act(self.head(x.to(self.head.weight.dtype)))
        features = features + self.trunk_norm(self.trunk(self.blocks(features)))
        y = self.tail(self.upsample(features))
        if self.config.upsampling == "single":
            y = F.pixel_shuffle(y, self.config.scale)
        return self.finish(x, y)

    def finish(self, x: Tensor, y: Tensor) -> Tensor:
        """From the last conv's output ``y`` for input ``x`` to the picture, in x's dtype."""
        y = y.to(x.dtype)
        if self.config.skip != "none":
            return enlarge(x, self.config.scale, self.config.skip) + y
        if self.config.output == "tanh":
            y = torch.tanh(y)
        return y * 0.5 + 0.5


def last_conv(config: SRResNetConfig) -> nn.Conv2d:
    """To the colours of a pixel, or to those of all pixels that an input pixel becomes."""
    if config.upsampling == "single":
        return same_conv(config.channels, config.colours * config.scale**2, config.block_kernel)
    return same_conv(config.channels, config.colours, config.tail_kernel)


def initialise(generator: SRResNet) -> None:
    """He initialisation, smaller where the signal is added to something (as in residual nets)."""
    he_initialise(generator)
    if generator.config.norm == "none":
        for block in generator.blocks:
            for conv in (block.conv1, block.conv2):
                shrink(cast(nn.Conv2d, conv), 0.1**0.5)
    if generator.config.skip != "none":
        # the first step starts from the interpolated picture, not from noise on it
        shrink(generator.tail, 0.01)


def fold_batch_norm(generator: SRResNet) -> SRResNet:
    """The same function as ``generator`` in eval mode, with every batch norm inside its conv.

    Returns a new network in eval mode whose config says norm "none"; one without batch norm is
    returned as it is.
    """
    if generator.config.norm != "batch":
        return generator
    folded = SRResNet(dataclasses.replace(generator.config, norm="none"))
    pairs = {"trunk": "trunk_norm"}
    for i in range(generator.config.blocks):
        pairs[f"blocks.{i}.conv1"] = f"blocks.{i}.norm1"
        pairs[f"blocks.{i}.conv2"] = f"blocks.{i}.norm2"
    source = generator.state_dict()
    state = {key: value for key, value in source.items() if "norm" not in key}
    for conv, norm in pairs.items():
        eps = cast(nn.BatchNorm2d, generator.get_submodule(norm)).eps
        gain = source[f"{norm}.weight"] / torch.sqrt(source[f"{norm}.running_var"] + eps)
        state[f"{conv}.weight"] = source[f"{conv}.weight"] * gain[:, None, None, None]
        state[f"{conv}.bias"] = (
            source[f"{conv}.bias"] - source[f"{norm}.running_mean"]
        ) * gain + source[f"{norm}.bias"]
    folded.load_state_dict(state)
    return folded.eval()
