"""Gradients of a batch, accumulated over as many parts as memory requires.

When a step finds no memory, each portion becomes half as large and the gradients of all portions
are added up: the batch counts as before, a step only takes longer. Batch norm and the means of the
relativistic loss see a portion at a time, and so differ a little from those of the whole batch.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor, nn

from srgan_desktop.core.backends.memory_errors import is_memory_error
from srgan_desktop.core.base.errors import DeviceMemoryError
from srgan_desktop.core.base.translation import tr
from trainer.training.distributed import Group

Terms = dict[str, Tensor]
# a loss, what is to be told of it, and what is to be kept for a later pass
Compared = tuple[Tensor, Terms, Sequence[Tensor]]
# from the same part of some tensors
LossOf = Callable[..., Compared]


class Accumulating(Protocol):
    """What is trained: in how many portions, with whom, and what people should know of it."""

    micro_batches: int
    group: Group
    notices: list[str]


def too_little_memory() -> DeviceMemoryError:
    return DeviceMemoryError(
        tr(
            "memory does not even suffice for one crop at a time; take smaller crops, such as "
            "--set data.crop=48, or a smaller network"
        )
    )


def accumulate(
    stage: Accumulating,
    network: nn.Module,
    batch: int,
    tensors: Sequence[Tensor],
    loss_of: LossOf,
) -> tuple[Terms, list[Tensor]]:
    """Leave in ``network`` the gradients of the mean loss over a batch, and tell of its terms.

    Args:
        batch: crops of the whole batch, over all processes.
        tensors: this process's share, (n, ...) each.
        loss_of: called with the same part of each tensor; its loss and terms are means over it,
            what it keeps has a row for each of the part's.

    Returns:
        The terms' means, not waited for; of this process's share, so that they add up over all.
        What was kept, without gradients, with a row for each of the tensors'.

    Raises:
        DeviceMemoryError: memory does not even suffice for one crop at a time.
    """
    while True:
        terms, kept, error = _attempt(stage, network, batch, tensors, loss_of)
        (short,) = stage.group.add([error is not None])
        if not short:
            stage.group.add_gradients(network)
            return terms, kept
        # the failed attempt's tensors are still in the traceback
        del error, terms, kept
        _forget(network)
        _halve(stage, batch)


def _attempt(
    stage: Accumulating, network: nn.Module, batch: int, tensors: Sequence[Tensor], loss_of: LossOf
) -> tuple[Terms, list[Tensor], BaseException | None]:
    network.zero_grad(set_to_none=True)
    sums: Terms = {}
    portions: list[list[Tensor]] = []
    size = -(-len(tensors[0]) // stage.micro_batches)
    try:
        for first in range(0, len(tensors[0]), size):
            parts = [tensor[first : first + size] for tensor in tensors]
            weight = len(parts[0]) / batch
            loss, terms, kept = loss_of(*parts)
            torch.autograd.backward(loss * weight)
            portions.append([tensor.detach() for tensor in kept])
            for name, term in terms.items():
                value = term.detach() * weight
                sums[name] = sums[name] + value if name in sums else value
        joined = [_join(pieces) for pieces in zip(*portions, strict=True)]
    except (RuntimeError, MemoryError, DeviceMemoryError) as error:
        if not is_memory_error(error):
            raise
        return {}, [], error
    return sums, joined, None


def _join(portions: Sequence[Tensor]) -> Tensor:
    return portions[0] if len(portions) == 1 else torch.cat(list(portions))


def _forget(network: nn.Module) -> None:
    network.zero_grad(set_to_none=True)
    gc.collect()
    if torch.accelerator.is_available():
        torch.accelerator.empty_cache()


def _halve(stage: Accumulating, batch: int) -> None:
    largest_share = -(-batch // stage.group.size)
    if stage.micro_batches >= largest_share:
        raise too_little_memory()
    stage.micro_batches = min(2 * stage.micro_batches, largest_share)
    stage.notices.append(
        tr(
            "memory is short: each step now takes its batch of {batch} in portions of {n}, which "
            "gives the same gradients but takes longer (batch norm sees a portion at a time)",
            batch=batch,
            n=-(-largest_share // stage.micro_batches),
        )
    )
