"""The threads for long work."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QThread
from waiting import wait_until

from srgan_desktop.gui.common.worker import Lane


@pytest.fixture
def lane(qapp: QCoreApplication) -> Iterator[Lane]:
    made = Lane("test")
    yield made
    made.shutdown()
    assert not made.isRunning()


def counting(last: int, threads: list[object]) -> Generator[int, None, str]:
    for number in range(last):
        threads.append(QThread.currentThread())
        yield number
    return "all"


def test_events_and_the_result_arrive_in_the_windows_thread(lane: Lane) -> None:
    worked_in: list[object] = []
    told_in: list[object] = []
    notice: list[object] = []

    def tell(what: object) -> None:
        notice.append(what)
        told_in.append(QThread.currentThread())

    lane.submit(lambda: counting(3, worked_in), on_event=tell, on_done=tell)
    wait_until(lambda: "all" in notice)
    assert notice == [0, 1, 2, "all"]
    assert set(worked_in) == {lane}
    assert lane not in told_in


def test_one_at_a_time_in_the_order_of_asking(lane: Lane) -> None:
    order: list[str] = []

    def work(name: str) -> Generator[None, None, None]:
        for _ in range(3):
            order.append(name)
            yield

    done: list[object] = []
    for name in "abc":
        lane.submit(lambda name=name: work(name), on_done=done.append)  # type: ignore[misc]
    wait_until(lambda: len(done) == 3)
    assert "".join(order) == "aaabbbccc"


def test_an_error_is_told_and_the_next_work_goes_on(lane: Lane) -> None:
    def broken() -> Generator[None, None, None]:
        yield
        raise ValueError("no")

    failures: list[BaseException] = []
    done: list[object] = []
    lane.submit(broken, on_failed=failures.append, on_done=done.append)
    lane.submit(lambda: counting(1, []), on_done=done.append)
    wait_until(lambda: done)
    assert [str(error) for error in failures] == ["no"]
    assert done == ["all"]


def test_after_cancel_nothing_is_told_and_the_work_is_closed(lane: Lane) -> None:
    closed_in: list[object] = []
    began = threading.Event()

    def endless() -> Generator[int, None, None]:
        try:
            while True:
                began.set()
                yield 1
                time.sleep(0.001)
        finally:
            closed_in.append(QThread.currentThread())

    notice: list[object] = []
    task = lane.submit(endless, on_event=notice.append, on_done=notice.append)
    assert began.wait(5)
    task.cancel()
    wait_until(lambda: closed_in)
    heard = len(notice)
    wait_until(lambda: not lane.busy)
    assert len(notice) == heard == 0, "what was on its way is dropped"
    assert closed_in == [lane], "only the thread that drains a generator may close it"


def test_shutdown_in_the_middle(lane: Lane) -> None:
    began = threading.Event()

    def endless() -> Generator[None, None, None]:
        while True:
            began.set()
            yield

    lane.submit(endless)
    never: list[object] = []
    lane.submit(lambda: counting(1, never))
    assert began.wait(5)
    lane.shutdown()
    assert never == []
    assert lane.submit(endless).cancelled, "it takes no more"
