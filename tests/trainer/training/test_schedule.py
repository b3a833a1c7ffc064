from __future__ import annotations

import math

import pytest

from trainer.config.run_config import OptimiserConfig, ScheduleConfig
from trainer.training import schedule as schedule_module
from trainer.training.schedule import RunClock, learning_rate

OPTIMISER = OptimiserConfig(learning_rate=1.0)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(schedule_module, "time", clock)
    return clock


def test_cosine_falls_from_the_peak_to_its_floor() -> None:
    shape = ScheduleConfig(kind="cosine", final_factor=0.1)
    rates = [learning_rate(shape, OPTIMISER, 10_000, part / 10) for part in range(11)]
    assert rates[0] == pytest.approx(1)
    assert rates[5] == pytest.approx(0.55)
    assert rates[10] == pytest.approx(0.1)
    assert rates == sorted(rates, reverse=True)
    # the clock may run a little over
    assert learning_rate(shape, OPTIMISER, 10_000, 1.3) == pytest.approx(0.1)


def test_steps_drop_at_their_parts() -> None:
    shape = ScheduleConfig(kind="step", drops=(0.5, 0.75), drop_factor=0.1)
    parts = [0.0, 0.49, 0.5, 0.74, 0.75, 1.0]
    rates = [learning_rate(shape, OPTIMISER, 9, part) for part in parts]
    assert rates == pytest.approx([1, 1, 0.1, 0.1, 0.01, 0.01])


def test_warm_up_rises_by_steps() -> None:
    shape = ScheduleConfig(kind="constant", warmup_steps=10)
    rates = [learning_rate(shape, OPTIMISER, step, step / 1000) for step in range(12)]
    assert rates[:10] == pytest.approx([(step + 1) / 10 for step in range(10)])
    assert rates[10:] == [1, 1]


def test_a_warm_up_longer_than_the_run_is_shortened_to_a_tenth() -> None:
    shape = ScheduleConfig(kind="constant", warmup_steps=1000)
    rates = [learning_rate(shape, OPTIMISER, step, step / 50) for step in range(50)]
    assert rates[0] < 0.01
    assert rates[5:] == [1] * 45
    assert rates == sorted(rates)


def test_progress_by_steps() -> None:
    clock = RunClock(steps=10, budget_s=None)
    assert [clock.progress(step) for step in (0, 5, 10)] == [0, 0.5, 1]
    assert not clock.done(9)
    assert clock.done(10)


def test_a_budget_follows_the_clock_and_keeps_its_reserve(clock: Clock) -> None:
    run_clock = RunClock(steps=None, budget_s=100, reserve_s=20)
    assert run_clock.progress(1) == 0
    clock.now += 40
    assert run_clock.progress(1) == pytest.approx(0.5)
    assert run_clock.eta_s(1) == pytest.approx(60)
    clock.now += 40
    assert run_clock.done(1)


def test_a_resumed_budget_goes_on_where_it_was(clock: Clock) -> None:
    run_clock = RunClock(steps=None, budget_s=100, elapsed_before=50)
    assert run_clock.progress(7) == pytest.approx(0.5)
    clock.now += 25
    assert run_clock.elapsed == pytest.approx(75)
    assert run_clock.progress(7) == pytest.approx(0.75)


def test_the_smallest_budget_buys_one_step(clock: Clock) -> None:
    run_clock = RunClock(steps=None, budget_s=0.001, reserve_s=30)
    clock.now += 5
    assert not run_clock.done(0)
    assert run_clock.done(1)


def test_whichever_end_comes_first(clock: Clock) -> None:
    run_clock = RunClock(steps=10, budget_s=100)
    clock.now += 20
    assert run_clock.progress(1) == pytest.approx(0.2)
    assert run_clock.progress(5) == pytest.approx(0.5)


def test_speed_is_that_of_the_last_seconds(clock: Clock) -> None:
    run_clock = RunClock(steps=1000, budget_s=None)
    assert run_clock.steps_per_second == 0
    assert math.isnan(run_clock.eta_s(0))
    for step in range(100):
        run_clock.tick(step)
        clock.now += 1.0
    for step in range(100, 200):
        run_clock.tick(step)
        clock.now += 0.25
    assert run_clock.steps_per_second == pytest.approx(4)
    assert run_clock.eta_s(200) == pytest.approx(200)
