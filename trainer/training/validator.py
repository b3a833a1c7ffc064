"""When a run validates, and what it does with the result."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Protocol, cast

import torch
from torch import Tensor

from srgan_desktop.core.base.errors import FileError, ModelFileError
from srgan_desktop.core.networks.network import Network
from srgan_desktop.core.weights.model_file import save_model
from trainer.data.validation_pieces import Piece
from trainer.evaluation.validation import (
    Scores,
    bicubic_scores,
    seconds_to_validate,
    validate,
    write_strip,
)
from trainer.run.card import model_card
from trainer.run.events import Event, Validated, Warned
from trainer.training import precision as number_format
from trainer.training.distributed import Group
from trainer.training.rollback import DivergedError, judge_psnr
from trainer.training.run_setup import RunSetup
from trainer.training.schedule import RunClock

# how often a run validates where the config does not say: parts of the run, and the largest part
# of a budget that all validations together may take
VALIDATIONS = 20
VALIDATION_PART = 0.1
# a part of the run that is not reached: the last validation needs no date
NEVER = 2.0


class Stage(Protocol):
    """What is validated: any stage that trains a generator."""

    generator: Network
    precision: str
    step: int
    validated_step: int
    next_validation: float
    best_psnr: float
    micro_batches: int
    rollbacks: int
    rate_factor: float
    top_psnr: float
    won_since: int
    group: Group
    notices: list[str]

    @property
    def network(self) -> Network: ...

    @property
    def device(self) -> torch.device: ...

    def state(self) -> dict[str, Any]: ...

    def restore(self, state: dict[str, Any]) -> None: ...


class Validator:
    """Validates the stage's network when it is due, and keeps the best."""

    def __init__(
        self,
        job: RunSetup,
        stage: Stage,
        pieces: list[Piece],
        clock: RunClock,
        *,
        newest_is_best: bool = False,
    ) -> None:
        # a teacher leads away from the photos that the validation compares with
        self._taught = job.config.teacher.wanted
        self._newest_is_best = newest_is_best or self._taught
        self._job, self._stage, self._pieces, self._clock = job, stage, pieces, clock
        config = job.config
        self._scale = config.generator.scale
        self._bicubic = bicubic_scores(pieces, self._scale) if pieces else None
        self._asked = False
        self._took(self._first_look())
        if not stage.next_validation:
            due = clock.progress(stage.step) + self._interval
            stage.next_validation = stage.group.first(due)

    @property
    def watches(self) -> bool:
        """Whether there is anything to validate on."""
        return bool(self._pieces)

    def hurry(self) -> None:
        """The next validation is due now."""
        self._asked = True

    def reschedule(self) -> None:
        """After the end of the run was moved, and with it what parts of it are."""
        upcoming = self._clock.progress(self._stage.step) + self._interval
        self._stage.next_validation = upcoming

    def _first_look(self) -> float:
        """About the seconds that a validation takes; at step 0 the network's mark is noted too."""
        stage, rescue = self._stage, self._job.config.rescue
        network = stage.network.eval()
        began = time.monotonic()
        if stage.step == 0 and self._pieces and rescue.enabled:
            psnr, _, _ = self._scores()
            # a mark for the first that is judged, and a low one: a network that begins as a plain
            # enlargement has to leave it, and texture costs PSNR
            stage.top_psnr = psnr - rescue.psnr_drop_db
            seconds = time.monotonic() - began
        else:
            seconds = seconds_to_validate(network, self._pieces, self._scale, self._autocast())
        stage.generator.train()
        return seconds

    def _scores(self) -> tuple[float, float, list[Tensor]]:
        """PSNR and SSIM that the first process finds, and there the pictures."""
        group = self._stage.group
        scores = Scores(0, 0)
        pictures: list[Tensor] = []
        if group.leads:
            scores, pictures = validate(
                self._stage.network.eval(), self._pieces, self._scale, self._autocast()
            )
        return (*group.first((scores.psnr_y, scores.ssim_y)), pictures)

    def _autocast(self) -> torch.autocast:
        return number_format.autocast(self._stage.device, self._stage.precision)

    def _took(self, seconds: float) -> None:
        self._clock.reserve_s = 1.2 * seconds
        self._interval = 1 / VALIDATIONS
        if self._clock.budget_s:
            share = seconds / self._clock.budget_s
            self._interval = max(self._interval, share / VALIDATION_PART)

    def due(self, over: bool, progress: float | None = None) -> bool:
        """Whether to validate now; the same for a resumed run as for one that was not stopped.

        Args:
            over: whether the run is.
            progress: the part of it that is done; None asks the clock.
        """
        stage, clock = self._stage, self._clock
        if not self._pieces or stage.step == stage.validated_step:
            self._asked = False
            return False
        every = self._job.config.validation.every_steps
        if over or self._asked:
            return True
        if every:
            return stage.step // every > stage.validated_step // every
        if clock.budget_s:
            progress = clock.progress(stage.step) if progress is None else progress
            return progress >= stage.next_validation
        return _part(stage.step, clock.steps) > _part(stage.validated_step, clock.steps)

    def validate(self) -> Iterator[Event]:
        """Score the network, write samples, and keep the model if it is the best so far.

        Raises:
            DivergedError: it is far worse than it was.
        """
        stage, leads = self._stage, self._stage.group.leads
        if leads:
            self._job.folder.check_there()
        began = time.monotonic()
        psnr, ssim, pictures = self._scores()
        stage.generator.train()
        wrong = judge_psnr(self._job.config.rescue, stage, psnr, may_sink=self._taught)
        best = not wrong and (self._newest_is_best or psnr > stage.best_psnr)
        samples, problems = self._write_samples(pictures) if leads else ((), [])
        if best:
            problems += self._save_best(psnr)
        stage.validated_step = stage.step
        self._asked = False
        self._took(time.monotonic() - began)
        upcoming = self._clock.progress(stage.step) + self._interval
        # one shortly before the last would tell nothing new
        upcoming = upcoming if upcoming < 1 - self._interval / 2 else NEVER
        stage.next_validation = stage.group.first(upcoming)
        bicubic = cast(Scores, self._bicubic).psnr_y
        yield Validated(stage.step, psnr, ssim, bicubic, best, samples, self._newest_is_best)
        for problem in problems:
            yield Warned(problem)
        if wrong:
            raise DivergedError(wrong)

    def _write_samples(self, pictures: list[Tensor]) -> tuple[tuple[str, ...], list[str]]:
        written: list[str] = []
        chosen = list(zip(self._pieces, pictures, strict=True))[
            : self._job.config.validation.samples
        ]
        for piece, picture in chosen:
            path = self._job.folder.samples_at(self._stage.step) / f"{piece.name}.png"
            try:
                write_strip(path, piece, picture)
            except FileError as error:
                return tuple(written), [str(error)]
            written.append(str(path))
        return tuple(written), []

    def _save_best(self, psnr: float) -> list[str]:
        card = model_card(
            self._job.config,
            self._job.inputs,
            step=self._stage.step,
            seconds=self._clock.elapsed,
            precision=self._stage.precision,
            psnr_y=psnr,
        )
        try:
            if self._stage.group.leads:
                save_model(self._job.folder.best_model, self._stage.network, card)
        except ModelFileError as error:
            return [str(error)]
        self._stage.best_psnr = psnr
        return []


def _part(step: int, steps: int | None) -> int:
    return VALIDATIONS * step // steps if steps else 0
