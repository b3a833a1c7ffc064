"""The progress of a run, and the learning rate that goes with it."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass

from trainer.config.run_config import OptimiserConfig, ScheduleConfig

# the longest part of a run that may be spent warming up
WARMUP_PART = 0.1
# seconds over which the speed is averaged
SPEED_WINDOW_S = 10.0


def learning_rate(
    schedule: ScheduleConfig, optimiser: OptimiserConfig, step: int, progress: float
) -> float:
    """The learning rate of step ``step`` (from 0) at ``progress`` (0..1) of the run."""
    progress = min(max(progress, 0.0), 1.0)
    peak = optimiser.learning_rate * _warmup(schedule.warmup_steps, step, progress)
    if schedule.kind == "constant":
        return peak
    if schedule.kind == "step":
        return peak * schedule.drop_factor ** sum(progress >= part for part in schedule.drops)
    floor = schedule.final_factor
    return peak * (floor + (1 - floor) * (1 + math.cos(math.pi * progress)) / 2)


def _warmup(steps: int, step: int, progress: float) -> float:
    """Rises to 1 over ``steps`` or a tenth of the run, whichever is sooner."""
    if step >= steps:
        return 1.0
    return min(1.0, max((step + 1) / steps, progress / WARMUP_PART))


@dataclass
class RunClock:
    """How much of a run is done: by steps, by the clock, or by whichever runs out first.

    With a budget the schedule follows the clock itself rather than a forecast, so the learning
    rate reaches its end when the time does, however the machine's speed changes on the way.

    Attributes:
        steps, budget_s: where the run ends; at least one of them is set.
        elapsed_before: seconds of a resumed run's earlier lives.
        reserve_s: seconds of the budget kept back for the last validation and for saving.
    """

    steps: int | None
    budget_s: float | None
    elapsed_before: float = 0.0
    reserve_s: float = 0.0

    def __post_init__(self) -> None:
        self._began = time.monotonic()
        self._held_at: float | None = None
        self._recent: deque[tuple[float, int]] = deque()

    @property
    def elapsed(self) -> float:
        """Seconds of the run so far, including those before interruptions, without pauses."""
        now = time.monotonic() if self._held_at is None else self._held_at
        return self.elapsed_before + now - self._began

    def hold(self) -> None:
        """Stop the clock."""
        self._held_at = time.monotonic()

    def go_on(self) -> None:
        """Let the clock continue from where it was stopped."""
        if self._held_at is not None:
            self._began += time.monotonic() - self._held_at
            self._held_at = None
        self.forget_speed()

    def change_end(self, steps: int | None, budget_s: float | None) -> None:
        """Set the length of the whole run, including what is done; exactly one is given."""
        self.steps, self.budget_s = steps, budget_s

    def progress(self, step: int) -> float:
        """0 at the start, 1 or more when the training is over."""
        by_steps = step / self.steps if self.steps else 0.0
        return max(by_steps, self._by_clock())

    def _by_clock(self) -> float:
        if not self.budget_s:
            return 0.0
        # a budget of seconds keeps half for training
        return self.elapsed / max(self.budget_s - self.reserve_s, self.budget_s / 2)

    def done(self, step: int) -> bool:
        """Whether the training is over; the smallest budget still buys one step."""
        return step > 0 and self.progress(step) >= 1

    def tick(self, step: int) -> None:
        """Note that ``step`` steps are done now."""
        now = time.monotonic()
        self._recent.append((now, step))
        while len(self._recent) > 2 and now - self._recent[0][0] > SPEED_WINDOW_S:
            self._recent.popleft()

    def forget_speed(self) -> None:
        """After the run went back: steps before and after cannot be compared."""
        self._recent.clear()

    @property
    def steps_per_second(self) -> float:
        """Over the last seconds; 0 before there are two ticks."""
        if len(self._recent) < 2:
            return 0.0
        (t0, s0), (t1, s1) = self._recent[0], self._recent[-1]
        return (s1 - s0) / (t1 - t0) if t1 > t0 else 0.0

    def eta_s(self, step: int) -> float:
        """Seconds to the end at the current speed; nan while the speed is unknown."""
        ends = []
        if self.budget_s:
            ends.append(max(0.0, self.budget_s - self.elapsed))
        if self.steps and self.steps_per_second:
            ends.append(max(0, self.steps - step) / self.steps_per_second)
        return min(ends, default=math.nan)
