"""A plain discriminator of strided 4 x 4 convs with instance norm, one dense layer."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from trainer.networks.discriminators.activation_maps import activation_maps

LEAKY_SLOPE = 0.2


class Stride4Discriminator(nn.Module):
    """Convs of stride 2 from ``channels`` to eight times as many, then a dense layer.

    96-pixel crops end as 512 x 6 x 6. As many of the four convs are used as the crop allows to
    halve it and keep 3 pixels, so that small crops (28-pixel digits) work too.

    ``forward``: (N, colours, crop, crop) on 0..1 to logits (N, 1).
    """

    def __init__(self, colours: int, crop: int, channels: int = 64) -> None:
        super().__init__()
        if crop < 8:
            raise UsageError(
                tr(
                    "the stride4 discriminator needs crops of 8 pixels or more, not {crop} "
                    "(data.crop less loss.jitter)",
                    crop=crop,
                )
            )
        layers: list[nn.Module] = []
        inputs, side = colours, crop
        for level in range(4):
            if side // 2 < 3:
                break
            width = channels * 2**level
            layers.append(nn.Conv2d(inputs, width, 4, 2, 1, bias=level == 0))
            if level:
                layers.append(nn.InstanceNorm2d(width, affine=True))
            layers.append(nn.LeakyReLU(LEAKY_SLOPE))
            inputs, side = width, side // 2
        self.features = nn.Sequential(*layers)
        self.judge = nn.Sequential(nn.Flatten(), nn.Linear(inputs * side * side, 1))

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.judge(self.features(2 * x - 1)))

    def feature_maps(self, x: Tensor) -> list[Tensor]:
        """What each activation of the convs gives for (N, colours, H, W) on 0..1, first to last."""
        return activation_maps(self.features, 2 * x - 1)
