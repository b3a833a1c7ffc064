"""Networks as they are run, not trained: same function, fewer and better-shaped operations."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srgan_desktop.core.networks.network import INTERPOLATION_RADIUS, Network, NetworkConfig
from srgan_desktop.core.networks.operations import TORCH, Operations
from srgan_desktop.core.networks.srresnet import (
    ResidualBlock,
    SRResNet,
    SRResNetConfig,
    SubpixelUpsample,
    fold_batch_norm,
)

# input pixels upsampled at once; on processors larger strips were no faster
STRIP_PIXELS = 128 * 128
MIN_STRIP_ROWS = 16

V = TypeVar("V")


class InferenceNetwork(nn.Module):
    """A trained network made ready to be run, in eval mode and without gradients.

    The work is in two halves: the body makes features at the input's resolution and sees far, the
    upsampling makes pixels of them, needs many times the memory and sees a few features around it.
    ``upsample_in_strips`` therefore lets a tile be as large as its body allows, which keeps the
    share of pixels that neighbouring tiles compute twice small.

    Attributes:
        source: the network whose weights are used.
        config: that network's.
        feature_channels: of what the body gives.
        strip_pixels: input pixels that are upsampled at once.
    """

    feature_channels: int
    strip_pixels: int
    # no way to run it on an accelerator
    on_processor_only = False

    def __init__(self, source: Network) -> None:
        super().__init__()
        self.source = source
        self.config: NetworkConfig = source.config
        self.strip_pixels = STRIP_PIXELS
        self.eval().requires_grad_(False)

    def runs(self, backend: str, precision: str) -> bool:
        """Whether it may be run in this way ("torch" or "openvino") and precision at all."""
        return True

    def describe_body(self, ops: Operations[V], x: V) -> V:
        """From pictures to features at their resolution."""
        raise NotImplementedError

    def describe_upsample(self, ops: Operations[V], features: V) -> V:
        """From features to what the last conv gives."""
        raise NotImplementedError

    def describe_finish(self, ops: Operations[V], x: V, y: V) -> V:
        """As ``Network.finish``, for graphs that hold all of the network."""
        if self.config.skip == "none":
            return y
        return ops.add(ops.enlarged(x, self.config.scale, self.config.skip), y)

    def body(self, x: Tensor) -> Tensor:
        """(N, colours, H, W) to features (N, feature_channels, H, W) in the weights' dtype."""
        return self.describe_body(TORCH, x.to(next(self.parameters()).dtype))

    def upsample(self, features: Tensor) -> Tensor:
        """Features to what the last conv gives, (N, colours, H * scale, W * scale)."""
        return self.describe_upsample(TORCH, features)

    def finish(self, x: Tensor, y: Tensor) -> Tensor:
        """As ``Network.finish``."""
        return self.source.finish(x, y)

    def forward(self, x: Tensor) -> Tensor:
        """As ``Network.forward``, and also for a single pixel where there is instance norm."""
        if x.shape[-2:] == (1, 1) and not self.config.is_local:
            # torch refuses to take the variance of one value
            return self.forward(x.repeat(1, 1, 1, 2))[..., : self.config.scale]
        residual = upsample_in_strips(self.body(x), self.upsample, self.config, self.strip_pixels)
        return self.finish(x, residual)


class InferenceGenerator(InferenceNetwork):
    """SRResNet with batch norm folded and its last conv moved before the last shuffle.

    The last conv (9 x 9, three outputs) runs at full resolution with so few output channels that
    matrix units idle, and behind a shuffle that moves 64 full-size channels. A pixel shuffle only
    reorders, so a conv behind it equals a larger-stepped conv before it: with step r, every output
    phase (a, b) is its own kernel over the r * r times as many channels. The activation between
    them works on each value alone (one slope for all channels) and so does not mind the order.
    """

    source: SRResNet
    config: SRResNetConfig

    def __init__(self, generator: SRResNet) -> None:
        super().__init__(fold_batch_norm(generator))
        self.feature_channels = self.config.channels
        self.tail = self.source.tail
        if self.config.upsampling == "steps":
            self.tail = merged_tail(self.source.tail, self.config.upsampling_steps[-1])
        self.eval().requires_grad_(False)

    def describe_body(self, ops: Operations[V], x: V) -> V:
        net = self.source
        features = ops.activation(ops.conv(x, net.head), net.head_act)
        y = features
        for block in net.blocks:
            y = _residual_block(ops, y, cast(ResidualBlock, block))
        return ops.add(features, ops.norm(ops.conv(y, net.trunk), net.trunk_norm))

    def describe_upsample(self, ops: Operations[V], features: V) -> V:
        if self.config.upsampling == "single":
            return ops.shuffled(ops.conv(features, self.tail), self.config.scale)
        *stages, last = cast("list[SubpixelUpsample]", list(self.source.upsample))
        y = features
        for stage in stages:
            y = ops.shuffled(ops.conv(y, stage.conv), stage.shuffle.upscale_factor)
            y = ops.activation(y, stage.act)
        y = ops.activation(ops.conv(y, last.conv), last.act)
        return ops.shuffled(ops.conv(y, self.tail), last.shuffle.upscale_factor)

    def describe_finish(self, ops: Operations[V], x: V, y: V) -> V:
        if self.config.skip != "none":
            return super().describe_finish(ops, x, y)
        if self.config.output == "tanh":
            y = ops.activation(y, nn.Tanh())
        return ops.unsigned(y)


