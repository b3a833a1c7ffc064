"""The time left follows the recent throughput and knows nothing of pauses."""

from __future__ import annotations

import pytest

from srgan_desktop.core.jobs.throughput import PIXELS_A_FILE, Stopwatch, Throughput


def test_nothing_is_said_too_early() -> None:
    throughput = Throughput()
    assert throughput.seconds_for(100) is None
    throughput.add(100, 1, 0.1)
    assert throughput.seconds_for(100) is None
    assert throughput.items_per_s() is None


def test_a_steady_pace() -> None:
    throughput = Throughput()
    for second in range(1, 50):
        throughput.add(1000, 2, float(second))
    assert throughput.seconds_for(5000) == pytest.approx(5)
    assert throughput.items_per_s() == pytest.approx(2)


def test_the_recent_past_counts_most() -> None:
    throughput = Throughput()
    for second in range(1, 101):
        throughput.add(1000, 1, float(second))
    for second in range(101, 161):  # ten times slower from now on
        throughput.add(100, 1, float(second))
    left = throughput.seconds_for(1000)
    assert left is not None
    assert 4 < left < 10


def test_pauses_take_no_time() -> None:
    now = 0.0
    watch = Stopwatch(lambda: now)
    now = 5.0
    watch.hold()
    now = 105.0
    assert watch.seconds() == 5
    watch.hold()
    watch.go_on()
    now = 106.0
    assert watch.seconds() == 6


def test_items_of_unknown_size_count_as_the_others_on_average() -> None:
    throughput = Throughput()
    assert throughput.pixels_left(0, 0, 0) == 0
    assert throughput.pixels_left(2000, 2, 2) == 4000 + 4 * PIXELS_A_FILE
    assert throughput.pixels_left(0, 0, 3) == 3 * PIXELS_A_FILE
    # where none that waits has been looked at, those that were begun tell
    throughput.begin(500)
    throughput.begin(1500)
    assert throughput.pixels_left(0, 0, 3) == 3000 + 3 * PIXELS_A_FILE
    assert throughput.pixels_left(2000, 2, 1) == 3000 + 3 * PIXELS_A_FILE
