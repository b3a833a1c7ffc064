"""How a network learns to adapt to the photo: the ``[adaptive]`` section of a run's config."""

from __future__ import annotations

from dataclasses import dataclass

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from trainer.config.setting import between, setting

# crops that a degradation works on together
_STEP = 4


@dataclass(frozen=True)
class AdaptiveConfig:
    """Predicting how a picture was made worse; only for generators that adapt (dasr)."""

    prediction_weight: float = setting(0.1, "factor of the loss of the predicted strengths")
    share: int = setting(
        4,
        "neighbouring crops of a batch that are made worse alike, so that one adapted network "
        "serves them; a multiple of 4",
    )
    told_part: float = setting(
        0.5, "part of them for which the network is told the strengths; else it has to find them"
    )

    def __post_init__(self) -> None:
        between("adaptive.prediction_weight", self.prediction_weight, 0, 1e9)
        between("adaptive.share", self.share, _STEP, 65536)
        between("adaptive.told_part", self.told_part, 0, 1)
        if self.share % _STEP:
            raise UsageError(
                tr("adaptive.share is a multiple of {n}, not {value}", n=_STEP, value=self.share)
            )
