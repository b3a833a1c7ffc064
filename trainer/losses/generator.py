"""What the generator is asked to make small: pixel, content, texture and adversarial terms."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.events import relay
from srgan_desktop.core.base.translation import tr
from trainer.config.run_config import RunConfig
from trainer.data.degradations import sharpened
from trainer.losses.adversarial import generator_loss
from trainer.losses.content import feature_distance, texture_distance
from trainer.losses.jitter import jittered
from trainer.losses.pixel import PIXEL_LOSSES, grid_loss, tone_loss
from trainer.networks.features import VggFeatures
from trainer.networks.lpips_heads import heads_path, read_heads
from trainer.networks.vgg_weights import find_weights
from trainer.run.events import Fetching

Features = Callable[[Tensor], list[Tensor]]


@dataclass(frozen=True)
class Seen:
    """What the network of the content loss sees, a map a layer: float32 (N, C, H, W).

    Attributes:
        made: of enlarged pictures, with gradients.
        photos: of originals, without.
        target: the originals, (N, colours, H, W), as they are compared with.
    """

    made: list[Tensor]
    photos: list[Tensor]
    target: Tensor


@dataclass(frozen=True)
class GeneratorLoss:
    """The weighted sum of a config's terms.

    Attributes:
        config: of the run.
        features: of the content loss, None where there is none.
    """

    config: RunConfig
    features: Features | None

    def terms(
        self, sr: Tensor, hr: Tensor, step: int, seen: Seen | None = None
    ) -> dict[str, Tensor]:
        """Weighted terms that need no discriminator's verdict, by name; float32 scalars.

        Args:
            sr, hr: float32 (N, C, H, W), 0..1.
            step: of the run, by which a piece is chosen where ``loss.jitter`` asks for one.
            seen: what ``see`` gave for them, where it was called before.
        """
        loss, content = self.config.loss, self.config.content
        terms: dict[str, Tensor] = {}
        if loss.tone_weight:
            # with the original itself: a sharpened one has another tone
            terms["tone"] = loss.tone_weight * tone_loss(sr, hr, loss.tone_side)
        if loss.grid_weight:
            distance = grid_loss(sr, hr, self.config.generator.scale, loss.grid_side)
            terms["grid"] = loss.grid_weight * distance
        seen = seen or self.see(sr, hr, step)
        if loss.pixel_weight:
            target = self._target(hr) if seen is None else seen.target
            terms["pixel"] = loss.pixel_weight * PIXEL_LOSSES[loss.pixel](sr, target)
        if seen is None:
            return terms
        weights = self._layer_weights(len(seen.made))
        if content.weight:
            heads = self.features.heads if isinstance(self.features, VggFeatures) else ()
            distance = feature_distance(seen.made, seen.photos, weights, content.distance, heads)
            terms["content"] = content.weight * distance
        if content.texture_weight:
            distance = texture_distance(seen.made, seen.photos, weights)
            terms["texture"] = content.texture_weight * distance
        return terms

    def see(self, sr: Tensor, hr: Tensor, step: int) -> Seen | None:
        """Features of both, as the content loss compares them; None where there is none."""
        if self.features is None:
            return None
        target = self._target(hr)
        made = self._features(self.features, self.judged(sr, step))
        with torch.no_grad():
            photos = self._features(self.features, self.judged(target, step))
        return Seen(made, photos, target)

    def judged(self, pictures: Tensor, step: int) -> Tensor:
        """What the content loss and the discriminator see of ``pictures`` (N, C, H, W)."""
        return jittered(pictures, self.config.loss.jitter, self.config.seed, step)

    def adversarial(self, real: Tensor, fake: Tensor) -> Tensor:
        """The weighted adversarial term, from logits of photos and enlarged pictures."""
        adversarial = self.config.adversarial
        return adversarial.weight * generator_loss(adversarial.kind, real, fake)

    def _target(self, hr: Tensor) -> Tensor:
        """What pixels and features are compared with."""
        degradation = self.config.degradation
        return sharpened(hr, degradation.sharpen_sigma) if degradation.sharpen_target else hr

    def _features(self, network: Features, pictures: Tensor) -> list[Tensor]:
        return [maps.float() / self.config.content.divisor for maps in network(pictures)]

    def _layer_weights(self, count: int) -> tuple[float, ...]:
        # the discriminator's layers are all taken and have no weights of their own
        if self.config.content.network == "discriminator":
            return (1.0 / count,) * count
        return self.config.content.layer_weights or (1.0,) * count


def load_features(
    config: RunConfig, device: torch.device
) -> Generator[Fetching, None, VggFeatures | None]:
    """The VGG network of the content loss on ``device``; None where none is wanted.

    Raises:
        UsageError: no such layer, or the package lpips is missing for its distance.
        ModelFileError, DownloadError: its weights cannot be had.
    """
    content = config.content
    if not content.needs_vgg:
        return None
    heads = _lpips_heads() if content.distance == "lpips" else ()
    search = find_weights(content.network, Path(content.file) if content.file else None)
    weights = yield from relay(search, lambda p: Fetching(p.name, p.done, p.total))
    network = VggFeatures(
        content.network,
        content.layers,
        weights,
        before_activation=content.before_activation,
        heads=heads,
    )
    return network.to(device).to(memory_format=torch.channels_last)


def _lpips_heads() -> Sequence[Tensor]:
    path = heads_path("vgg")
    if path is None:
        raise UsageError(
            tr(
                "content.distance lpips needs the package lpips, which carries its heads: pip "
                "install lpips, or choose normalised"
            )
        )
    return read_heads(path)
