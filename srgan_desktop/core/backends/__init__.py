"""Ways to run a network: torch on any device and in any precision, OpenVINO on processors."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor


class Backend(Protocol):
    """A network that is ready to run on one device in one precision.

    ``name`` says how ("torch", "openvino"), ``device`` and ``precision`` where and in what
    ("fp32", "bf16", "fp16").
    """

    name: str
    device: str
    precision: str

    def run(self, x: Tensor) -> Tensor:
        """float32 (N, C, H, W) on the CPU, 0..1, to float32 (N, C, H*s, W*s) on the CPU.

        Raises:
            DeviceMemoryError: not enough memory for this size; a smaller one may fit.
            DeviceError: the device failed.
        """
        ...
