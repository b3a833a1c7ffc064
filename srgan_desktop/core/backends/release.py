"""Letting go of compiled graphs in a thread of its own.

Destroying one takes a tenth of a second or more: OpenVINO has the C library give all free memory
back to the system each time, and holds Python's lock meanwhile. Whoever happens to hold the last
reference pays for it; often that is the window's thread, which then stands still.
"""

from __future__ import annotations

import atexit
import ctypes
import sys
import threading
from collections.abc import Callable
from functools import cache
from queue import SimpleQueue
from typing import Any

# at the program's end no longer than this is waited for it
_PATIENCE_S = 5.0

_waiting: SimpleQueue[Any] = SimpleQueue()


@cache
def start() -> threading.Thread:
    """The thread; call it where such a graph is made.

    Not where one is let go: that may happen in the middle of anything, a start included.
    """
    # a program that ends for another reason must not wait for it
    thread = threading.Thread(target=_destroy_all, name="letting go", daemon=True)
    thread.start()
    atexit.register(wait_until_gone)
    return thread


def let_go(things: list[Any]) -> None:
    """Have them destroyed soon, one by one. Empties the list; keep no other reference.

    May be called from ``__del__`` in any thread. Without the thread, as in a process that was
    forked, and at the interpreter's end they are destroyed at once.
    """
    if sys.is_finalizing() or not start.cache_info().currsize or not start().is_alive():
        things.clear()
    while things:
        _waiting.put(things.pop())


def wait_until_gone(timeout: float = _PATIENCE_S) -> bool:
    """Whether all that was let go so far was destroyed within ``timeout`` seconds."""
    reached = threading.Event()
    _waiting.put(reached)
    return reached.wait(timeout)


def _destroy_all() -> None:
    give_back = _give_back_free_memory()
    while True:
        thing = _waiting.get()
        if isinstance(thing, threading.Event):
            thing.set()
            continue
        # what was free before goes back without Python's lock, so that little is left to do with it
        give_back()
        del thing


def _give_back_free_memory() -> Callable[[], object]:
    """glibc's ``malloc_trim``, which ctypes calls without Python's lock; elsewhere nothing."""
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return lambda: None
    return lambda: trim(ctypes.c_size_t(0))
