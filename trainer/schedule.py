"""How far a run is, and which learning rate belongs there."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass

from trainer.config import OptimiserConfig, ScheduleConfig


def learning_rate(
    schedule: ScheduleConfig, optimiser: OptimiserConfig, step: int, progress: float
) -> float:
    """The rate of step ``step`` (from 0) when ``progress`` (0..1) of the run is behind."""
    peak = optimiser.learning_rate
    progress = min(max(progress, 0.0), 1.0)
    if schedule.warmup_steps and step < schedule.warmup_steps:
        peak *= (step + 1) / schedule.warmup_steps
    if schedule.kind == "constant":
        return peak
    if schedule.kind == "step":
        return peak * schedule.drop_factor ** sum(progress >= part for part in schedule.drops)
    floor = schedule.final_factor
    return peak * (floor + (1 - floor) * (1 + math.cos(math.pi * progress)) / 2)


@dataclass
class Pace:
    """How much of a run is done: by steps, by wall clock, or by whichever is used up first.

    With a budget the schedule follows the clock itself rather than a forecast, so the learning
    rate reaches its end when the time does, however the machine's speed changes on the way.
    ``elapsed_before`` carries the seconds of a resumed run's earlier life.
    """

    steps: int | None
    budget_s: float | None
    elapsed_before: float = 0.0

    def __post_init__(self) -> None:
        self._began = time.monotonic()
        self._recent: deque[tuple[float, int]] = deque(maxlen=50)

    @property
    def elapsed(self) -> float:
        """Seconds of training so far, earlier lives included."""
        return self.elapsed_before + time.monotonic() - self._began

    def progress(self, step: int) -> float:
        """0 at the start, 1 or more when the run is over."""
        by_steps = step / self.steps if self.steps else 0.0
        by_clock = self.elapsed / self.budget_s if self.budget_s else 0.0
        return max(by_steps, by_clock)

    def done(self, step: int) -> bool:
        return self.progress(step) >= 1

    def tick(self, step: int) -> None:
        """Note that ``step`` steps are done now."""
        self._recent.append((time.monotonic(), step))

    @property
    def steps_per_second(self) -> float:
        """Over the last ticks; 0 before there are two."""
        if len(self._recent) < 2:
            return 0.0
        (t0, s0), (t1, s1) = self._recent[0], self._recent[-1]
        return (s1 - s0) / (t1 - t0) if t1 > t0 else 0.0

    def eta_s(self, step: int) -> float:
        """Seconds to the end at the present speed; nan while the speed is unknown."""
        ends = []
        if self.budget_s:
            ends.append(max(0.0, self.budget_s - self.elapsed))
        if self.steps and self.steps_per_second:
            ends.append((self.steps - step) / self.steps_per_second)
        return min(ends, default=math.nan)
