"""One run in several processes, on one machine or many, as ``torchrun`` starts them.

``batch`` counts the crops of all processes together. Each takes its share of the same batch, the
gradients are added up, and all make the same step: losses do not depend on the number of
processes, up to rounding. What looks at a whole batch at once sees a process's share only: batch
norm and the means of the relativistic loss. The statistics that batch norm keeps for later are
those of the first process.

The first process alone writes, and what it decides by the clock is followed by all. Decisions
travel between processors, so that no accelerator is waited for.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

import torch
from torch import Tensor, nn

from srgan_desktop.core.backends.device import resolve_device
from srgan_desktop.core.base.errors import TrainingError, UsageError
from srgan_desktop.core.base.translation import tr

T = TypeVar("T")

# longer than any validation or reading of photos that one process does while the others wait;
# a process that dies is noticed at once
_PATIENCE = timedelta(hours=2)


def is_first() -> bool:
    """Whether this process is the only one or the first of those that torchrun started."""
    return int(os.environ.get("RANK", "0")) == 0


class Group:
    """Processes that train together; ``ALONE`` is a single one, which communicates with none.

    Every method that sends is to be called by all processes alike.

    Attributes:
        rank, size: number of this process, from 0, and of all.
        local_rank: its number on its machine.
    """

    def __init__(self, rank: int = 0, size: int = 1, local_rank: int = 0) -> None:
        self.rank, self.size, self.local_rank = rank, size, local_rank

    @property
    def leads(self) -> bool:
        """Whether this process writes files and emits events."""
        return self.rank == 0

    def share(self, count: int) -> slice:
        """Which of ``count`` crops this process trains on."""
        return slice(count * self.rank // self.size, count * (self.rank + 1) // self.size)

    def device(self, wanted: str) -> torch.device:
        """As ``resolve_device``; of several accelerators each process takes its own.

        Raises:
            UsageError, DeviceError: as there.
        """
        device = resolve_device(wanted)
        if self.size > 1 and device.type == "cuda" and ":" not in wanted:
            device = resolve_device(f"cuda:{self.local_rank}")
            torch.cuda.set_device(device)
        return device

    def add(self, numbers: Sequence[float]) -> list[float]:
        """Sums over all processes, on the CPU."""
        if self.size == 1:
            return list(numbers)
        sums = torch.tensor(numbers, dtype=torch.float64)
        self._all_reduce(sums)
        return [float(value) for value in sums]

    def first(self, value: T) -> T:
        """The first process's value; those of the others are ignored."""
        if self.size == 1:
            return value
        import torch.distributed as dist

        box = [value if self.leads else None]
        with _loss_of_others():
            dist.broadcast_object_list(box, src=0, device=torch.device("cpu"))
        received: T = box[0]  # type: ignore[assignment]
        return received

    def add_losses(self, losses: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Each loss summed over all processes; 0-dimensional tensors."""
        if self.size == 1:
            return dict(losses)
        sums = torch.stack([loss.detach().float() for loss in losses.values()])
        self._all_reduce(sums)
        return dict(zip(losses, sums.unbind(), strict=True))

    def add_gradients(self, network: nn.Module) -> None:
        """Replace the gradients in ``network`` by their sums over all processes."""
        if self.size == 1:
            return
        gradients: list[Tensor] = [p.grad for p in network.parameters() if p.grad is not None]
        # in one piece: many small messages would take longer
        flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
        self._all_reduce(flat)
        first = 0
        for gradient in gradients:
            last = first + gradient.numel()
            gradient.copy_(flat[first:last].view(gradient.shape))
            first = last

    def _all_reduce(self, tensor: Tensor) -> None:
        import torch.distributed as dist

        with _loss_of_others():
            dist.all_reduce(tensor)


ALONE = Group()


@contextlib.contextmanager
def _loss_of_others() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        if isinstance(error, torch.OutOfMemoryError):
            raise
        raise TrainingError(
            tr("another process of this run ended, or cannot be reached; resume goes on")
        ) from error


@contextlib.contextmanager
def joined() -> Iterator[Group]:
    """The processes that torchrun started, this one among them, joined; ``ALONE`` without it.

    Raises:
        UsageError: torch cannot do that here.
        TrainingError: the others cannot be reached.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1 or "MASTER_ADDR" not in os.environ:
        yield ALONE
        return
    import torch.distributed as dist

    if not dist.is_available():
        raise UsageError(tr("this torch cannot train in several processes; start without torchrun"))
    # The first step of an optimiser imports this. Imported among joined processes it holds what
    # joined them to the interpreter's end, where gloo's threads abort a process that is done.
    import torch._dynamo

    has_nccl = torch.cuda.is_available() and dist.is_nccl_available()
    with _loss_of_others():
        dist.init_process_group("cpu:gloo,cuda:nccl" if has_nccl else "gloo", timeout=_PATIENCE)
    try:
        rank = dist.get_rank()
        yield Group(rank, size, int(os.environ.get("LOCAL_RANK", str(rank))))
    finally:
        with contextlib.suppress(RuntimeError):
            dist.destroy_process_group()
