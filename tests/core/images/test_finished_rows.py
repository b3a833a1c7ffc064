"""Rows are counted from the top without gaps, and waited for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from srgan_desktop.core.images.finished_rows import AbandonedError, FinishedRows


def test_rows_count_once_all_their_columns_are_there() -> None:
    rows = FinishedRows(10, 6)
    counts = []
    for part, width in [((0, 2), 6), ((2, 4), 10), ((0, 2), 4), ((5, 6), 10), ((4, 5), 10)]:
        rows.add(part, width)
        counts.append(rows.count)
    assert counts == [0, 0, 4, 4, 6]


def test_whoever_waits_goes_on_with_the_rows_or_with_the_end_of_all() -> None:
    rows = FinishedRows(10, 6)
    with ThreadPoolExecutor(2) as pool:
        first, last = pool.submit(rows.wait, 2), pool.submit(rows.wait, 99)
        rows.add((0, 3), 10)
        assert first.result(10) is None
        assert not last.done()
        rows.abandon()
        with pytest.raises(AbandonedError):
            last.result(10)
    rows.wait(3)  # these are final all the same
