"""What a model file says of itself beside its weights. Without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from srgan_desktop.core.networks.network import NetworkConfig


def _usual_config() -> NetworkConfig:
    from srgan_desktop.core.networks.srresnet import SRResNetConfig

    return SRResNetConfig()


@dataclass(frozen=True)
class ModelCard:
    """Name, origin, scores and the network's config."""

    name: str = ""
    title: str = ""
    description: str = ""
    licence: str = ""
    author: str = ""
    config: NetworkConfig = field(default_factory=_usual_config)
    training: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)
    weights_sha256: str = ""
    partner: str = ""  # name of the smooth model that this one was trained on from

    @property
    def architecture(self) -> str:
        return self.config.architecture

    @property
    def adapts(self) -> bool:
        """Whether the network is another for each picture."""
        return self.architecture == "dasr"

    @property
    def scale(self) -> int:
        return self.config.scale
