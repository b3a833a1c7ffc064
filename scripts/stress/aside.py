"""Work beside other work."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def aside(work: Callable[[], object]) -> Iterator[None]:
    """``work`` in a thread of its own, which ends by itself; it is waited for."""
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()
