"""How long processor threads spin for the next piece of work; set before torch is loaded.

OpenMP's threads wait for each other by spinning, for about as long as the system lets a thread run
before it turns to another. On a machine with other work the thread that is waited for is then the
one that does not get to run, and a step takes several times as long. Spinning for a tenth of a
millisecond bridges the gaps between the parts of a step all the same.
"""

from __future__ import annotations

import os

# GNU's counts turns of a loop, Intel's and LLVM's milliseconds
_BRIEFLY = {"GOMP_SPINCOUNT": "20000", "KMP_BLOCKTIME": "1"}


def wait_briefly() -> None:
    """Choose short waits for this process and those it starts, unless the person chose already."""
    if "OMP_WAIT_POLICY" not in os.environ:
        for name, value in _BRIEFLY.items():
            os.environ.setdefault(name, value)
