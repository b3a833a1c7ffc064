"""Estimates are said roughly."""

from __future__ import annotations

import pytest

from srgan_desktop.gui.common.estimate_text import rough_size, rough_time


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.02, "1 s"),
        (6.4, "6 s"),
        (19.2, "19 s"),
        (23.1, "25 s"),
        (31, "30 s"),
        (57.6, "1 min"),
        (75, "1 min"),
        (100, "2 min"),
        (3500, "58 min"),
        (3599, "1 h"),
        (5 * 3600 + 700, "5 h"),
        (50 * 3600, "2 d"),
    ],
)
def test_time(seconds: float, said: str) -> None:
    assert rough_time(seconds) == said


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (311_400_000, "310 MB"),
        (1_340_000_000, "1.3 GB"),
        (5_640_000, "5.6 MB"),
        (83, "83 B"),
        (24_000_000_000, "24 GB"),
        (999_600_000, "1 GB"),
        (0, "0 B"),
        (128_000, "130 KB"),
    ],
)
def test_size(size: float, said: str) -> None:
    assert rough_size(size) == said
