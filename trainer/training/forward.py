"""The generator's forward pass in training: the same function with less wasted work.

The last conv (9 x 9, three outputs) leaves matrix units mostly idle, and the shuffle before it
moves many full-size channels. A conv behind a pixel shuffle equals one before it with a kernel of
its own for each output phase, and the activation between does not mind the order. Unlike in
inference the merged kernel is rebuilt in each step, so that gradients reach the real one.

That is SRResNet's, and that of a network which adapts and so is one SRResNet for each strength of
degradation; the other architectures are trained as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F

from srgan_desktop.core.networks.dasr import Dasr
from srgan_desktop.core.networks.inference import merged_weight
from srgan_desktop.core.networks.network import Network
from srgan_desktop.core.networks.srresnet import SRResNet, SubpixelUpsample
from trainer.config.run_config import RunConfig


class TrainingForward(nn.Module):
    """``generator(x)`` up to rounding, in the mode the generator is in; holds no weights itself."""

    def __init__(self, generator: Network) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, x: Tensor, shift: Tensor | None = None) -> Tensor:
        """As ``Network.forward``; ``shift`` (N, channels) is added to what the first conv gives."""
        net = self.generator
        if not isinstance(net, SRResNet):
            return cast(Tensor, net(x))
        features = net.head(x)
        if shift is not None:
            features = features + shift.to(features.dtype)[:, :, None, None]
        features = net.head_act(features)
        features = features + net.trunk_norm(net.trunk(net.blocks(features)))
        if net.config.upsampling == "single":
            return net.finish(x, F.pixel_shuffle(net.tail(features), net.config.scale))
        *before, last = cast("list[SubpixelUpsample]", list(net.upsample))
        for stage in before:
            features = stage(features)
        step = last.shuffle.upscale_factor
        weight = merged_weight(net.tail.weight, step)
        bias = cast(Tensor, net.tail.bias).repeat_interleave(step**2)
        y = F.conv2d(last.act(last.conv(features)), weight, bias, padding=weight.shape[-1] // 2)
        return net.finish(x, F.pixel_shuffle(y, step))


class AdaptiveForward(nn.Module):
    """A network that adapts, as it is trained: one mixture for each run of pictures alike."""

    def __init__(self, generator: Dasr) -> None:
        super().__init__()
        self.generator = generator
        self.mixture = TrainingForward(generator.experts)

    def forward(self, x: Tensor) -> Tensor:
        """All pictures by the mixture of what is predicted of them on the average."""
        weights = self.generator.mixed(self.generator.predict(x).mean(0, keepdim=True))
        return self._enlarged(x, weights[0])

    def adapted(self, x: Tensor, strengths: Tensor, is_given: Tensor) -> tuple[Tensor, Tensor]:
        """The enlarged pictures, and the strengths (N, 4) that were predicted of each.

        Args:
            strengths: (N, 4) on the CPU, NaN where unknown; neighbours with the same share a
                mixture.
            is_told: bool (N,) on the CPU: whether it is made by these strengths. Else it is made
                by the mean of those predicted, which learn from being right alone: otherwise they
                would come to mean something else than what a person sets.
        """
        predicted = self.generator.predict(x)
        if self.generator.config.conditioning == "channels":
            use_given = is_given.to(x.device)[:, None]
            given = strengths.nan_to_num().to(x.device)
            guides = torch.where(use_given, given, predicted.detach().float())
            return self._shifted(x, guides), predicted
        alike = list(_alike(strengths))
        guides = torch.stack(
            [
                strengths[rows][0].to(x.device)
                if bool(is_given[rows][0])
                else predicted[rows].detach().mean(0)
                for rows in alike
            ]
        )
        weights = self.generator.mixed(guides)
        parts = [self._enlarged(x[rows], own) for rows, own in zip(alike, weights, strict=True)]
        return torch.cat(parts), predicted

    def _shifted(self, x: Tensor, guides: Tensor) -> Tensor:
        """Each picture by its own strengths (N, 4), all in one pass: conditioning "channels"."""
        weights = self.generator.mixed(torch.zeros_like(guides[:1]))[0]
        named = {f"generator.{name}": value for name, value in weights.items()}
        with torch.autocast(x.device.type, enabled=False):
            shift = self.generator.head_shift(guides)
        return cast(Tensor, functional_call(self.mixture, named, (x, shift)))

    def _enlarged(self, x: Tensor, weights: dict[str, Tensor]) -> Tensor:
        named = {f"generator.{name}": value for name, value in weights.items()}
        return cast(Tensor, functional_call(self.mixture, named, (x,)))


def _alike(strengths: Tensor) -> Iterator[slice]:
    """Runs of equal rows."""
    first = 0
    for place in range(1, len(strengths) + 1):
        if place == len(strengths) or not torch.equal(strengths[place], strengths[first]):
            yield slice(first, place)
            first = place


def training_forward(generator: Network) -> TrainingForward | AdaptiveForward:
    """The forward pass that belongs to ``generator``."""
    return AdaptiveForward(generator) if isinstance(generator, Dasr) else TrainingForward(generator)


def enlarged(
    config: RunConfig,
    forward: Callable[[Tensor], Tensor],
    lr: Tensor,
    strengths: Tensor,
    is_given: Tensor,
) -> tuple[Tensor, dict[str, Tensor]]:
    """A step's pictures through ``forward``, and the loss terms of how it adapted to them."""
    if not isinstance(forward, AdaptiveForward):
        return forward(lr), {}
    sr, predicted = forward.adapted(lr, strengths, is_given)
    known = (~strengths.isnan()).to(predicted)
    wrong = (predicted - strengths.nan_to_num().to(predicted)).abs() * known
    distance = wrong.sum() / known.sum().clamp(min=1)
    return sr, {"prediction": config.adaptive.prediction_weight * distance}
