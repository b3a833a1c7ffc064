"""The few operations that networks are made of when they are run.

Each architecture says once, in these words, what it computes (``InferenceNetwork.describe_body``
and ``describe_upsample``). Torch carries the words out at once; OpenVINO and ONNX make graphs of
them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srgan_desktop.core.networks.network import enlarge

V = TypeVar("V")


class Operations(Protocol[V]):
    """What can be done with values of (N, C, H, W); weights come in torch modules."""

    def conv(self, x: V, conv: nn.Conv2d) -> V:
        """Stride 1, padded with zeros so that height and width stay."""
        ...

    def activation(self, x: V, module: nn.Module) -> V:
        """PReLU, LeakyReLU, ReLU or Tanh."""
        ...

    def norm(self, x: V, module: nn.Module) -> V:
        """InstanceNorm2d with weights, or Identity."""
        ...

    def add(self, x: V, y: V, factor: float = 1.0) -> V:
        """x + factor * y."""
        ...

    def unsigned(self, x: V) -> V:
        """From -1..1 to 0..1."""
        ...

    def joined(self, parts: Sequence[V]) -> V:
        """The channels of all parts, in order."""
        ...

    def shuffled(self, x: V, step: int) -> V:
        """Pixel shuffle: (N, C * step**2, H, W) to (N, C, H * step, W * step)."""
        ...

    def repeated(self, x: V, step: int) -> V:
        """Each pixel ``step`` times in both directions."""
        ...

    def enlarged(self, x: V, scale: int, method: Literal["bilinear", "bicubic"]) -> V:
        """As ``network.enlarge``."""
        ...


class TorchOperations:
    """``Operations`` on tensors, done at once."""

    def conv(self, x: Tensor, conv: nn.Conv2d) -> Tensor:
        result: Tensor = conv(x)
        return result

    def activation(self, x: Tensor, module: nn.Module) -> Tensor:
        result: Tensor = module(x)
        return result

    def norm(self, x: Tensor, module: nn.Module) -> Tensor:
        result: Tensor = module(x)
        return result

    def add(self, x: Tensor, y: Tensor, factor: float = 1.0) -> Tensor:
        return torch.add(x, y, alpha=factor)

    def unsigned(self, x: Tensor) -> Tensor:
        return x * 0.5 + 0.5

    def joined(self, parts: Sequence[Tensor]) -> Tensor:
        return torch.cat(list(parts), 1)

    def shuffled(self, x: Tensor, step: int) -> Tensor:
        return F.pixel_shuffle(x, step)

    def repeated(self, x: Tensor, step: int) -> Tensor:
        return F.interpolate(x, scale_factor=step, mode="nearest")

    def enlarged(self, x: Tensor, scale: int, method: Literal["bilinear", "bicubic"]) -> Tensor:
        return enlarge(x, scale, method)


TORCH = TorchOperations()
