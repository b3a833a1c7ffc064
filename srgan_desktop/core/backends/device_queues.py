"""The queues of a graphics card: work in order within one, side by side between them.

What is queued is a function that only asks the card for something. A card's queue calls it at once
and its result is a tensor that will be filled later; a stand-in may call it later. Work of another
queue is therefore read through its ``Ticket`` alone, and only after it was waited for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

Compute = Callable[[Tensor], Tensor]


class Ticket(Protocol):
    """Work that was queued."""

    def value(self) -> Tensor:
        """Its result, for work that comes after it."""
        ...

    def wait(self) -> Tensor:
        """Its result, when it is there."""
        ...


class Queue(Protocol):
    """Work that is done in the order in which it came."""

    def put(self, work: Callable[[], Tensor], after: Ticket | None = None) -> Ticket:
        """Queue ``work``, to be begun when ``after`` is done."""
        ...


class DeviceQueues(Protocol):
    """What a pipeline needs of a device.

    Attributes:
        copy_in, compute, copy_out: its queues.
    """

    @property
    def copy_in(self) -> Queue: ...
    @property
    def compute(self) -> Queue: ...
    @property
    def copy_out(self) -> Queue: ...

    def upload(self, pixels: Tensor) -> Tensor:
        """Work for ``copy_in``: ``host_buffer`` memory to the device."""
        ...

    def download(self, result: Tensor) -> Tensor:
        """Work for ``copy_out``: to the host."""
        ...

    def host_buffer(self, *shape: int) -> Tensor:
        """uint8 memory on the host from which the device can copy by itself."""
        ...

    def recorded(self, compute: Compute, example: Tensor) -> Compute:
        """``compute`` for inputs shaped as ``example``, launched as one; work for ``compute``.

        Its result is overwritten by the next call. ``compute`` has run on that shape before.

        Raises:
            RuntimeError: it cannot be recorded.
        """
        ...


class _CudaTicket:
    def __init__(self, result: Tensor, stream: torch.cuda.Stream) -> None:
        self.result = result
        # blocking: a thread that waits leaves its core to the encoder
        self.event = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]
        self.event.record(stream)

    def value(self) -> Tensor:
        return self.result

    def wait(self) -> Tensor:
        self.event.synchronize()
        return self.result


class _CudaQueue:
    def __init__(self, device: torch.device) -> None:
        self.stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        # the weights may still be on their way
        self.stream.wait_stream(torch.cuda.current_stream(device))

    def put(self, work: Callable[[], Tensor], after: Ticket | None = None) -> Ticket:
        with torch.cuda.stream(self.stream):
            if isinstance(after, _CudaTicket):
                self.stream.wait_event(after.event)
                if after.result.is_cuda:
                    # its memory is not to be given away before this queue has read it
                    after.result.record_stream(self.stream)
            return _CudaTicket(work(), self.stream)


class CudaQueues:
    """See ``DeviceQueues``; CUDA streams, and graphs for what is recorded. ROCm's are the same."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self.copy_in: Queue = _CudaQueue(device)
        self.compute: Queue = _CudaQueue(device)
        self.copy_out: Queue = _CudaQueue(device)
        # recorded work of all shapes shares its memory: it is replayed one after the other
        self._pool = torch.cuda.graph_pool_handle()

    def upload(self, pixels: Tensor) -> Tensor:
        return pixels.to(self._device, non_blocking=True)

    def download(self, result: Tensor) -> Tensor:
        host = torch.empty(result.shape, dtype=result.dtype, pin_memory=True)
        return host.copy_(result, non_blocking=True)

    def host_buffer(self, *shape: int) -> Tensor:
        return torch.empty(shape, dtype=torch.uint8, pin_memory=True)

    def recorded(self, compute: Compute, example: Tensor) -> Compute:
        given = torch.empty_like(example)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(
            graph,
            pool=self._pool,
            stream=torch.cuda.current_stream(self._device),
            # other threads may use the card meanwhile
            capture_error_mode="thread_local",
        ):
            result = compute(given)

        def replay(x: Tensor) -> Tensor:
            given.copy_(x)
            graph.replay()
            return result

        return replay


def queues_of(device: torch.device) -> DeviceQueues | None:
    """Those of ``device``; None where it is driven without."""
    return CudaQueues(device) if device.type == "cuda" else None
