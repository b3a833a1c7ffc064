"""Networks run by torch, channels last, in any precision the device supports."""

from __future__ import annotations

import copy

import torch
from torch import Tensor

from srgan_desktop.core.base.errors import DeviceError, DeviceMemoryError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.networks.inference import InferenceNetwork

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class TorchBackend:
    """See ``Backend``. The skip stays in float32 whatever the precision of the convs."""

    name = "torch"

    def __init__(self, network: InferenceNetwork, device: torch.device, precision: str) -> None:
        self.device = str(device)
        self.precision = precision
        self._torch_device = device
        with memory_errors(self.device):
            moved = copy.deepcopy(network).to(device, DTYPES[precision])
            self._network = moved.to(memory_format=torch.channels_last)

    def run(self, x: Tensor) -> Tensor:
        with torch.no_grad(), memory_errors(self.device):
            on_device = x.to(self._torch_device, memory_format=torch.channels_last)
            result: Tensor = self._network(on_device)
            return result.to("cpu")


class memory_errors:  # noqa: N801 - reads as a statement
    """Turns the many errors by which devices report a lack of memory into one."""

    def __init__(self, device: str) -> None:
        self._device = device

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, MemoryError | torch.OutOfMemoryError) or (
            isinstance(error, RuntimeError) and _speaks_of_memory(str(error))
        ):
            if self._device != "cpu":
                torch.accelerator.empty_cache()
            raise DeviceMemoryError(
                tr("{device}: not enough memory", device=self._device)
            ) from error
        if isinstance(error, RuntimeError):
            raise DeviceError(
                tr("{device} failed: {reason}", device=self._device, reason=error)
            ) from error


def _speaks_of_memory(message: str) -> bool:
    message = message.lower()
    return any(
        phrase in message
        for phrase in (
            "out of memory",
            "can't allocate memory",
            "cannot allocate",
            "bad_alloc",
            "bad allocation",
            "not enough memory",
        )
    )
