"""The view transform: what stays where, and what can never happen."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srgan_desktop.gui.viewer.transform import MAX_ZOOM, ViewTransform

sides = st.integers(1, 20000)
sizes = st.tuples(sides, sides)
views = st.tuples(st.integers(1, 4000), st.integers(1, 3000))
shares = st.tuples(st.floats(0, 1), st.floats(0, 1))
factors = st.floats(0.001, 50)
moves = st.tuples(st.floats(-1e5, 1e5), st.floats(-1e5, 1e5))

# the same examples every time, however slow the machine is
steady = settings(derandomize=True, deadline=None)


@st.composite
def transforms(draw: st.DrawFn) -> ViewTransform:
    picture, view = draw(sizes), draw(views)
    start = ViewTransform.fitted(picture, view)
    share, anchor = draw(shares), draw(shares)
    start = start.centred((share[0] * picture[0], share[1] * picture[1]))
    return start.zoomed(draw(factors), (anchor[0] * view[0], anchor[1] * view[1]))


def on_picture(view: ViewTransform, point: tuple[float, float]) -> bool:
    return all(0 <= point[axis] <= view.picture[axis] for axis in (0, 1))


@steady
@given(transforms(), shares)
def test_positions_go_there_and_back(view: ViewTransform, share: tuple[float, float]) -> None:
    point = (share[0] * view.picture[0], share[1] * view.picture[1])
    assert view.to_picture(view.to_view(point)) == pytest.approx(point, abs=1e-6)


@steady
@given(transforms(), shares, st.floats(1, 20))
def test_zooming_in_keeps_the_point_under_the_pointer(
    view: ViewTransform, share: tuple[float, float], factor: float
) -> None:
    # a pointer over the picture
    anchor = view.to_view((share[0] * view.picture[0], share[1] * view.picture[1]))
    zoomed = view.zoomed(view.zoom * factor, anchor)
    assert zoomed.to_picture(anchor) == pytest.approx(view.to_picture(anchor), abs=1e-6)


@steady
@given(transforms(), shares, factors)
def test_zooming_out_keeps_it_too_while_the_picture_is_under_the_middle(
    view: ViewTransform, share: tuple[float, float], zoom: float
) -> None:
    anchor = (share[0] * view.viewport[0], share[1] * view.viewport[1])
    zoomed = view.zoomed(zoom, anchor)
    inside = all(0 < zoomed.centre[axis] < view.picture[axis] for axis in (0, 1))
    if inside:
        assert zoomed.to_picture(anchor) == pytest.approx(view.to_picture(anchor), abs=1e-6)


@steady
@given(transforms(), shares, st.floats(1, 5))
def test_in_and_out_again_changes_nothing(
    view: ViewTransform, share: tuple[float, float], factor: float
) -> None:
    anchor = view.to_view((share[0] * view.picture[0], share[1] * view.picture[1]))
    nearer = view.zoomed(view.zoom * factor, anchor)
    back = nearer.zoomed(view.zoom, anchor)
    assert back.zoom == view.zoom
    assert back.centre == pytest.approx(view.centre, abs=1e-6)


@steady
@given(transforms(), moves, factors, shares)
def test_zoom_keeps_its_limits_and_the_picture_stays_under_the_middle(
    view: ViewTransform, move: tuple[float, float], zoom: float, share: tuple[float, float]
) -> None:
    anchor = (share[0] * view.viewport[0], share[1] * view.viewport[1])
    for changed in (view.panned(*move), view.zoomed(zoom, anchor)):
        assert changed.min_zoom <= changed.zoom <= MAX_ZOOM
        assert on_picture(changed, changed.centre)


@steady
@given(transforms(), moves)
def test_a_pan_opens_no_gap_at_an_edge(view: ViewTransform, move: tuple[float, float]) -> None:
    def gaps(of: ViewTransform, axis: int) -> list[float]:
        start, end = of.to_view((0, 0))[axis], of.to_view(of.picture)[axis]
        return [max(0.0, start), max(0.0, of.viewport[axis] - end)]

    panned = view.panned(*move)
    for axis in (0, 1):
        if view.picture[axis] * view.zoom < view.viewport[axis]:
            continue
        for before, after in zip(gaps(view, axis), gaps(panned, axis), strict=True):
            assert after <= before + 1e-6


@steady
@given(sizes, views)
def test_fit_shows_the_whole_picture_in_the_middle(
    picture: tuple[int, int], viewport: tuple[int, int]
) -> None:
    view = ViewTransform.fitted(picture, viewport)
    left, top, right, bottom = view.visible()
    assert (left, top, right, bottom) == pytest.approx((0, 0, *picture), rel=1e-9, abs=1e-6)
    start, end = view.to_view((0, 0)), view.to_view(picture)
    assert start[0] == pytest.approx(viewport[0] - end[0], abs=1e-6)
    assert start[1] == pytest.approx(viewport[1] - end[1], abs=1e-6)


@steady
@given(transforms())
def test_round_zooms_lead_from_one_end_to_the_other(view: ViewTransform) -> None:
    middle = (view.viewport[0] / 2, view.viewport[1] / 2)
    steps = 0
    while view.zoom < MAX_ZOOM:
        nearer = view.zoomed(view.next_stop(1), middle)
        assert nearer.zoom > view.zoom
        view, steps = nearer, steps + 1
    while view.zoom > view.min_zoom:
        farther = view.zoomed(view.next_stop(-1), middle)
        assert farther.zoom < view.zoom
        view, steps = farther, steps + 1
    assert steps < 40


def test_at_full_size_the_picture_is_painted_on_whole_pixels() -> None:
    view = ViewTransform((1000, 800), (333, 222), 1.0, (123.4, 567.8))
    assert view.origin() == (round(333 / 2 - 123.4), round(222 / 2 - 567.8))
