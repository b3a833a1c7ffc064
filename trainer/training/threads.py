"""How many processor threads which part of a step gets."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch


@contextlib.contextmanager
def one_thread(device: torch.device) -> Iterator[None]:
    """Within, torch computes in this thread alone where ``device`` is the CPU.

    For hundreds of small tensors, such as the weights one after the other: sharing each out costs
    more than it gains, and on a machine with other work every sharing waits for the scheduler.
    """
    before = torch.get_num_threads()
    if device.type != "cpu" or before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
