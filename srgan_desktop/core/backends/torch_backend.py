"""Networks run by torch, channels last, in any precision the device supports."""

from __future__ import annotations

import copy

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from srgan_desktop.core.backends import Part
from srgan_desktop.core.backends.memory_errors import memory_errors as memory_errors  # noqa: PLC0414 - passed on
from srgan_desktop.core.networks.inference import InferenceNetwork

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class TorchBackend:
    """See ``PixelBackend``. The skip stays in float32 whatever the precision of the convs."""

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

    def enlarge(self, pixels: NDArray[np.uint8], part: Part) -> NDArray[np.uint8]:
        """As ``PixelBackend.enlarge``; only bytes go to the device and back."""
        with torch.no_grad(), memory_errors(self.device):
            # a copy of what is read-only: torch warns of it, though nothing writes to it here
            source = torch.from_numpy(np.require(pixels, requirements=["C", "W"]))
            if self._torch_device.type == "cuda":
                source = source.pin_memory()
            given = source.to(self._torch_device, non_blocking=True)
            result: NDArray[np.uint8] = self.enlarge_there(given, part).cpu().numpy()
            return result

    def enlarge_there(self, pixels: Tensor, part: Part) -> Tensor:
        """``enlarge`` on the device: uint8 (H, W, colours) to uint8 (h * s, w * s, colours)."""
        x = pixels.permute(2, 0, 1)[None].to(torch.float32, memory_format=torch.channels_last)
        y: Tensor = self._network(x / 255)
        scale = self._network.config.scale
        rows, columns = (slice(start * scale, stop * scale) for start, stop in part)
        levels = y[0, :, rows, columns].clamp(0, 1).mul(255).round()
        return levels.to(torch.uint8).permute(1, 2, 0).contiguous()
