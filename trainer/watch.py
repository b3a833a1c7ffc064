"""When a run validates, and what it does with the outcome."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Protocol, cast

import torch
from torch import Tensor

from srgan_desktop.core.errors import FileError, ModelFileError
from srgan_desktop.core.network import Network
from srgan_desktop.core.weights import save_model
from trainer import precision as number_format
from trainer.card import model_card
from trainer.events import Event, Validated, Warned
from trainer.job import Job
from trainer.schedule import Pace
from trainer.validation import (
    Piece,
    Scores,
    bicubic_scores,
    seconds_to_validate,
    validate,
    write_strip,
)

# how often a run validates where the config does not say: parts of the run, and the largest part
# of a budget that all validations together may take
VALIDATIONS = 20
VALIDATION_PART = 0.1
# a part of the run that is not reached: the last validation needs no date
NEVER = 2.0


class Stage(Protocol):
    """What is watched: any stage that trains a generator."""

    generator: Network
    precision: str
    step: int
    validated_step: int
    next_validation: float
    best_psnr: float

    @property
    def network(self) -> Network: ...

    @property
    def device(self) -> torch.device: ...


class Watch:
    """Validates the stage's network when it is time, and keeps the best."""

    def __init__(
        self,
        job: Job,
        stage: Stage,
        pieces: list[Piece],
        pace: Pace,
        *,
        newest_is_best: bool = False,
    ) -> None:
        self._newest_is_best = newest_is_best
        self._job, self._stage, self._pieces, self._pace = job, stage, pieces, pace
        config = job.config
        self._scale = config.generator.scale
        self._bicubic = bicubic_scores(pieces, self._scale) if pieces else None
        seconds = seconds_to_validate(stage.network.eval(), pieces, self._scale, self._autocast())
        stage.generator.train()
        self._took(seconds)
        if not stage.next_validation:
            stage.next_validation = pace.progress(stage.step) + self._interval

    def _autocast(self) -> torch.autocast:
        return number_format.autocast(self._stage.device, self._stage.precision)

    def _took(self, seconds: float) -> None:
        self._pace.reserve_s = 1.2 * seconds
        self._interval = 1 / VALIDATIONS
        if self._pace.budget_s:
            share = seconds / self._pace.budget_s
            self._interval = max(self._interval, share / VALIDATION_PART)

    def due(self, over: bool) -> bool:
        """Whether to validate now; the same for a resumed run as for one that was not stopped."""
        stage, pace = self._stage, self._pace
        if not self._pieces or stage.step == stage.validated_step:
            return False
        every = self._job.config.validation.every_steps
        if over:
            return True
        if every:
            return stage.step // every > stage.validated_step // every
        if pace.budget_s:
            return pace.progress(stage.step) >= stage.next_validation
        return _part(stage.step, pace.steps) > _part(stage.validated_step, pace.steps)

    def validate(self) -> Iterator[Event]:
        """Score the network, write samples, keep the model where it is the best so far."""
        stage = self._stage
        self._job.folder.check_there()
        began = time.monotonic()
        scores, pictures = validate(
            stage.network.eval(), self._pieces, self._scale, self._autocast()
        )
        stage.generator.train()
        best = self._newest_is_best or scores.psnr_y > stage.best_psnr
        samples, problems = self._write_samples(pictures)
        if best:
            problems += self._save_best(scores)
        stage.validated_step = stage.step
        self._took(time.monotonic() - began)
        upcoming = self._pace.progress(stage.step) + self._interval
        # one shortly before the last would tell nothing new
        stage.next_validation = upcoming if upcoming < 1 - self._interval / 2 else NEVER
        bicubic = cast(Scores, self._bicubic).psnr_y
        yield Validated(stage.step, scores.psnr_y, scores.ssim_y, bicubic, best, samples)
        for problem in problems:
            yield Warned(problem)

    def _write_samples(self, pictures: list[Tensor]) -> tuple[tuple[str, ...], list[str]]:
        written: list[str] = []
        chosen = list(zip(self._pieces, pictures, strict=True))[
            : self._job.config.validation.samples
        ]
        for piece, picture in chosen:
            path = self._job.folder.samples / f"{self._stage.step:08d}" / f"{piece.name}.png"
            try:
                write_strip(path, piece, picture)
            except FileError as error:
                return tuple(written), [str(error)]
            written.append(str(path))
        return tuple(written), []

    def _save_best(self, scores: Scores) -> list[str]:
        card = model_card(
            self._job.config,
            self._job.inputs,
            step=self._stage.step,
            seconds=self._pace.elapsed,
            precision=self._stage.precision,
            psnr_y=scores.psnr_y,
        )
        try:
            save_model(self._job.folder.best_model, self._stage.network, card)
        except ModelFileError as error:
            return [str(error)]
        self._stage.best_psnr = scores.psnr_y
        return []


def _part(step: int, steps: int | None) -> int:
    return VALIDATIONS * step // steps if steps else 0
