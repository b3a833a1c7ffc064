"""How bad photos teach a network to make good ones bad: the ``[cycle]`` section of a config."""

from __future__ import annotations

from dataclasses import dataclass

from trainer.config.setting import between, setting


@dataclass(frozen=True)
class CycleConfig:
    """The degrader and what it is asked for; only for stage cycle."""

    channels: int = setting(32, "feature channels of the degrader")
    blocks: int = setting(3, "residual blocks of the degrader")
    keep_weight: float = setting(
        5.0, "how much the degraded picture must keep shapes and colours of the good one"
    )
    keep_side: int = setting(4, "LR pixels a side over which shapes and colours are averaged")
    return_weight: float = setting(
        1.0, "cycle loss: how much a bad photo, enlarged and degraded again, must be as it was"
    )

    def __post_init__(self) -> None:
        between("cycle.channels", self.channels, 1, 1024)
        between("cycle.blocks", self.blocks, 1, 64)
        between("cycle.keep_weight", self.keep_weight, 0, 1e9)
        between("cycle.keep_side", self.keep_side, 1, 64)
        between("cycle.return_weight", self.return_weight, 0, 1e9)
