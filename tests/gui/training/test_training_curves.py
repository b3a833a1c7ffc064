"""Curves of any length: no peak is lost, and a million points are drawn smoothly."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication

from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.training.charts.chart import Chart, Line
from srgan_desktop.gui.training.charts.series import Series, Smoothed, exponential_mean


def slow_mean(values: np.ndarray, weight: float) -> np.ndarray:
    made = []
    for count in range(1, len(values) + 1):
        weights = weight ** np.arange(count)[::-1]
        made.append(float(weights @ values[:count] / weights.sum()))
    return np.array(made)


@pytest.mark.parametrize("weight", [0.0, 0.5, 0.95, 0.999])
def test_smoothing_is_a_mean_with_falling_weights(weight: float) -> None:
    values = np.random.default_rng(1).normal(size=1000)
    assert np.allclose(exponential_mean(values, weight), slow_mean(values, weight))


def test_smoothing_in_pieces_equals_smoothing_at_once() -> None:
    values = np.random.default_rng(2).normal(size=1000)
    curve = Smoothed(0.9)
    for start in range(0, 1000, 37):
        part = slice(start, start + 37)
        curve.append(np.arange(1000.0)[part], values[part])
    assert np.allclose(curve.smooth.y, exponential_mean(values, 0.9))
    curve.set_weight(0.5)
    assert np.allclose(curve.smooth.y, exponential_mean(values, 0.5))


@given(
    sizes=st.lists(st.integers(1, 700), min_size=1, max_size=8),
    start=st.floats(0, 1),
    length=st.floats(0.01, 1),
    columns=st.integers(4, 50),
)
def test_what_is_drawn_keeps_every_peak(
    sizes: list[int], start: float, length: float, columns: int
) -> None:
    total = sum(sizes)
    values = np.random.default_rng(total).normal(size=total)
    series = Series()
    for number, size in enumerate(sizes):
        first = sum(sizes[:number])
        series.append(np.arange(first, first + size, dtype=float), values[first : first + size])
    begin, end = start * total, start * total + length * total
    x, y = series.view(begin, end, columns)
    inside = values[int(np.ceil(begin)) : int(end) + 1]
    if len(inside):
        assert y.min() <= inside.min()
        assert y.max() >= inside.max()
    assert np.all(np.diff(x) >= 0)
    assert len(x) <= 4 * columns + 8


def test_points_after_a_step_are_forgotten() -> None:
    series = Series()
    series.append(np.arange(5000.0), np.arange(5000.0))
    series.cut_after(999)
    series.append(np.arange(1000.0, 1100.0), np.full(100, -7.0))
    _, y = series.view(0, 1100, 20)
    assert len(series) == 1100
    assert y.max() == 999
    assert y.min() == -7
    assert series.value_at(1050.2) == -7


def test_no_number_is_no_point() -> None:
    series = Series()
    series.append(np.arange(4.0), np.array([1.0, np.nan, np.inf, 2.0]))
    assert series.x.tolist() == [0, 3]


def test_a_million_points_are_smooth(services: Services, qapp: QApplication) -> None:
    """What one frame takes: choosing what to draw, and drawing it."""
    count = 1_000_000
    noise = np.random.default_rng(3)
    lines = []
    for number in range(2):
        curve = Smoothed(0.95)
        values = 1 / (1 + np.arange(count) / 1e5) + noise.normal(0, 0.05, count)
        curve.append(np.arange(float(count)), values)
        lines.append(Line(f"loss {number}", curve, number))
    chart = Chart(services.theme)
    chart.resize(600, 320)
    chart.show()
    chart.set_lines(lines)
    chart.draw()
    qapp.processEvents()
    frames = []
    for number in range(20):
        for line in lines:
            line.curve.append(np.array([count + number], float), np.array([0.1]))
        # of this thread: how much else the machine has to do is not the chart's doing
        began = time.thread_time()
        chart.draw()
        chart.grab()
        frames.append((time.thread_time() - began) * 1000)
    print(f"\na frame of two curves of a million points: {np.median(frames):.1f} ms")
    assert np.median(frames) < 33, "30 frames a second"
    chart.close()
    chart.deleteLater()
