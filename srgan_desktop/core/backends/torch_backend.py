"""Networks run by torch, channels last, in any precision the device supports."""

from __future__ import annotations

import copy

import torch
from torch import Tensor

from srgan_desktop.core.backends.memory_errors import memory_errors as memory_errors  # noqa: PLC0414 - passed on
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
