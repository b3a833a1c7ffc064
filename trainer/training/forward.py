"""The generator's forward pass as it is trained: the same function, fewer idle multipliers.

The last conv (9 x 9, three outputs) leaves matrix units mostly idle, and the shuffle before it
moves many full-size channels. A conv behind a pixel shuffle equals one before it with a kernel of
its own for each output phase, and the activation between does not mind the order. Unlike in
inference the merged kernel is made anew in each step, so that gradients reach the real one.

That is SRResNet's; the other architectures are trained as they are.
"""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn
from torch.nn import functional as F

from srgan_desktop.core.networks.inference import merged_weight
from srgan_desktop.core.networks.network import Network
from srgan_desktop.core.networks.srresnet import SRResNet, SubpixelUpsample


class TrainingForward(nn.Module):
    """``generator(x)`` up to rounding, in the mode the generator is in; holds no weights itself."""

    def __init__(self, generator: Network) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, x: Tensor) -> Tensor:
        """As ``Network.forward``."""
        net = self.generator
        if not isinstance(net, SRResNet):
            return cast(Tensor, net(x))
        features = net.head_act(net.head(x))
        features = features + net.trunk_norm(net.trunk(net.blocks(features)))
        *before, last = cast("list[SubpixelUpsample]", list(net.upsample))
        for stage in before:
            features = stage(features)
        step = last.shuffle.upscale_factor
        weight = merged_weight(net.tail.weight, step)
        bias = cast(Tensor, net.tail.bias).repeat_interleave(step**2)
        y = F.conv2d(last.act(last.conv(features)), weight, bias, padding=weight.shape[-1] // 2)
        return net.finish(x, F.pixel_shuffle(y, step))
