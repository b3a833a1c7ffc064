"""The engine's tests: networks so small that a second thread would only wait."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from thread_queues import ThreadQueues


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def queues() -> Iterator[ThreadQueues]:
    """A stand-in for a card's."""
    made = ThreadQueues()
    yield made
    made.close()