def _residual_block(ops: Operations[V], x: V, block: ResidualBlock) -> V:
    y = ops.activation(ops.norm(ops.conv(x, block.conv1), block.norm1), block.act)
    return ops.add(x, ops.norm(ops.conv(y, block.conv2), block.norm2))


def upsample_context(config: NetworkConfig) -> int:
    """Features beyond a place that ``upsample`` looks at."""
    return math.ceil(config.upsample_radius)


def finish_context(config: NetworkConfig) -> int:
    """Features and pixels beyond a place that ``upsample`` and ``finish`` look at."""
    skip = INTERPOLATION_RADIUS if config.skip != "none" else 0
    return max(upsample_context(config), skip)


def upsample_in_strips(
    features: Tensor,
    upsample: Callable[[Tensor], Tensor],
    config: NetworkConfig,
    strip_pixels: int,
) -> Tensor:
    """``upsample(features)`` as float32, computed in strips of rows where it is large."""
    height, width = features.shape[-2:]
    rows = max(MIN_STRIP_ROWS, strip_pixels // width)
    if rows >= height:
        return upsample(features).float()
    scale, context = config.scale, upsample_context(config)
    result = torch.empty(
        (len(features), config.colours, height * scale, width * scale),
        device=features.device,
        memory_format=torch.channels_last,
    )
    for start in range(0, height, rows):
        stop = min(start + rows, height)
        top = max(0, start - context)
        strip = upsample(features[:, :, top : stop + context])
        first = (start - top) * scale
        result[:, :, start * scale : stop * scale] = strip.narrow(2, first, (stop - start) * scale)
    return result


def merged_tail(tail: nn.Conv2d, step: int) -> nn.Conv2d:
    """The conv before a pixel shuffle by ``step`` that equals ``tail`` behind it.

    Returns:
        A conv from step**2 * C to step**2 * outputs channels, to be followed by the shuffle.
    """
    weight = merged_weight(tail.weight.detach().float(), step)
    outputs, inputs, size, _ = weight.shape
    merged = nn.Conv2d(inputs, outputs, size, padding=size // 2)
    with torch.no_grad():
        merged.weight.copy_(weight)
        bias = torch.zeros(outputs // step**2) if tail.bias is None else tail.bias.float()
        cast(Tensor, merged.bias).copy_(bias.repeat_interleave(step**2))
    return merged


def merged_weight(weight: Tensor, step: int) -> Tensor:
    """The kernel before a pixel shuffle by ``step`` that does what ``weight`` does behind it.

    Args:
        weight: (outputs, channels, K, K), K odd.

    Returns:
        (outputs * step**2, channels * step**2, k, k), k odd; differentiable.
    """
    outputs, channels, kernel, _ = weight.shape
    radius = kernel // 2
    reach = -(-radius // step)
    size = 2 * reach + 1
    phases = []
    for row in range(step):
        for column in range(step):
            left, top = step * reach + column - radius, step * reach + row - radius
            right, bottom = (step * size - kernel - n for n in (left, top))
            phases.append(F.pad(weight, (left, right, top, bottom)))
    fine = torch.stack(phases, 1).view(outputs, step**2, channels, size, step, size, step)
    # an input phase becomes a channel
    coarse = fine.permute(0, 1, 2, 4, 6, 3, 5)
    return coarse.reshape(outputs * step**2, channels * step**2, size, size)
