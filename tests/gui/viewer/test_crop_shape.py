"""The rectangle one cuts by: it stays on the picture whatever is done with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from srgan_desktop.core.images.crop import Crop
from srgan_desktop.gui.viewer.crop_shape import LEAST, CropShape

points = st.tuples(st.floats(-500, 2000), st.floats(-500, 2000))
sides = st.tuples(st.sampled_from([-1, 0, 1]), st.sampled_from([-1, 0, 1]))


@given(
    st.tuples(st.integers(20, 1500), st.integers(20, 1500)),
    st.sampled_from([None, 1.0, 1.5, 2 / 3, 16 / 9]),
    st.lists(st.tuples(st.sampled_from(["move", "begin", "stretch"]), points, sides), max_size=6),
)
def test_it_stays_on_the_picture_and_in_its_ratio(
    size: tuple[int, int],
    ratio: float | None,
    steps: list[tuple[str, tuple[float, float], tuple[int, int]]],
) -> None:
    shape = CropShape.whole(size, ratio)
    for kind, point, handle in steps:
        if kind == "move":
            shape.move(*point)
        elif kind == "begin":
            shape.begin(point)
            shape.stretch((1, 1), point)
        elif handle != (0, 0):
            shape.stretch(handle, point)
        assert -1e-6 <= shape.left < shape.right <= size[0] + 1e-6
        assert -1e-6 <= shape.top < shape.bottom <= size[1] + 1e-6
        if ratio is not None and kind != "begin":
            assert (shape.right - shape.left) == pytest.approx(ratio * (shape.bottom - shape.top))
        elif ratio is None:
            assert shape.right - shape.left >= LEAST - 1e-6
        shape.crop.check(*size)


def test_a_corner_follows_the_pointer_and_may_cross_the_opposite_one() -> None:
    shape = CropShape.whole((100, 80))
    assert shape.stretch((1, 1), (60, 40)) == (1, 1)
    assert shape.crop == Crop(0, 0, 60, 40)
    shape.move(20, 20)
    assert shape.stretch((1, 1), (5, 70)) == (-1, 1)
    assert shape.crop == Crop(5, 20, 15, 50)


def test_an_edge_in_a_ratio_grows_about_its_middle() -> None:
    shape = CropShape.whole((100, 100), 1.0)
    shape.show(Crop(40, 40, 20, 20))
    shape.stretch((1, 0), (80, 0))
    assert shape.crop == Crop(40, 30, 40, 40)


def test_another_ratio_keeps_the_middle_and_the_area() -> None:
    shape = CropShape.whole((400, 400))
    shape.show(Crop(100, 100, 100, 100))
    shape.set_ratio(4.0)
    assert shape.crop == Crop(50, 125, 200, 50)
    shape.set_ratio(None)
    assert shape.crop == Crop(50, 125, 200, 50)


def test_all_of_the_picture_is_no_cut() -> None:
    shape = CropShape.whole((40, 30))
    assert shape.is_whole and shape.crop == Crop(0, 0, 40, 30)
    shape.stretch((1, 0), (30, 0))
    assert not shape.is_whole
