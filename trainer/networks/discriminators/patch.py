"""PatchGAN, the discriminator of pix2pix (Isola et al. 2017, arXiv:1611.07004)."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr

LEAKY_SLOPE = 0.2
LEAST_CROP = 24


class PatchDiscriminator(nn.Module):
    """C64-C128-C256-C512 of 4 x 4 convs: each logit judges a patch of 70 x 70 pixels.

    ``forward``: (N, colours, H, W) on 0..1, sides of 24 or more, to logits (N, 1, H/8-2, W/8-2).
    """

    def __init__(self, colours: int, crop: int, channels: int = 64) -> None:
        super().__init__()
        if crop < LEAST_CROP:
            raise UsageError(
                tr(
                    "the patch discriminator needs crops of {least} pixels or more, not {crop} "
                    "(data.crop less loss.jitter)",
                    least=LEAST_CROP,
                    crop=crop,
                )
            )
        layers: list[nn.Module] = [
            nn.Conv2d(colours, channels, 4, 2, 1),
            nn.LeakyReLU(LEAKY_SLOPE),
        ]
        for level, stride in ((1, 2), (2, 2), (3, 1)):
            width = channels * 2**level
            layers += [
                nn.Conv2d(width // 2, width, 4, stride, 1, bias=False),
                nn.BatchNorm2d(width),
                nn.LeakyReLU(LEAKY_SLOPE),
            ]
        layers.append(nn.Conv2d(channels * 8, 1, 4, 1, 1))
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.layers(2 * x - 1))
