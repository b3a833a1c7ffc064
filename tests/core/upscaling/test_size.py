"""Sizes of results, and the passes that lead there."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.upscaling.size import MAX_FACTOR, TargetSize, plan_passes


@pytest.mark.parametrize(
    ("rule", "value", "size"),
    [
        ("scale", 4, (400, 200)),
        ("scale", 1, (100, 50)),
        ("scale", 2.5, (250, 125)),
        ("width", 333, (333, 166)),
        ("height", 200, (400, 200)),
        ("long", 150, (150, 75)),
        ("short", 75, (150, 75)),
    ],
)
def test_rules(rule: str, value: float, size: tuple[int, int]) -> None:
    assert TargetSize(rule, value).resolve(100, 50) == size  # type: ignore[arg-type]


@given(
    st.sampled_from(["width", "height", "long", "short"]),
    st.integers(1, 5000),
    st.integers(1, 5000),
    st.floats(1, MAX_FACTOR),
)
def test_the_side_asked_for_is_met_to_the_pixel(
    rule: str, width: int, height: int, factor: float
) -> None:
    sides = {"width": width, "height": height, "long": max(width, height)}
    side = sides.get(rule, min(width, height))
    wanted = int(side * factor)
    result = TargetSize(rule, wanted).resolve(width, height)  # type: ignore[arg-type]
    found = {"width": result[0], "height": result[1], "long": max(result)}
    assert found.get(rule, min(result)) == wanted
    assert result[0] >= width
    assert result[1] >= height


@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf])
def test_no_size(value: float) -> None:
    with pytest.raises(UsageError, match="--scale must be more than 0"):
        TargetSize("scale", value)


def test_smaller_and_absurd_sizes() -> None:
    with pytest.raises(UsageError, match=r"\(99 x 50\) is smaller than the source \(100 x 50\)"):
        TargetSize("width", 99).resolve(100, 50)
    with pytest.raises(UsageError, match="at most 64 times"):
        TargetSize("width", 6401).resolve(100, 50)
    assert TargetSize("width", 6400).resolve(100, 50) == (6400, 3200)


@given(
    st.integers(1, 3000),
    st.integers(1, 3000),
    st.floats(1, MAX_FACTOR),
    st.sampled_from([2, 3, 4, 8]),
)
def test_passes_reach_the_target_and_no_pass_enlarges_more_than_the_network(
    width: int, height: int, factor: float, scale: int
) -> None:
    target = (max(width, round(width * factor)), max(height, round(height * factor)))
    passes = plan_passes((width, height), target, scale)
    assert passes[-1] == target
    before = (width, height)
    for after in passes:
        assert after[0] <= before[0] * scale
        assert after[1] <= before[1] * scale
        before = after
    # none is in vain
    assert len(passes) == 1 or scale ** (len(passes) - 1) < factor * 1.01 + 1


def test_exact_powers_need_no_pass_more() -> None:
    assert plan_passes((10, 10), (40, 40), 4) == [(40, 40)]
    assert plan_passes((10, 10), (160, 160), 4) == [(40, 40), (160, 160)]
    assert plan_passes((10, 10), (10, 10), 4) == [(10, 10)]
    assert plan_passes((10, 10), (41, 41), 4) == [(11, 11), (41, 41)]


@pytest.mark.parametrize(
    ("size", "result"),
    [
        (TargetSize("percent", 250), (250, 125)),
        (TargetSize("megapixels", 0.02), (200, 100)),
        (TargetSize("width", 10, "cm", 254), (1000, 500)),
        (TargetSize("short", 2, "in", 100), (400, 200)),
        (TargetSize("long", 200, dpi=72), (200, 100)),
    ],
)
def test_other_measures(size: TargetSize, result: tuple[int, int]) -> None:
    assert size.resolve(100, 50) == result


@given(
    st.sampled_from(["scale", "percent", "megapixels", "width", "height", "long", "short"]),
    st.sampled_from(["px", "cm", "in"]),
    st.integers(20, 5000),
    st.integers(20, 5000),
    st.floats(1.01, 60),
)
def test_every_measure_says_the_same_size(
    rule: str, unit: str, width: int, height: int, factor: float
) -> None:
    size = TargetSize("scale", factor)
    said = size.expressed(rule, (width, height), unit)  # type: ignore[arg-type]
    assert said.factor(width, height) == pytest.approx(factor)


def test_a_print_needs_a_resolution() -> None:
    with pytest.raises(UsageError, match="a length in cm needs a resolution in dpi"):
        TargetSize("width", 30, "cm")
    with pytest.raises(UsageError, match="--dpi is from 1 to 10000, not 0"):
        TargetSize("width", 30, "cm", 0)
