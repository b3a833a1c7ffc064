"""The discriminator of SRGAN (Ledig et al. 2017, arXiv:1609.04802, figure 4)."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from trainer.networks.discriminators.activation_maps import activation_maps

LEAKY_SLOPE = 0.2
DENSE_UNITS = 1024
POOLED_SIDE = 6
# of the last features two pixels a side are left: batch norm of a single one has no spread
LEAST_CROP = 17


class SrganDiscriminator(nn.Module):
    """Eight 3 x 3 convs that double the channels and halve the size by turns, two dense layers.

    Batch norm after all convs but the first. With ``pooling`` the last features are averaged to
    6 x 6, so that any crop of 17 pixels or more works; without it the dense layer is made for
    ``crop`` pixels a side, as in the paper.

    ``forward``: (N, colours, crop, crop) on 0..1 to logits (N, 1).
    """

    def __init__(self, colours: int, crop: int, channels: int = 64, pooling: bool = False) -> None:
        super().__init__()
        if crop < LEAST_CROP or (not pooling and crop % 16):
            raise UsageError(
                tr(
                    "the srgan discriminator needs crops of 32, 48, 64, ... pixels, not {crop} "
                    "(data.crop less loss.jitter); with discriminator.pooling {least} or more do",
                    crop=crop,
                    least=LEAST_CROP,
                )
            )
        layers: list[nn.Module] = []
        inputs = colours
        for level in range(4):
            width = channels * 2**level
            for stride in (1, 2):
                layers.append(nn.Conv2d(inputs, width, 3, stride, 1))
                if layers[1:]:
                    layers.append(nn.BatchNorm2d(width))
                layers.append(nn.LeakyReLU(LEAKY_SLOPE))
                inputs = width
        side = POOLED_SIDE if pooling else crop // 16
        self.features = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d(POOLED_SIDE) if pooling else nn.Identity()
        self.judge = nn.Sequential(
            nn.Flatten(),
            nn.Linear(inputs * side * side, DENSE_UNITS),
            nn.LeakyReLU(LEAKY_SLOPE),
            nn.Linear(DENSE_UNITS, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.judge(self.pool(self.features(2 * x - 1))))

    def feature_maps(self, x: Tensor) -> list[Tensor]:
        """What each activation of the convs gives for (N, colours, H, W) on 0..1, first to last."""
        return activation_maps(self.features, 2 * x - 1)
