"""Going back to a checkpoint when training diverges, and giving up when that does not help.

Astray is a loss that is no number, a validation PSNR far below the best, or a discriminator that
has won for long. The run then goes back to its last good checkpoint - one that a validation found
good, not merely the newest - and goes on at a lower rate. How often that was, and the rate, are
part of the state, so that a run resumed afterwards goes on the same way, and none goes back
forever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from srgan_desktop.core.base.errors import RunFolderError, TrainingError
from srgan_desktop.core.base.translation import tr
from trainer.config.rollback_settings import RollbackConfig
from trainer.losses.adversarial import Kind
from trainer.run.checkpoints import load_good
from trainer.run.events import Event, RolledBack, Started
from trainer.run.run_folder import RunFolder
from trainer.training.distributed import Group
from trainer.training.run_setup import RunSetup
from trainer.training.schedule import RunClock

# the discriminator is looked at every so many steps: at fixed ones, so that a resumed run
# judges as one that was not stopped, and seldom, since that waits for the device
JUDGED_EVERY = 50
# the hinge loss is content beyond its margin, where a probability says nothing of who has won
_JUDGED_KINDS: tuple[Kind, ...] = ("bce", "lsgan", "relativistic")


class DivergedError(TrainingError):
    """Training diverged in a way that going back may fix; ``reason`` says how, in words."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            tr("{reason}: training went astray. {advice}", reason=reason, advice=_advice())
        )
        self.reason = reason


def _advice() -> str:
    return tr(
        "The checkpoint from before is kept. Start again with a lower rate, such as --set "
        "optimiser.learning_rate=1e-4, or with --set optimiser.clip_norm=1"
    )


class Restorable(Protocol):
    """What this module needs from a stage."""

    step: int
    precision: str
    next_validation: float
    micro_batches: int
    rollbacks: int
    rate_factor: float
    top_psnr: float
    won_since: int

    def state(self) -> dict[str, Any]: ...

    def restore(self, state: dict[str, Any]) -> None: ...


def judge_psnr(
    rescue: RollbackConfig, stage: Restorable, psnr: float, *, may_sink: bool = False
) -> str | None:
    """What is wrong with a validation's PSNR in dB; None, and noted as a mark, where nothing is.

    ``may_sink``: it may become less by and by, so that the last is the mark and not the best.
    """
    if not rescue.enabled or stage.step < rescue.grace_steps:
        return None
    if psnr < stage.top_psnr - rescue.psnr_drop_db:
        return tr(
            "the validation PSNR of step {step} is {now:.2f} dB, {drop:.1f} dB below what it was",
            step=stage.step,
            now=psnr,
            drop=stage.top_psnr - psnr,
        )
    stage.top_psnr = psnr if may_sink else max(stage.top_psnr, psnr)
    return None


def judge_scores(
    rescue: RollbackConfig, kind: Kind, stage: Restorable, d_real: float, d_fake: float
) -> None:
    """Note whether the discriminator has won for now.

    Args:
        d_real, d_fake: how surely it takes photos and enlarged pictures for photos, 0..1.

    Raises:
        DivergedError: it has won for longer than ``rescue.patience_steps``.
    """
    if not rescue.enabled or kind not in _JUDGED_KINDS:
        return
    if d_real < rescue.d_real or d_fake > rescue.d_fake:
        stage.won_since = -1
    elif stage.won_since < 0:
        stage.won_since = stage.step
    elif stage.step - stage.won_since >= rescue.patience_steps:
        raise DivergedError(
            tr(
                "the discriminator has won for {n} steps (D(real) {real:.4f}, D(fake) {fake:.4f}) "
                "and no longer teaches the generator",
                n=stage.step - stage.won_since,
                real=d_real,
                fake=d_fake,
            )
        )


def with_rollback(
    job: RunSetup,
    stage: Restorable,
    clock: RunClock,
    run: Callable[[], Iterator[Event]],
    beginning: Callable[[], dict[str, Any]],
    save: Callable[[], Event],
) -> Iterator[Event]:
    """The events of ``run``, which trains ``stage`` on from where it is.

    Where it goes astray, the stage goes back to the last good checkpoint, or to its ``beginning``
    where there is none yet, is saved as it then is, and ``run`` starts again.

    Raises:
        TrainingError: it went astray once more than ``rescue.most_rollbacks``.
    """
    went_back = False
    while True:
        try:
            for event in run():
                if not (went_back and isinstance(event, Started)):
                    yield event
        except DivergedError as error:
            if not job.config.rescue.enabled:
                raise
            reason = error.reason
        else:
            return
        yield _go_back(job, stage, clock, reason, beginning)
        yield save()
        went_back = True


def _go_back(
    job: RunSetup,
    stage: Restorable,
    clock: RunClock,
    reason: str,
    beginning: Callable[[], dict[str, Any]],
) -> RolledBack:
    rescue = job.config.rescue
    diverged_at, count = stage.step, stage.rollbacks + 1
    if count > rescue.most_rollbacks:
        raise _given_up(job.folder, stage.rollbacks, reason)
    factor = stage.rate_factor * rescue.rate_factor
    # what has been found out about the machine and the clock stays
    precision, next_validation = stage.precision, stage.next_validation
    micro_batches = stage.micro_batches
    stage.restore(_good_state(job.folder, job.group) or beginning())
    stage.precision, stage.next_validation = precision, next_validation
    stage.micro_batches = micro_batches
    stage.rollbacks, stage.rate_factor, stage.won_since = count, factor, -1
    clock.forget_speed()
    return RolledBack(diverged_at, stage.step, reason, factor, count)


def _good_state(folder: RunFolder, group: Group) -> dict[str, Any] | None:
    try:
        state = load_good(folder) if group.leads else None
    except RunFolderError as error:
        raise TrainingError(
            tr("{error}; training went astray and cannot go back", error=error)
        ) from error
    return group.first(state)


def _given_up(folder: RunFolder, count: int, reason: str) -> TrainingError:
    text = tr(
        "training was stopped: {reason}; it went back {n} times before and lowered the rate each "
        "time, without success. Start again with a rate of a tenth or less (--set "
        "optimiser.learning_rate=...), with --set optimiser.clip_norm=1, or with other photos",
        reason=reason,
        n=count,
    )
    if folder.best_model.exists():
        text += tr(". The best model is kept: {path}", path=folder.best_model)
    return TrainingError(text)
