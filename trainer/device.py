"""Which device a run uses."""

from __future__ import annotations

import re

import torch

from srgan_desktop.core.errors import DeviceError, UsageError
from srgan_desktop.core.translation import tr

_KINDS = ("cpu", "cuda", "xpu", "mps")


def choose_device(wanted: str) -> torch.device:
    """``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``xpu`` or ``mps`` as a device that is there.

    Raises:
        UsageError: no such kind of device.
        DeviceError: this machine has none.
    """
    if wanted == "auto":
        found = torch.accelerator.current_accelerator(check_available=True)
        return torch.device("cpu") if found is None else found
    match = re.fullmatch(rf"({'|'.join(_KINDS)})(?::(\d+))?", wanted)
    if match is None:
        raise UsageError(
            tr(
                "{device} is no device: choose auto, cpu, cuda, cuda:N, xpu or mps",
                device=repr(wanted),
            )
        )
    kind, number = match[1], int(match[2] or 0)
    if kind == "cpu":
        return torch.device("cpu")
    count = _count(kind)
    if count == 0:
        raise DeviceError(
            tr(
                "there is no {kind} device here that torch {version} can use; "
                "choose --device cpu or auto",
                kind=kind,
                version=torch.__version__,
            )
        )
    if number >= count:
        raise DeviceError(
            tr("there is no {device} here, only {n} of its kind", device=wanted, n=count)
        )
    return torch.device(kind, number)


def _count(kind: str) -> int:
    if kind == "mps":
        return int(torch.backends.mps.is_available())
    module = getattr(torch, kind)
    return int(module.device_count()) if module.is_available() else 0


def free_memory(device: torch.device) -> int | None:
    """Free bytes on the device, or of the machine for the CPU; None where nothing tells."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return machine_memory() if device.type == "cpu" else None


def machine_memory() -> int | None:
    """Bytes of memory that programs can still have; None where nothing tells."""
    try:
        import psutil
    except ImportError:
        return _memory_of_linux()
    return int(psutil.virtual_memory().available)


def _memory_of_linux() -> int | None:
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:  # noqa: PTH123 - no real file
            for line in lines:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None
