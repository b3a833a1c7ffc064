"""What the generator is asked to make small, and the network that it is to persuade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from trainer.config.setting import between, positive, setting

# of VGG16, which LPIPS compares
LPIPS_LAYERS = ("1_2", "2_2", "3_3", "4_3", "5_3")


@dataclass(frozen=True)
class LossConfig:
    """What the generator is asked to make small."""

    pixel: Literal["l1", "mse", "charbonnier"] = setting("l1", "pixel loss")
    pixel_weight: float = setting(1.0, "factor of the pixel loss; 0: none")
    tone_weight: float = setting(
        0.0,
        "factor of the tone loss, the distance of both pictures made small: brightness and "
        "contrast stay as they were; 0: none",
    )
    tone_side: int = setting(
        16, "how small: side of the squares that become one pixel, in pixels of the original"
    )
    grid_weight: float = setting(
        0.0,
        "factor of the grid loss, the part of the difference that repeats with the pixels of the "
        "small picture: no lattice where texture is invented; 0: none",
    )
    grid_side: int = setting(
        8, "over how much it must repeat: side of the squares, in pixels of the small picture"
    )
    jitter: int = setting(
        0,
        "content loss and discriminator see crops smaller by so many pixels, cut elsewhere in "
        "each step: keeps patterns of the upsampling's grid out; 0: whole crops",
    )

    def __post_init__(self) -> None:
        between("loss.pixel_weight", self.pixel_weight, 0, 1e9)
        between("loss.tone_weight", self.tone_weight, 0, 1e9)
        between("loss.tone_side", self.tone_side, 1, 4096)
        between("loss.grid_weight", self.grid_weight, 0, 1e9)
        between("loss.grid_side", self.grid_side, 2, 4096)
        between("loss.jitter", self.jitter, 0, 4096)


@dataclass(frozen=True)
class ContentConfig:
    """How the picture should look to another network."""

    weight: float = setting(0.0, "factor of the content loss; 0: none")
    texture_weight: float = setting(0.0, "factor of the Gram texture loss; 0: none")
    network: Literal["vgg19", "vgg16", "discriminator"] = setting(
        "vgg19", "whose features; discriminator: the adversary's own, needs no downloads"
    )
    layers: tuple[str, ...] = setting(("5_4",), "VGG layers phi_i,j, such as 2_2 and 5_4")
    layer_weights: tuple[float, ...] = setting((), "a factor for each layer; none: 1 each")
    before_activation: bool = setting(False, "take features before their ReLU, as ESRGAN does")
    distance: Literal["mse", "l1", "normalised", "lpips"] = setting(
        "mse",
        "distance of features; normalised: of their directions, as LPIPS compares them; lpips: "
        "that, and channels count as much as people notice them (vgg16; needs the package lpips)",
    )
    divisor: float = setting(12.75, "features are divided by this, as in the paper; 1: raw")
    file: str = setting("", "file with the VGG weights; empty: looked for, then downloaded")

    def __post_init__(self) -> None:
        between("content.weight", self.weight, 0, 1e9)
        between("content.texture_weight", self.texture_weight, 0, 1e9)
        positive("content.divisor", self.divisor)
        if self.needs_vgg and not self.layers:
            raise UsageError(tr("content.layers is empty: name some, such as 5_4"))
        if self.layer_weights and len(self.layer_weights) != len(self.layers):
            raise UsageError(
                tr(
                    "content.layer_weights has {n} numbers for {m} layers",
                    n=len(self.layer_weights),
                    m=len(self.layers),
                )
            )
        if self.distance == "lpips" and not self._are_those_of_lpips():
            raise UsageError(
                tr(
                    "content.distance lpips is made for content.network vgg16, content.layers "
                    "{layers}, after activation",
                    layers=", ".join(LPIPS_LAYERS),
                )
            )

    def _are_those_of_lpips(self) -> bool:
        plain = self.network == "vgg16" and not self.before_activation
        return plain and self.layers == LPIPS_LAYERS

    @property
    def wanted(self) -> bool:
        """Whether features play a part at all."""
        return self.weight > 0 or self.texture_weight > 0

    @property
    def needs_vgg(self) -> bool:
        return self.wanted and self.network != "discriminator"

    @property
    def least_side(self) -> int:
        """Pixels a side of which the deepest of VGG's layers has one left."""
        blocks = [layer[0] for layer in self.layers if layer[:1] in tuple("12345")]
        return max((2 ** (int(block) - 1) for block in blocks), default=1)


@dataclass(frozen=True)
class AdversarialConfig:
    """The contest of generator and discriminator; only for stage adversarial."""

    kind: Literal["bce", "lsgan", "hinge", "relativistic"] = setting(
        "bce", "adversarial loss; bce: the paper's"
    )
    weight: float = setting(1e-3, "factor of the adversarial loss of the generator")
    label_smoothing: float = setting(0.0, "taken off the discriminator's target for photos")
    learning_rate: float = setting(0.0, "the discriminator's; 0: as the generator's")
    r1_weight: float = setting(0.0, "factor of the R1 gradient penalty; 0: none")
    r1_every: int = setting(16, "steps between penalties, whose factor is multiplied by it")

    def __post_init__(self) -> None:
        between("adversarial.weight", self.weight, 0, 1e9)
        between("adversarial.label_smoothing", self.label_smoothing, 0, 0.5)
        between("adversarial.learning_rate", self.learning_rate, 0, 1)
        between("adversarial.r1_weight", self.r1_weight, 0, 1e9)
        between("adversarial.r1_every", self.r1_every, 1, 10**6)


@dataclass(frozen=True)
class DiscriminatorConfig:
    """The adversary of the generator; only for stage adversarial."""

    kind: Literal["srgan", "stride4", "patch", "unet", "features"] = setting(
        "srgan",
        "srgan: the paper's; stride4: four strided 4 x 4 convs; patch: as in pix2pix, judges "
        "70-pixel patches; unet: as in Real-ESRGAN, judges every pixel; features: as in Projected "
        "GANs, judges the features that the content loss compares",
    )
    channels: int = setting(64, "feature channels of the first conv")
    pooling: bool = setting(
        False, "srgan: pool to 6 x 6 before the dense layers, so that any crop size works"
    )
    spectral_norm: bool = setting(False, "divide each conv by its largest singular value")
    layers: tuple[str, ...] = setting(
        (), "features: which of content.layers; none: all but 1_1 and 1_2, which cost the most"
    )

    def __post_init__(self) -> None:
        between("discriminator.channels", self.channels, 1, 1024)
