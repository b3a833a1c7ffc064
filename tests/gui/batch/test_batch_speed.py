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
from batch_driver import BatchDriver
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QScrollBar
from waiting import wait_until

from srgan_desktop.gui.batch.rows import Filter

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


@pytest.mark.slow
def test_fifty_thousand_rows(batch: BatchDriver, many: Path) -> None:
    batch.page.estimator.want = lambda *_: None  # type: ignore[method-assign]
    rows, table = batch.page.model.rows, batch.table
    unit_s = timing.unit_s(time.thread_time)
    began, worked = time.perf_counter(), time.process_time()
    with Stalls() as adding:
        batch.page.open_paths([many])
        wait_until(lambda: len(rows) == ROWS)
    took, used = time.perf_counter() - began, time.process_time() - worked
    print(f"\nadded in {took:.2f} s ({used:.2f} s of processor time), {_text(adding)}")
    assert used < ADDING_UNITS * unit_s
    assert adding.worked_s < STALL_UNITS * unit_s
    batch.settle()

    bar = table.verticalScrollBar()
    steps: list[tuple[str, Callable[[], object]]] = [
        ("scrolling", lambda: [_at(bar, at) for at in range(0, ROWS, ROWS // 60)]),
        ("selecting all", table.selectAll),
        ("another filter", lambda: batch.show_only(Filter.WAITING)),
        ("all of them again", lambda: batch.show_only(Filter.ALL)),
        ("a name that is nowhere", lambda: table.keyboardSearch("zzz")),
    ]
    for name, act in steps:
        with Stalls() as stalls:
            act()
            _turn()
        print(f"{name}: {_text(stalls)}")
        if name == "scrolling":
            assert stalls.worked_s < STALL_UNITS * unit_s


def _at(bar: QScrollBar, value: int) -> None:
    bar.setValue(value)
    _turn()


def _turn() -> None:
    turns: list[int] = []

    def turned() -> bool:
        turns.append(1)
        return len(turns) > 3

    wait_until(turned)


def _text(stalls: Stalls) -> str:
    return f"longest stall {stalls.worked_s * 1000:.0f} ms at work, {stalls.wall_s * 1000:.0f} ms"
