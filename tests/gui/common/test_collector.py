"""Qt's objects die in the window's thread, whoever makes the object that is one too many."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from waiting import WaitUntil

from srgan_desktop.gui.common.collector import EVERY_MS, Collector


@pytest.fixture
def collector(qapp: object) -> Iterator[Collector]:
    made = Collector()
    made.start()
    yield made
    made.stop()
    assert gc.isenabled()


class Holder(QObject):
    """Holds itself, and notes in which thread it is collected."""

    def __init__(self, noted: list[int]) -> None:
        super().__init__()
        self.itself = self
        self.note = Note(noted)


class Note:
    def __init__(self, noted: list[int]) -> None:
        self.noted = noted

    def __del__(self) -> None:
        self.noted.append(threading.get_ident())


def make_garbage() -> None:
    """As much as makes Python collect all generations."""
    for _ in range(200):
        for _ in range(1000):
            circle: list[object] = []
            circle.append(circle)


def in_another_thread() -> None:
    thread = threading.Thread(target=make_garbage)
    thread.start()
    thread.join()


def test_python_alone_would_collect_it_in_the_worker() -> None:
    noted: list[int] = []
    Holder(noted)
    in_another_thread()
    assert noted
    assert noted != [threading.get_ident()]


def test_garbage_of_the_window_waits_for_its_thread(
    collector: Collector, wait_until: WaitUntil
) -> None:
    collector.collect()  # libraries that are loaded by now
    noted: list[int] = []
    Holder(noted)
    in_another_thread()
    assert noted == []
    wait_until(lambda: bool(noted), 10 * EVERY_MS)
    assert noted == [threading.get_ident()]


def test_memory_stays_bounded(collector: Collector) -> None:
    collector.collect()
    for _ in range(5):
        make_garbage()
        collector.collect()
        assert gc.get_count()[0] < gc.get_threshold()[0]
