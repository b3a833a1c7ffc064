"""One error for the many by which devices report a lack of memory. Without torch."""

from __future__ import annotations

import sys

from srgan_desktop.core.base.errors import DeviceError, DeviceMemoryError
from srgan_desktop.core.base.translation import tr


class memory_errors:  # noqa: N801 - reads as a statement
    """Turns what torch and OpenVINO raise into DeviceMemoryError and DeviceError."""

    def __init__(self, device: str) -> None:
        self._device = device

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DeviceMemoryError):
            return
        if is_memory_error(error):
            if self._device != "cpu":
                sys.modules["torch"].accelerator.empty_cache()
            raise DeviceMemoryError(
                tr("{device}: not enough memory", device=self._device)
            ) from error
        if isinstance(error, RuntimeError):
            raise DeviceError(
                tr("{device} failed: {reason}", device=self._device, reason=error)
            ) from error


def is_memory_error(error: BaseException | None) -> bool:
    """Whether this is a lack of memory, on any device."""
    if isinstance(error, MemoryError | DeviceMemoryError):
        return True
    return isinstance(error, RuntimeError) and _speaks_of_memory(error)


def _speaks_of_memory(error: RuntimeError) -> bool:
    message = str(error).lower()
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
