"""What is known of a training: its curves, its validations, its samples. No widgets."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from srgan_desktop.gui.training.charts.series import Smoothed
from srgan_desktop.gui.training.runs.state import StageState, phase_of
from srgan_desktop.gui.training.runs.stored import Training
from srgan_desktop.gui.training.runs.tail import Chunk
from trainer.run.events import (
    Event,
    Finished,
    Paused,
    Resumed,
    RolledBack,
    Saved,
    Started,
    Step,
    Validated,
    Warned,
)

FIRST_WEIGHT = 0.95
# few points, each a mean over pictures: smoothing would only hide the newest
_EXACT = ("psnr", "ssim", "rate")
_WARNINGS_KEPT = 50


@dataclass(frozen=True)
class Validation:
    """One look at the validation pictures; ``at`` counts the steps of all stages."""

    stage: int
    step: int
    at: float
    psnr: float
    ssim: float
    bicubic: float
    best: bool
    samples: tuple[Path, ...]


class History:
    """Grows as chunks are added."""

    def __init__(self, training: Training) -> None:
        self.training = training
        self.curves: dict[str, Smoothed] = {}
        self.validations: list[Validation] = []
        self.warnings: list[str] = []
        self.states: tuple[StageState, ...] = ()
        self.started: dict[int, Started] = {}
        self.last: dict[int, Step] = {}
        self.finished: dict[int, Finished] = {}
        self.saved_step: dict[int, int] = {}
        self._paused = False
        self._ends: dict[int, float] = {}
        self.weight = FIRST_WEIGHT

    # growing

    def add(self, chunk: Chunk) -> None:
        """Take in what was read."""
        if chunk.restart:
            self._forget(chunk.stage)
        for event in chunk.others:
            self._note(chunk.stage, event)
        start = self.offset(chunk.stage)
        if len(chunk.steps):
            for name, values in chunk.values.items():
                self._curve(name).append(chunk.steps + start, values)
            end = self._ends.get(chunk.stage, 0.0)
            self._ends[chunk.stage] = max(end, float(chunk.steps[-1]))
        if chunk.last is not None:
            self.last[chunk.stage] = chunk.last

    def _begin(self, stage: int, event: Started) -> None:
        self.started[stage] = event
        self.finished.pop(stage, None)
        if self._ends.get(stage, 0.0) > event.step:
            self._cut(stage, float(event.step))

    def _warn(self, text: str) -> None:
        """Once: a resumed run says again what it said before."""
        others = [known for known in self.warnings if known != text]
        self.warnings = [*others, *filter(None, [text])][-_WARNINGS_KEPT:]

    def _forget(self, stage: int) -> None:
        self._cut(stage, -1.0)
        self.started.pop(stage, None)
        self.last.pop(stage, None)
        self.finished.pop(stage, None)
        self.saved_step.pop(stage, None)
        self._ends.pop(stage, None)

    def _cut(self, stage: int, step: float) -> None:
        at = self.offset(stage) + step
        for curve in self.curves.values():
            curve.cut_after(at)
        self.validations = [known for known in self.validations if known.at <= at]
        self._ends[stage] = max(step, 0.0)

    def _note(self, stage: int, event: Event) -> None:
        if isinstance(event, Paused | Resumed | Started | Finished):
            self._paused = isinstance(event, Paused)
        match event:
            case Started():
                self._begin(stage, event)
            case RolledBack():
                self._cut(stage, float(event.to_step))
                self._warn(event.reason)
            case Validated():
                self._validated(stage, event)
            case Saved():
                self.saved_step[stage] = event.step
            case Finished():
                self.finished[stage] = event
                self._ends[stage] = float(event.step)
            case Warned():
                self._warn(event.message)

    def _validated(self, stage: int, event: Validated) -> None:
        folder = self.training.stages[stage].samples_at(event.step)
        # the folder may have been moved since: only the end of the path counts
        samples = tuple(folder / Path(name).name for name in event.samples)
        at = self.offset(stage) + event.step
        if self.validations and self.validations[-1].at >= at:
            return
        found = Validation(
            stage,
            event.step,
            at,
            event.psnr_y,
            event.ssim_y,
            event.psnr_y_bicubic,
            event.best,
            samples,
        )
        self.validations.append(found)
        for name, value in (("psnr", found.psnr), ("ssim", found.ssim)):
            self._curve(name).append(np.array([at]), np.array([value]))

    def _curve(self, name: str) -> Smoothed:
        if name not in self.curves:
            self.curves[name] = Smoothed(0.0 if name in _EXACT else self.weight)
        return self.curves[name]

    def set_weight(self, weight: float) -> None:
        """How strongly noisy curves are smoothed, 0..1."""
        self.weight = weight
        for name, curve in self.curves.items():
            if name not in _EXACT:
                curve.set_weight(weight)

    # asked

    def offset(self, stage: int) -> float:
        """Steps of the stages before."""
        return sum(self._ends.get(number, 0.0) for number in range(stage))

    @property
    def steps(self) -> float:
        """Steps done in all stages."""
        return sum(self._ends.values())

    @property
    def boundaries(self) -> list[float]:
        """Where another stage begins."""
        return [
            self.offset(stage)
            for stage in range(1, len(self.training.stages))
            if stage in self._ends or stage in self.started
        ]

    @property
    def stage(self) -> int:
        """The stage it has come to."""
        for number, state in enumerate(self.states):
            if state.phase != "done":
                return number
        return max(0, len(self.training.stages) - 1)

    @property
    def phase(self) -> str:
        """Of the whole training; "waiting" as long as nothing is known."""
        return phase_of(self.states) if self.states else "waiting"

    @property
    def state(self) -> StageState:
        """Of the stage it has come to."""
        return self.states[self.stage] if self.states else StageState("waiting")

    @property
    def starting(self) -> bool:
        """Whether it is on its way to go on: steps and rate are still of the time before."""
        return self.phase == "running" and self.state.starting

    @property
    def paused(self) -> bool:
        """Whether it holds, with its process."""
        return self._paused and not self.starting

    @property
    def best(self) -> Validation | None:
        """The validation whose model is kept: of the last stage that has one."""
        return best_until(self.validations, math.inf)

    @property
    def bicubic(self) -> float | None:
        """PSNR of plain enlargement."""
        return self.validations[-1].bicubic if self.validations else None


def best_until(validations: list[Validation], at: float) -> Validation | None:
    """The best of the stage that ``at`` lies in, up to there."""
    before = [known for known in validations if known.at <= at]
    if not before:
        return None
    stage = before[-1].stage
    marked = [known for known in before if known.stage == stage and known.best]
    return marked[-1] if marked else before[-1]
