"""Networks run by torch, channels last, in any precision the device supports."""

from __future__ import annotations

import copy

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from srgan_desktop.core.backends import Finish, Part, Pending
from srgan_desktop.core.backends.device import free_device_memory_bytes
from srgan_desktop.core.backends.device_queues import DeviceQueues, queues_of
from srgan_desktop.core.backends.memory_errors import memory_errors as memory_errors  # noqa: PLC0414 - passed on
from srgan_desktop.core.backends.pipeline import Pipeline, batch_of
from srgan_desktop.core.networks.inference import STRIP_PIXELS, InferenceNetwork

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}

# upsampling in few large strips computes less context twice. On a card it takes at most this share
# of the free memory, at about this many bytes a pixel (SRResNet, 2 values of 256 channels)
STRIP_SHARE = 1 / 16
STRIP_BYTES = 4096
LARGEST_STRIP = 512 * 512


class TorchBackend:
    """See ``PixelBackend`` and ``QueuedBackend``.

    The skip stays in float32 whatever the precision of the convs.
    """

    name = "torch"

    def __init__(
        self,
        network: InferenceNetwork,
        device: torch.device,
        precision: str,
        queues: DeviceQueues | None = None,
    ) -> None:
        """``queues``: of the device where it has some that torch does not name."""
        self.device = str(device)
        self.precision = precision
        self._torch_device = device
        with memory_errors(self.device):
            moved = copy.deepcopy(network).to(device, DTYPES[precision])
            self._network = moved.to(memory_format=torch.channels_last)
            self._network.strip_pixels = strip_pixels(device)
            queues = queues or queues_of(device)
        self._pipeline = Pipeline(self.output, queues, self.device) if queues else None

    def run(self, x: Tensor) -> Tensor:
        with torch.no_grad(), memory_errors(self.device):
            on_device = x.to(self._torch_device, memory_format=torch.channels_last)
            result: Tensor = self._network(on_device)
            return result.to("cpu")

    def enlarge(self, pixels: NDArray[np.uint8], part: Part) -> NDArray[np.uint8]:
        """As ``PixelBackend.enlarge``; only bytes go to the device and back."""
        scale = self._network.config.scale
        rows, columns = (slice(start * scale, stop * scale) for start, stop in part)
        with torch.no_grad(), memory_errors(self.device):
            # a copy of what is read-only: torch warns of it, though nothing writes to it here
            source = torch.from_numpy(np.require(pixels, requirements=["C", "W"]))
            output = self.output(source[None].to(self._torch_device))
            result: NDArray[np.uint8] = as_bytes(output[..., rows, columns]).cpu().numpy()
            return result

    def ahead(self, height: int, width: int) -> int:
        """As ``QueuedBackend.ahead``: one group of tiles is computed, one goes in, one out."""
        return 0 if self._pipeline is None else 2 * batch_of((height, width))

    def begin(self, pixels: NDArray[np.uint8], finish: Finish) -> Pending:
        """As ``QueuedBackend.begin``."""
        assert self._pipeline is not None  # whoever asks has looked at ``ahead``
        return self._pipeline.begin(pixels, finish)

    def output(self, pixels: Tensor) -> Tensor:
        """On the device, uint8 (N, H, W, colours) to float32 (N, colours, H * s, W * s)."""
        x = pixels.permute(0, 3, 1, 2).to(torch.float32, memory_format=torch.channels_last)
        result: Tensor = self._network(x / 255)
        return result


def as_bytes(y: Tensor) -> Tensor:
    """A network's output (1, colours, h, w), float on 0..1, as uint8 (h, w, colours)."""
    levels = y[0].clamp(0, 1).mul(255).round()
    return levels.to(torch.uint8).permute(1, 2, 0).contiguous()


def strip_pixels(device: torch.device) -> int:
    """How many input pixels are upsampled at once on ``device``."""
    free = None if device.type == "cpu" else free_device_memory_bytes(device)
    if free is None:
        return STRIP_PIXELS
    return min(LARGEST_STRIP, max(STRIP_PIXELS, int(free * STRIP_SHARE) // STRIP_BYTES))
