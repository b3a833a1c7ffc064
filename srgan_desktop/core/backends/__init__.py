"""Ways to run a network: torch on any device and in any precision, OpenVINO on processors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

# makes a tile's bytes, uint8 (h, w, colours), of its float32 output (1, colours, H * s, W * s)
Finish: TypeAlias = "Callable[[Tensor], Tensor]"


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


class Part(NamedTuple):
    """Rows and columns of a picture, each from and to but without."""

    rows: tuple[int, int]
    columns: tuple[int, int]


@runtime_checkable
class PixelBackend(Backend, Protocol):
    """One that goes from pixels to pixels by itself, in one go and without torch."""

    def enlarge(self, pixels: NDArray[np.uint8], part: Part) -> NDArray[np.uint8]:
        """What becomes of ``part`` of a picture.

        Args:
            pixels: (H, W, colours); beyond ``part`` as much as the network sees.

        Returns:
            (h * scale, w * scale, colours) of the part's h rows and w columns.

        Raises:
            DeviceMemoryError, DeviceError: as ``run``.
        """
        ...


class Pending(Protocol):
    """A tile that is being computed."""

    def result(self) -> NDArray[np.uint8]:
        """Wait for its bytes, as ``Finish`` made them.

        Raises:
            DeviceMemoryError, DeviceError: as ``Backend.run``.
        """
        ...


@runtime_checkable
class QueuedBackend(Backend, Protocol):
    """One that can compute while the program does something else."""

    def ahead(self, height: int, width: int) -> int:
        """How many tiles of that size should be on their way while one is waited for; 0: none."""
        ...

    def begin(self, pixels: NDArray[np.uint8], finish: Finish) -> Pending:
        """Let pixels (H, W, colours) be computed. Errors come with the result."""
        ...
