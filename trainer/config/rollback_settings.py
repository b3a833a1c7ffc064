"""When a run goes back to its last good checkpoint: the ``[rescue]`` section of its config."""

from __future__ import annotations

from dataclasses import dataclass

from trainer.config.setting import between, positive, setting


@dataclass(frozen=True)
class RollbackConfig:
    """What counts as gone astray, and what is done about it."""

    enabled: bool = setting(
        True, "go back to the last good checkpoint when training goes astray; false: stop at once"
    )
    psnr_drop_db: float = setting(
        3.0,
        "validation PSNR this far below the highest so far, or with a teacher below the last, is "
        "astray, in dB",
    )
    grace_steps: int = setting(
        500, "steps at the start in which validations are not judged: first they may fall"
    )
    d_real: float = setting(
        0.999, "the discriminator has won where it believes photos at least this much, 0..1 ..."
    )
    d_fake: float = setting(0.001, "... and enlarged pictures at most this much")
    patience_steps: int = setting(5000, "steps for which it may have won before that is astray")
    most_rollbacks: int = setting(3, "times to go back; after that the run stops and says why")
    rate_factor: float = setting(0.5, "what going back multiplies the learning rate by")

    def __post_init__(self) -> None:
        positive("rescue.psnr_drop_db", self.psnr_drop_db)
        between("rescue.grace_steps", self.grace_steps, 0, 10**9)
        between("rescue.d_real", self.d_real, 0.5, 1)
        between("rescue.d_fake", self.d_fake, 0, 0.5)
        between("rescue.patience_steps", self.patience_steps, 1, 10**9)
        between("rescue.most_rollbacks", self.most_rollbacks, 0, 1000)
        between("rescue.rate_factor", self.rate_factor, 0.001, 1)
