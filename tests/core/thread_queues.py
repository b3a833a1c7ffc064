"""A stand-in for a graphics card: each of its queues is a thread of the processor.

It is stricter than a card. Work that reads what another queue makes without having waited for it
is an error here, where a card would now and then give wrong pixels.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import torch
from torch import Tensor

from srgan_desktop.core.backends.device_queues import Compute, Ticket


class ThreadTicket:
    def __init__(self, queue: ThreadQueue, future: Future[Tensor]) -> None:
        self.queue, self.future = queue, future

    def value(self) -> Tensor:
        reader = self.queue.known.get(threading.current_thread().name, set())
        if self.queue.name != threading.current_thread().name and self not in reader:
            raise AssertionError(f"what {self.queue.name} makes is read before it is there")
        return self.future.result(0)

    def wait(self) -> Tensor:
        return self.future.result(20)


class ThreadQueue:
    def __init__(self, name: str, known: dict[str, set[ThreadTicket]]) -> None:
        self.name = f"{name}_0"
        # what the work of each thread may read of others
        self.known = known
        self._pool = ThreadPoolExecutor(1, name)
        self._last: Future[Tensor] | None = None

    def put(self, work: Callable[[], Tensor], after: Ticket | None = None) -> Ticket:
        def done() -> Tensor:
            if isinstance(after, ThreadTicket):
                after.wait()
                self.known.setdefault(self.name, set()).add(after)
            return work()

        return ThreadTicket(self, self._pool.submit(done))

    def close(self) -> None:
        self._pool.shutdown()


class ThreadQueues:
    """See ``DeviceQueues``.

    Attributes:
        records: whether it can record; RuntimeError where not.
        recorded_shapes: of what was recorded, in order.
        copied_in: how often something was copied to the device.
    """

    def __init__(self, *, records: bool = True) -> None:
        known: dict[str, set[ThreadTicket]] = {}
        self.copy_in, self.compute, self.copy_out = (
            ThreadQueue(name, known) for name in ("in", "compute", "out")
        )
        self.records = records
        self.recorded_shapes: list[tuple[int, ...]] = []
        self.copied_in = 0

    def upload(self, pixels: Tensor) -> Tensor:
        self.copied_in += 1
        return pixels.clone()

    def download(self, result: Tensor) -> Tensor:
        return result.clone()

    def host_buffer(self, *shape: int) -> Tensor:
        return torch.empty(shape, dtype=torch.uint8)

    def recorded(self, compute: Compute, example: Tensor) -> Compute:
        if not self.records:
            raise RuntimeError("operation not permitted when stream is capturing")
        self.recorded_shapes.append(tuple(example.shape))
        made = compute(example).clone()

        def replay(x: Tensor) -> Tensor:
            assert x.shape == example.shape
            return made.copy_(compute(x))  # each launch writes over what the last one made

        return replay

    def close(self) -> None:
        for queue in (self.copy_in, self.compute, self.copy_out):
            queue.close()
