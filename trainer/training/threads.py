"""Processor threads: how long they wait for work, and how many each part of a step uses.

Loads torch only where it is used: what ``wait_briefly`` sets must be there before.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

# GNU's counts turns of a loop, Intel's and LLVM's milliseconds
_BRIEFLY = {"GOMP_SPINCOUNT": "20000", "KMP_BLOCKTIME": "1"}


def wait_briefly() -> None:
    """Choose short waits for this process and those it starts, unless the person chose already.

    OpenMP's threads wait for each other by spinning, for about as long as the system lets a thread
    run before it turns to another. On a machine with other work the thread that is waited for is
    then the one that does not get to run, and a step takes several times as long. Spinning for a
    tenth of a millisecond bridges the gaps between the parts of a step all the same.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        for name, value in _BRIEFLY.items():
            os.environ.setdefault(name, value)


@contextlib.contextmanager
def one_thread(device: torch.device) -> Iterator[None]:
    """Within, torch computes in this thread alone where ``device`` is the CPU.

    For hundreds of small tensors, such as the weights one after the other: sharing each out costs
    more than it gains, and on a machine with other work every sharing waits for the scheduler.
    """
    import torch

    before = torch.get_num_threads()
    if device.type != "cpu" or before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
