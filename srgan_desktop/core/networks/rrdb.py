"""RRDB, the generator of ESRGAN (Wang et al. 2018, arXiv:1809.00219, section 3.1).

The default config is the paper's network: 23 residual-in-residual dense blocks of 64 channels that
grow by 32, no normalisation, nearest-neighbour upsampling, 16.7 M parameters at x4. It draws finer
than SRResNet and takes seven times the work. The skip from an interpolated input is not in the
paper: with it a network gives a picture from its first step on.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeVar, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srgan_desktop.core.networks.inference import InferenceNetwork
from srgan_desktop.core.networks.network import (
    LEAKY_SLOPE,
    SCALES,
    SKIPS,
    Network,
    Skip,
    he_initialise,
    require_choice,
    require_whole,
    same_conv,
    shrink,
    upsampling_steps,
    with_skip_radius,
)
from srgan_desktop.core.networks.operations import Operations

V = TypeVar("V")

# what a dense block, and three of them together, add to their input is multiplied by this
RESIDUAL_SCALE = 0.2
DENSE_CONVS = 5
DENSE_BLOCKS = 3
INITIAL_SCALE = 0.1


@dataclass(frozen=True)
class RrdbConfig:
    """Everything needed to build the network; stored beside the weights.

    Attributes:
        scale: enlargement factor, one of 2, 3, 4, 8.
        blocks: residual-in-residual dense blocks, 1 or more.
        channels: feature channels between the blocks, 1 or more.
        growth: feature channels that each conv in a dense block adds, 1 or more.
        colours: 3 for RGB, 1 for grey pictures.
        skip: the network adds its output to the input enlarged this way, or stands alone.
    """

    scale: int = 4
    blocks: int = 23
    channels: int = 64
    growth: int = 32
    colours: int = 3
    skip: Skip = "none"
    architecture: Literal["rrdb"] = "rrdb"

    def __post_init__(self) -> None:
        require_choice("scale", self.scale, SCALES)
        require_choice("colours", self.colours, (1, 3))
        require_choice("skip", self.skip, SKIPS)
        require_choice("architecture", self.architecture, ("rrdb",))
        require_whole("blocks", self.blocks, 256)
        require_whole("channels", self.channels, 1024)
        require_whole("growth", self.growth, 1024)

    @property
    def receptive_radius(self) -> Fraction:
        """Of one conv before the blocks and one behind them, all in the blocks, and the rest."""
        body = Fraction(2 + self.blocks * DENSE_BLOCKS * DENSE_CONVS)
        return with_skip_radius(body + self.upsample_radius, self.skip)

    @property
    def upsample_radius(self) -> Fraction:
        """A 3 x 3 conv behind each enlargement and two more at the end."""
        radius, resolution = Fraction(0), 1
        for step in upsampling_steps(self.scale):
            resolution *= step
            radius += Fraction(1, resolution)
        return radius + Fraction(2, resolution)

    @property
    def is_local(self) -> bool:
        return True

    @property
    def working_values(self) -> int:
        """All features of a dense block, joined in steps, and the inputs of what is around it."""
        return 3 * (self.channels + (DENSE_CONVS - 1) * self.growth) + 4 * self.channels


class DenseBlock(nn.Module):
    """Five convs, each of which sees what all before it gave; the last one's result is added."""

    def __init__(self, config: RrdbConfig) -> None:
        super().__init__()
        width, growth = config.channels, config.growth
        self.convs = nn.ModuleList(
            same_conv(width + i * growth, growth, 3) for i in range(DENSE_CONVS - 1)
        )
        self.last = same_conv(width + (DENSE_CONVS - 1) * growth, width, 3)
        self.act = nn.LeakyReLU(LEAKY_SLOPE)

    def forward(self, x: Tensor) -> Tensor:
        seen = x
        for conv in self.convs:
            seen = torch.cat([seen, self.act(conv(seen))], 1)
        return torch.add(x, self.last(seen), alpha=RESIDUAL_SCALE)


class ResidualDenseBlocks(nn.Module):
    """Three dense blocks, and the input added: the RRDB itself."""

    def __init__(self, config: RrdbConfig) -> None:
        super().__init__()
        self.dense = nn.Sequential(*(DenseBlock(config) for _ in range(DENSE_BLOCKS)))

    def forward(self, x: Tensor) -> Tensor:
        return torch.add(x, self.dense(x), alpha=RESIDUAL_SCALE)


class RrdbNetwork(Network):
    """See ``Network``."""

    config: RrdbConfig

    def __init__(self, config: RrdbConfig) -> None:
        super().__init__()
        self.config = config
        width = config.channels
        self.steps = upsampling_steps(config.scale)
        self.head = same_conv(config.colours, width, 3)
        self.blocks = nn.Sequential(*(ResidualDenseBlocks(config) for _ in range(config.blocks)))
        self.trunk = same_conv(width, width, 3)
        self.upsample = nn.ModuleList(same_conv(width, width, 3) for _ in self.steps)
        self.fine = same_conv(width, width, 3)
        self.tail = same_conv(width, config.colours, 3)
        self.act = nn.LeakyReLU(LEAKY_SLOPE)
        initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        features = self.head(x.to(self.head.weight.dtype))
        features = features + self.trunk(self.blocks(features))
        for step, conv in zip(self.steps, self.upsample, strict=True):
            features = self.act(conv(F.interpolate(features, scale_factor=step, mode="nearest")))
        return self.finish(x, self.tail(self.act(self.fine(features))))


def initialise(network: RrdbNetwork) -> None:
    """He initialisation, a tenth of it in the blocks, as the paper found best (section 3.1)."""
    he_initialise(network)
    for module in network.blocks.modules():
        if isinstance(module, nn.Conv2d):
            shrink(module, INITIAL_SCALE)
    # each block hands on its input 1.2 times, once plainly and once within its residual: 23 of them
    # would drown the features from before the blocks and shake the first pictures
    shrink(network.trunk, (1 + RESIDUAL_SCALE) ** -network.config.blocks)
    if network.config.skip != "none":
        shrink(network.tail, 0.01)


class InferenceRrdb(InferenceNetwork):
    """RRDB as it is run: upsampled in strips."""

    source: RrdbNetwork
    config: RrdbConfig

    def __init__(self, network: RrdbNetwork) -> None:
        super().__init__(network)
        self.feature_channels = network.config.channels

    def describe_body(self, ops: Operations[V], x: V) -> V:
        net = self.source
        features = ops.conv(x, net.head)
        y = features
        for block in net.blocks:
            inner = y
            for dense in cast(ResidualDenseBlocks, block).dense:
                inner = _dense_block(ops, inner, cast(DenseBlock, dense))
            y = ops.add(y, inner, RESIDUAL_SCALE)
        return ops.add(features, ops.conv(y, net.trunk))

    def describe_upsample(self, ops: Operations[V], features: V) -> V:
        net = self.source
        y = features
        for step, conv in zip(net.steps, net.upsample, strict=True):
            y = ops.conv(ops.repeated(y, step), cast(nn.Conv2d, conv))
            y = ops.activation(y, net.act)
        return ops.conv(ops.activation(ops.conv(y, net.fine), net.act), net.tail)


def _dense_block(ops: Operations[V], x: V, block: DenseBlock) -> V:
    seen = x
    for conv in block.convs:
        new = ops.activation(ops.conv(seen, cast(nn.Conv2d, conv)), block.act)
        seen = ops.joined([seen, new])
    return ops.add(x, ops.conv(seen, block.last), RESIDUAL_SCALE)
