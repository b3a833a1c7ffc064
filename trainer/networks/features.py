"""Features of VGG networks (Simonyan and Zisserman 2014), for content losses.

phi_i,j is the output of the j-th conv after the (i-1)-th and before the i-th max-pool. The stacks
are built here, with the indices that torchvision gives its ``features``, so that its published
weights fit and nothing but torch is needed to run them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr

# convs before each max-pool, and their channels
CONVS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
CHANNELS = (64, 128, 256, 512, 512)
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)


def layer_index(network: str, layer: str, *, before_activation: bool) -> int:
    """Where phi_i,j, written "i_j", lies among the ``features`` of a network.

    Raises:
        UsageError: there is no such layer.
    """
    match = re.fullmatch(r"(\d)_(\d)", layer)
    convs = CONVS[network]
    if (
        match is None
        or not 1 <= int(match[1]) <= 5
        or not 1 <= int(match[2]) <= convs[int(match[1]) - 1]
    ):
        raise UsageError(
            tr(
                "{network} has no layer {layer}; the deepest is 5_{last}",
                network=network,
                layer=layer,
                last=convs[-1],
            )
        )
    block, conv = int(match[1]) - 1, int(match[2]) - 1
    # each conv is followed by its ReLU, each block by its pool
    before = sum(2 * count + 1 for count in convs[:block]) + 2 * conv
    return before if before_activation else before + 1


def layer_widths(layers: Sequence[str]) -> list[int]:
    """Channels of each of ``layers``, written "i_j"."""
    return [CHANNELS[int(layer[0]) - 1] for layer in layers]


def build_features(network: str, last_index: int) -> nn.Sequential:
    """The stack up to and with ``last_index``, weights not loaded."""
    layers: list[nn.Module] = []
    inputs = 3
    for count, width in zip(CONVS[network], CHANNELS, strict=True):
        for _ in range(count):
            layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.ReLU()]
            inputs = width
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers[: last_index + 1])


class VggFeatures(nn.Module):
    """Several layers of a VGG network at once, frozen.

    ``forward``: (N, 1 or 3, H, W) on 0..1 to one feature map a layer, in the order asked for.

    Args:
        network: "vgg16" or "vgg19".
        layers: as "5_4".
        weights: tensors with torchvision's keys, with or without "features." before them.
        before_activation: take the conv's output, as ESRGAN does, not the ReLU's.
        heads: of LPIPS, one (1, C, 1, 1) a layer; kept beside the network, none if not asked for.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(
        self,
        network: str,
        layers: Sequence[str],
        weights: dict[str, Tensor],
        *,
        before_activation: bool = False,
        heads: Sequence[Tensor] = (),
    ) -> None:
        super().__init__()
        self._taps = [
            layer_index(network, layer, before_activation=before_activation) for layer in layers
        ]
        self.stack = build_features(network, max(self._taps))
        plain = {key.removeprefix("features."): value.float() for key, value in weights.items()}
        self.stack.load_state_dict({key: plain[key] for key in self.stack.state_dict()})
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor(DEVIATION).view(1, 3, 1, 1))
        self._heads = nn.ParameterList(heads)
        self.eval().requires_grad_(False)

    @property
    def heads(self) -> list[Tensor]:
        """Where the network is: on its device."""
        return list(self._heads)

    def forward(self, x: Tensor) -> list[Tensor]:
        y = (x.expand(-1, 3, -1, -1) - self.mean) / self.deviation
        found: dict[int, Tensor] = {}
        for index, layer in enumerate(self.stack):
            y = layer(y)
            if index in self._taps:
                found[index] = y
        return [found[index] for index in self._taps]
