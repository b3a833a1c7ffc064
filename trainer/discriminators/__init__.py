"""Networks that tell photos from enlarged pictures, one a file.

All take float (N, colours, H, W) on 0..1 and return raw logits: above 0 for "a photo". No sigmoid:
the losses in ``trainer.adversarial`` want logits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import nn

from srgan_desktop.core.errors import UsageError
from srgan_desktop.core.translation import tr
from trainer.config import setting
from trainer.discriminators.patch import PatchDiscriminator
from trainer.discriminators.srgan import SrganDiscriminator
from trainer.discriminators.stride4 import Stride4Discriminator
from trainer.discriminators.unet import UNetDiscriminator


@dataclass(frozen=True)
class DiscriminatorConfig:
    """The adversary of the generator."""

    kind: Literal["srgan", "stride4", "patch", "unet"] = setting(
        "srgan",
        "srgan: the paper's; stride4: four strided 4 x 4 convs; patch: as in pix2pix, judges "
        "70-pixel patches; unet: as in Real-ESRGAN, judges every pixel",
    )
    channels: int = setting(64, "feature channels of the first conv")
    pooling: bool = setting(
        False, "srgan: pool to 6 x 6 before the dense layers, so that any crop size works"
    )
    spectral_norm: bool = setting(False, "divide each conv by its largest singular value")

    def __post_init__(self) -> None:
        if self.channels < 1:
            raise UsageError(
                tr("discriminator.channels is at least 1, not {value}", value=self.channels)
            )


def build_discriminator(config: DiscriminatorConfig, colours: int, crop: int) -> nn.Module:
    """The network of ``config`` for HR crops of ``crop`` pixels a side.

    Raises:
        UsageError: the crop does not fit the network.
    """
    if config.kind == "srgan":
        network: nn.Module = SrganDiscriminator(colours, crop, config.channels, config.pooling)
    elif config.kind == "stride4":
        network = Stride4Discriminator(colours, crop, config.channels)
    elif config.kind == "patch":
        network = PatchDiscriminator(colours, config.channels)
    else:
        network = UNetDiscriminator(colours, config.channels)
    if config.spectral_norm:
        add_spectral_norm(network)
    return network


def add_spectral_norm(network: nn.Module) -> None:
    """Spectral normalisation (Miyato et al. 2018) on every conv and dense layer, in place."""
    for module in list(network.modules()):
        if isinstance(module, nn.Conv2d | nn.Linear) and not hasattr(module, "parametrizations"):
            nn.utils.parametrizations.spectral_norm(module)
