"""How blurred, noisy and compressed a picture is, by a small network.

The paper of DASR (arXiv:2203.14216) has six convs and a mean over the picture for this. Here they
see what is left of the picture when its smooth parts are taken away, the colours apart from the
lightness, and statistics of that are handed to the last layers beside their features: so it is
found in thousands of steps that in hundreds of thousands of steps convs find by themselves.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srgan_desktop.core.networks.network import LEAKY_SLOPE, he_initialise, same_conv
from srgan_desktop.core.networks.strengths import LEAST_SIDE, STRENGTHS

# JFIF's lightness and colours
YCC = ((0.299, 0.587, 0.114), (-0.1687, -0.3313, 0.5), (0.5, -0.4187, -0.0813))
# levels of 255 by which a pixel may differ from its neighbours' mean, told apart by statistics
LEVELS = (0.25, 0.5, 1, 2, 4, 8, 16, 32)
# a picture is looked at as it is and made smaller by these
SIZES = (1, 2, 4)
BLOCK = 8  # of JPEG
# statistics lie around a half and differ little
MIDDLE, SPREAD = 0.5, 6.0
# lightness and colours before convs: how large what is seldom large is made
GAINS = (16.0, 64.0, 64.0)
_HIDDEN = 64


class StrengthPredictor(nn.Module):
    """Pictures to strengths."""

    def __init__(self, colours: int, width: int) -> None:
        super().__init__()
        self.first = same_conv(colours, width, 5)
        self.convs = nn.ModuleList(
            nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1)
            for inputs, outputs, stride in (
                (width, width, 1),
                (width, 2 * width, 2),
                (2 * width, 2 * width, 2),
            )
        )
        statistics = colours * (len(SIZES) * (len(LEVELS) + 1) + 2)
        self.hidden = nn.Linear(statistics + 4 * width, _HIDDEN)
        self.last = nn.Linear(_HIDDEN, len(STRENGTHS))
        he_initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        """float (N, colours, H, W), 0..1, to (N, strengths), 0..1; float32 at least."""
        missing = [max(0, LEAST_SIDE - side) for side in x.shape[-2:]]
        if any(missing):
            x = F.pad(x, (0, missing[1], 0, missing[0]), "replicate")
        with torch.autocast(x.device.type, enabled=False):
            planes = _planes(x if x.dtype == torch.float64 else x.float())
            gains = torch.tensor(GAINS[: planes.shape[1]], device=x.device)[:, None, None]
            details = torch.asinh(_details(planes) * gains)
            statistics = (_statistics(planes) - MIDDLE) * SPREAD
        features = self._pooled(details)
        with torch.autocast(x.device.type, enabled=False):
            found = torch.cat([statistics, features], 1).to(self.hidden.weight.dtype)
            hidden = F.leaky_relu(self.hidden(found), LEAKY_SLOPE)
            return torch.sigmoid(self.last(hidden))

    def _pooled(self, details: Tensor) -> Tensor:
        y = F.leaky_relu(self.first(details.to(self.first.weight.dtype)), LEAKY_SLOPE)
        for conv in self.convs:
            y = F.leaky_relu(conv(y), LEAKY_SLOPE)
        flat = y.flatten(2)
        flat = flat if flat.dtype == torch.float64 else flat.float()
        mean, spread = flat.mean(2), flat.std(2, correction=0)
        return torch.cat([mean / (spread + 0.1), (spread + 0.01).log()], 1)


def _planes(x: Tensor) -> Tensor:
    """Lightness and colours (N, 3, H, W), or the lightness alone (N, 1, H, W)."""
    if x.shape[1] == 1:
        return x
    return torch.einsum("pc,nchw->nphw", torch.tensor(YCC, device=x.device, dtype=x.dtype), x)


def _details(planes: Tensor) -> Tensor:
    """What each pixel differs by from the mean of its surroundings."""
    return planes - F.avg_pool2d(F.pad(planes, (1, 1, 1, 1), "replicate"), 3, 1)


def _statistics(planes: Tensor) -> Tensor:
    """(N, statistics): of the details at each size, and of the blocks."""
    parts = []
    for size in SIZES:
        details = _details(F.avg_pool2d(planes, size)).abs()
        parts.append((details.square().mean((2, 3)) + 1e-8).log() / 4 + 2)
        parts += [torch.tanh(details * (255 / level)).mean((2, 3)) for level in LEVELS]
    parts += [_blockiness(planes, axis) for axis in (2, 3)]
    return torch.cat(parts, 1)


def _blockiness(planes: Tensor, axis: int) -> Tensor:
    """(N, planes): how much larger steps between rows (2) or columns (3) are where blocks meet."""
    steps = planes.diff(dim=axis).abs().mean(5 - axis)
    by_phase = torch.stack([steps[..., phase::BLOCK].mean(-1) for phase in range(BLOCK)], -1)
    return ((by_phase.amax(-1) + 1e-3) / (by_phase.mean(-1) + 1e-3)).log()
