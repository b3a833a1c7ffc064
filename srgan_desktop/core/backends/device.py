"""The devices of this machine, by the names the command line uses: cpu, cuda:0, xpu, mps."""

from __future__ import annotations

import os
from dataclasses import dataclass

import torch

from srgan_desktop.core.base.errors import DeviceError, UsageError
from srgan_desktop.core.base.memory import free_memory_bytes, total_memory_bytes
from srgan_desktop.core.base.translation import tr

KINDS = ("cpu", "cuda", "xpu", "mps")


@dataclass(frozen=True)
class DeviceInfo:
    """A device that can be chosen. ``memory_bytes`` is its total memory, if known."""

    name: str
    title: str
    memory_bytes: int | None


def available_devices() -> list[DeviceInfo]:
    """The processor first, then every accelerator that torch can use."""
    devices = [DeviceInfo("cpu", _processor_name(), total_memory_bytes())]
    accelerator = torch.accelerator.current_accelerator(check_available=True)
    if accelerator is None:
        return devices
    for index in range(torch.accelerator.device_count()):
        devices.append(_accelerator_info(accelerator.type, index))
    return devices


def _accelerator_info(kind: str, index: int) -> DeviceInfo:
    module = getattr(torch, kind, None)
    title, memory = kind.upper(), None
    if module is not None and hasattr(module, "get_device_properties"):
        properties = module.get_device_properties(index)
        title, memory = properties.name, properties.total_memory
    return DeviceInfo(kind if kind == "mps" else f"{kind}:{index}", title, memory)


def resolve_device(wanted: str) -> torch.device:
    """The torch device for a name; "auto" takes an accelerator if there is one.

    Raises:
        UsageError: no such name.
        DeviceError: not on this machine.
    """
    accelerator = torch.accelerator.current_accelerator(check_available=True)
    if wanted == "auto":
        return torch.device("cpu") if accelerator is None else torch.device(accelerator.type, 0)
    kind, colon, number = wanted.partition(":")
    if kind not in KINDS or (colon and not number.isdigit()):
        raise UsageError(
            tr("{name} is no device; choose auto, cpu, cuda, cuda:1, xpu or mps", name=wanted)
        )
    if kind == "cpu":
        return torch.device("cpu")
    index = int(number or 0)
    if accelerator is None or accelerator.type != kind or index >= torch.accelerator.device_count():
        there = ", ".join(device.name for device in available_devices())
        raise DeviceError(
            tr("there is no device {name} here; available: {there}", name=wanted, there=there)
        )
    return torch.device(kind, index)


def free_device_memory_bytes(device: torch.device) -> int | None:
    """Free memory on ``device`` in bytes; None if unknown."""
    if device.type == "cpu":
        return free_memory_bytes()
    module = getattr(torch, device.type, None)
    if module is None or not hasattr(module, "mem_get_info"):
        return None
    try:
        free, _ = module.mem_get_info(device)
    except RuntimeError:  # the driver is gone or was never there
        return None
    return int(free)


def set_threads(count: int) -> None:
    """Set how many CPU threads torch uses; 0 leaves the choice to torch."""
    if count > 0:
        torch.set_num_threads(count)


def _processor_name() -> str:
    import platform

    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123 - no such file elsewhere
            for line in file:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or f"{os.cpu_count()} x {platform.machine()}"
