"""Networks that tell photos from enlarged pictures, one a file.

They take float (N, colours, H, W) on 0..1, but for one that takes features of them, and return raw
logits: above 0 for "a photo". No sigmoid:
the losses in ``trainer.losses.adversarial`` want logits.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from trainer.config.loss_settings import DiscriminatorConfig
from trainer.networks.discriminators.features import FeatureDiscriminator
from trainer.networks.discriminators.patch import PatchDiscriminator
from trainer.networks.discriminators.srgan import SrganDiscriminator
from trainer.networks.discriminators.stride4 import Stride4Discriminator
from trainer.networks.discriminators.unet import UNetDiscriminator
from trainer.networks.features import layer_widths


def build_discriminator(
    config: DiscriminatorConfig, colours: int, crop: int, layers: Sequence[str] = ()
) -> nn.Module:
    """The network of ``config`` for HR crops of ``crop`` pixels a side.

    Args:
        layers: of VGG, whose features kind "features" judges.

    Raises:
        UsageError: the crop does not fit the network.
    """
    if config.kind == "srgan":
        network: nn.Module = SrganDiscriminator(colours, crop, config.channels, config.pooling)
    elif config.kind == "stride4":
        network = Stride4Discriminator(colours, crop, config.channels)
    elif config.kind == "patch":
        network = PatchDiscriminator(colours, crop, config.channels)
    elif config.kind == "features":
        network = FeatureDiscriminator(layer_widths(layers), config.channels)
    else:
        network = UNetDiscriminator(colours, crop, config.channels)
    if config.spectral_norm:
        add_spectral_norm(network)
    return network


def add_spectral_norm(network: nn.Module) -> None:
    """Spectral normalisation (Miyato et al. 2018) on every conv and dense layer, in place."""
    for module in list(network.modules()):
        if isinstance(module, nn.Conv2d | nn.Linear) and not hasattr(module, "parametrizations"):
            nn.utils.parametrizations.spectral_norm(module)
