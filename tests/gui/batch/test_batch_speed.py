"""50,000 rows: added at once, scrolled without a stall. The figures are printed.

What is held to a limit is the time that the window's own thread works without a break, in
processor time: other programs on the machine, such as other tests, shall not count.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
import timing
from batch_helpers import settle
from PySide6.QtCore import QObject, QTimer
from waiting import WaitUntil

from srgan_desktop.gui.batch.filters import Filter
from srgan_desktop.gui.batch.page import BatchPage

ROWS = 50_000
# in units of timing.work: 160 and 2 are usual
ADDING_UNITS = 400
STALL_UNITS = 6


class Stalls(QObject):
    """The longest time between two turns of the event loop, as ``with`` the work is done."""

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self.wall_s = self.worked_s = 0.0

    def __enter__(self) -> Stalls:
        self._wall, self._worked = time.perf_counter(), time.thread_time()
        self._timer.start(0)
        return self

    def __exit__(self, *_: object) -> None:
        self._tick()
        self._timer.stop()

    def _tick(self) -> None:
        wall, worked = time.perf_counter(), time.thread_time()
        self.wall_s = max(self.wall_s, wall - self._wall)
        self.worked_s = max(self.worked_s, worked - self._worked)
        self._wall, self._worked = wall, worked


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Files by name only: nothing of a row needs more, until it is looked at."""
    top = tmp_path / "many"
    for folder in range(50):
        (top / f"{folder:02}").mkdir(parents=True)
        for number in range(ROWS // 50):
            (top / f"{folder:02}" / f"IMG_{number:04}.jpg").touch()
    return top


def test_fifty_thousand_rows(page: BatchPage, many: Path, wait_until: WaitUntil) -> None:
    page.estimator.want = lambda *_: None  # type: ignore[method-assign]
    unit_s = timing.unit_s(time.thread_time)
    began, worked = time.perf_counter(), time.process_time()
    with Stalls() as adding:
        page.open_paths([many])
        wait_until(lambda: len(page.model) == ROWS, 60)
    took, used = time.perf_counter() - began, time.process_time() - worked
    print(f"\nadded in {took:.2f} s ({used:.2f} s of processor time), {_text(adding)}")
    assert used < ADDING_UNITS * unit_s
    assert adding.worked_s < STALL_UNITS * unit_s
    settle(page, wait_until)

    bar = page.table.verticalScrollBar()
    steps: list[tuple[str, Callable[[], object]]] = [
        ("scrolling", lambda: [_at(bar, at, wait_until) for at in range(0, ROWS, ROWS // 60)]),
        ("selecting all", page.table.selectAll),
        ("another filter", lambda: page.top.choose(Filter.WAITING)),
        ("all of them again", lambda: page.top.choose(Filter.ALL)),
        ("a name that is nowhere", lambda: page.table.keyboardSearch("zzz")),
    ]
    for name, act in steps:
        with Stalls() as stalls:
            act()
            _turn(wait_until)
        print(f"{name}: {_text(stalls)}")
        if name == "scrolling":
            assert stalls.worked_s < STALL_UNITS * unit_s


def _at(bar: object, value: int, wait_until: WaitUntil) -> None:
    bar.setValue(value)  # type: ignore[attr-defined]
    _turn(wait_until)


def _turn(wait_until: WaitUntil) -> None:
    turns: list[int] = []

    def turned() -> bool:
        turns.append(1)
        return len(turns) > 3

    wait_until(turned)


def _text(stalls: Stalls) -> str:
    return f"longest stall {stalls.worked_s * 1000:.0f} ms at work, {stalls.wall_s * 1000:.0f} ms"
