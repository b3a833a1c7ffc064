"""Threads that do something together, or one of them alone."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from srgan_desktop.core.base.turns import Turns


@pytest.mark.timeout(60)
def test_who_is_alone_meets_nobody_and_the_others_meet() -> None:
    turns = Turns()
    inside: list[str] = []
    seen: list[tuple[str, ...]] = []
    met = threading.Barrier(3, timeout=30)

    def beside(_: int) -> None:
        with turns.together():
            met.wait()
        for _ in range(200):
            with turns.together():
                inside.append("beside")
                inside.remove("beside")

    def alone(_: int) -> None:
        for _ in range(200):
            with turns.alone():
                inside.append("alone")
                seen.append(tuple(inside))
                inside.remove("alone")

    with ThreadPoolExecutor(5) as pool:
        work = [pool.submit(beside, n) for n in range(3)] + [pool.submit(alone, n) for n in (0, 1)]
    for done in work:
        done.result()
    assert seen == [("alone",)] * 400


@pytest.mark.timeout(60)
def test_an_error_ends_the_turn() -> None:
    turns = Turns()
    for kind in (turns.alone, turns.together, turns.alone):
        with pytest.raises(KeyError), kind():
            raise KeyError
