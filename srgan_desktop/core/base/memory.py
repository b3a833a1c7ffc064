"""How much main memory there is, and how much of it this process uses."""

from __future__ import annotations

import sys

# read through a name, so that type checkers look at the code for all systems
_SYSTEM: str = sys.platform


def peak_resident_bytes() -> int | None:
    """The peak resident memory of this process so far, in bytes; None if unknown.

    On Linux not what getrusage says: that figure survives the start of a new program and may be
    that of whoever started this one.
    """
    if _SYSTEM == "linux":
        return _linux_figure("/proc/self/status", "VmHWM:")
    try:
        import psutil
    except ImportError:
        psutil = None
    if _SYSTEM == "win32":
        return None if psutil is None else int(psutil.Process().memory_info().peak_wset)
    import resource

    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)  # bytes on macOS


def resident_bytes() -> int | None:
    """The resident memory of this process, in bytes; None if unknown."""
    if _SYSTEM == "linux":
        return _linux_figure("/proc/self/status", "VmRSS:")
    try:
        import psutil
    except ImportError:
        return None
    return int(psutil.Process().memory_info().rss)


def free_memory_bytes() -> int | None:
    """Main memory available without swapping, in bytes; None if unknown."""
    if _SYSTEM == "linux":  # also where psutil is missing; its import takes a tenth of a second
        return _linux_figure("/proc/meminfo", "MemAvailable:")
    try:
        import psutil
    except ImportError:
        return None
    return int(psutil.virtual_memory().available)


def total_memory_bytes() -> int | None:
    """Main memory in bytes; None if unknown."""
    if _SYSTEM == "linux":
        return _linux_figure("/proc/meminfo", "MemTotal:")
    try:
        import psutil
    except ImportError:
        return None
    return int(psutil.virtual_memory().total)


def _linux_figure(file: str, name: str) -> int | None:
    try:
        with open(file, encoding="ascii", errors="replace") as lines:  # noqa: PTH123 - no real file
            for line in lines:
                if line.startswith(name):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None
