"""The devices of this machine, by the names the command line uses: cpu, cuda:0, xpu, mps.

Torch is imported where it is asked for and no sooner: it takes over a second to start, and a
processor's OpenVINO does without it.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from srgan_desktop.core.base.errors import DeviceError, UsageError
from srgan_desktop.core.base.memory import free_memory_bytes, total_memory_bytes
from srgan_desktop.core.base.translation import tr

if TYPE_CHECKING:
    import torch

KINDS = ("cpu", "cuda", "xpu", "mps")
# in /dev: of NVIDIA (also on small boards), of Windows below Linux, of AMD, of Intel
_ACCELERATOR_FILES = ("nvidia*", "nvhost*", "nvmap", "dxg", "kfd", "dri/render*")


@dataclass(frozen=True)
class DeviceInfo:
    """A device that can be chosen. ``memory_bytes`` is its total memory, if known."""

    name: str
    title: str
    memory_bytes: int | None


def available_devices() -> list[DeviceInfo]:
    """The processor first, then every accelerator that torch can use."""
    devices = [DeviceInfo("cpu", processor_name(), total_memory_bytes())]
    if not _may_have_accelerator():
        return devices
    import torch

    accelerator = torch.accelerator.current_accelerator(check_available=True)
    if accelerator is None:
        return devices
    for index in range(torch.accelerator.device_count()):
        devices.append(_accelerator_info(accelerator.type, index))
    return devices


def _accelerator_info(kind: str, index: int) -> DeviceInfo:
    import torch

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
    import torch

    accelerator = torch.accelerator.current_accelerator(check_available=True)
    if wanted == "auto":
        return torch.device("cpu") if accelerator is None else torch.device(accelerator.type, 0)
    kind, colon, number = wanted.partition(":")
    if kind not in KINDS or (colon and not number.isdigit()):
        raise UsageError(
            tr("{name} is not a device; choose auto, cpu, cuda, cuda:1, xpu or mps", name=wanted)
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
    import torch

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
        import torch

        torch.set_num_threads(count)


def resolve_name(wanted: str) -> str:
    """As ``resolve_device``, but its name; without torch where it can only be the processor."""
    if wanted == "cpu" or (wanted == "auto" and not _may_have_accelerator()):
        return "cpu"
    return str(resolve_device(wanted))


def has_accelerator() -> bool:
    """Whether torch can compute on something else than the processor."""
    if not _may_have_accelerator():
        return False
    import torch

    return torch.accelerator.is_available()


def _may_have_accelerator() -> bool:
    """False: torch was not built for one, or the system has no device of that kind."""
    if "torch" in sys.modules or sys.platform == "darwin":
        return True
    if sys.platform == "linux" and not any(
        any(Path("/dev").glob(pattern)) for pattern in _ACCELERATOR_FILES
    ):
        return False
    spec = find_spec("torch")
    if spec is None or spec.origin is None:
        return True
    try:
        text = Path(spec.origin).with_name("version.py").read_text(encoding="utf-8")
    except OSError:
        return True
    return not all(f"{kind}: Optional[str] = None" in text for kind in ("cuda", "hip", "xpu"))


@lru_cache(maxsize=1)
def usual_threads() -> int:
    """How many threads compute where nobody says: one for each core that this process may use.

    Two threads of one core share its arithmetic; OMP_NUM_THREADS is obeyed.
    """
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdigit() and int(asked) > 0:
        return int(asked)
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    allowed = os.sched_getaffinity(0)
    cores = {_siblings(number) for number in allowed}
    return len(cores)


def _siblings(number: int) -> str:
    """The processors that share a core with this one."""
    path = f"/sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list"
    try:
        return Path(path).read_text(encoding="ascii")
    except OSError:
        return str(number)


@lru_cache(maxsize=1)
def processor_name() -> str:
    """As its maker calls it."""
    import platform

    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123 - no such file elsewhere
            for line in file:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or f"{os.cpu_count()} x {platform.machine()}"
