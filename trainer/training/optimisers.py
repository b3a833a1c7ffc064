"""What turns gradients into new weights: Adam, or Muon with Adam for what is no matrix."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.adam import adam

from trainer.config.run_config import OptimiserConfig

# of the quintic that brings all singular values near one: Jordan et al. 2024
_QUINTIC = (3.4445, -4.7750, 2.0315)
_ITERATIONS = 5
# the root mean square of Adam's updates, which the matrices' are brought to: one rate for all
_LIKE_ADAM = 0.2
# a conv with fewer channels on either side is no matrix worth the name: the first and the last
_LEAST_CHANNELS = 16


def build_optimiser(
    config: OptimiserConfig, network: nn.Module, rate: float
) -> torch.optim.Optimizer:
    """The optimiser of ``config`` for all parameters of ``network``, at learning rate ``rate``.

    Setting ``lr`` of all its groups is how the rate is changed.
    """
    if config.kind == "muon":
        return Muon(network.parameters(), config, rate)
    betas = (config.beta1, config.beta2)
    try:
        return torch.optim.Adam(network.parameters(), lr=rate, betas=betas, fused=True)
    except RuntimeError:
        # not every device has the fused kernel
        return torch.optim.Adam(network.parameters(), lr=rate, betas=betas)


class Muon(torch.optim.Optimizer):
    """Momentum whose direction is made orthogonal, for the kernels of convs; Adam for the rest.

    Muon: Jordan et al. 2024 (kellerjordan.github.io/posts/muon), scaled to Adam's size of step as
    in Liu et al. 2025, arXiv:2502.16982. A kernel (out, in, height, width) counts as a matrix
    (out, in * height * width); torch's own Muon takes no kernels. Kernels of few channels, such as
    those that read or make colours, biases and everything that is no kernel are Adam's.

    Args:
        parameters: float32, on one device.
        config: its betas are Adam's, its momentum the matrices'.
        rate: the learning rate of both.
    """

    def __init__(
        self, parameters: Iterable[nn.Parameter], config: OptimiserConfig, rate: float
    ) -> None:
        all_of_them = list(parameters)
        kernels = [p for p in all_of_them if is_matrix(p)]
        others = [p for p in all_of_them if not is_matrix(p)]
        groups: list[dict[str, Any]] = [
            {"params": kernels, "matrices": True},
            {"params": others, "matrices": False},
        ]
        defaults = {
            "lr": rate,
            "momentum": config.momentum,
            "betas": (config.beta1, config.beta2),
            "eps": 1e-8,
        }
        # both, be one empty or not: a checkpoint of Adam's is then never taken for one of these
        super().__init__(groups, defaults)

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """Move every parameter that has a gradient; the loss of ``closure``, where one is given."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            moved = [p for p in group["params"] if p.grad is not None]
            if group["matrices"]:
                self._move_matrices(moved, group)
            else:
                self._move_others(moved, group)
        return loss

    def _move_matrices(self, parameters: list[nn.Parameter], group: dict[str, Any]) -> None:
        for together in _of_one_shape(parameters):
            looking_ahead = []
            for p in together:
                assert p.grad is not None
                state = self.state[p]
                if not state:
                    state["momentum"] = torch.zeros_like(p)
                state["momentum"].lerp_(p.grad, 1 - group["momentum"])
                looking_ahead.append(p.grad.lerp(state["momentum"], group["momentum"]).flatten(1))
            updates = orthogonal(torch.stack(looking_ahead))
            size = _LIKE_ADAM * max(updates.shape[1:]) ** 0.5
            for p, update in zip(together, updates, strict=True):
                p.add_(update.reshape(p.shape), alpha=-group["lr"] * size)

    def _move_others(self, parameters: list[nn.Parameter], group: dict[str, Any]) -> None:
        for p in parameters:
            if not self.state[p]:
                self.state[p]["step"] = torch.zeros(())
                self.state[p]["mean"] = torch.zeros_like(p)
                self.state[p]["square"] = torch.zeros_like(p)
        adam(
            list(parameters),
            [p.grad for p in parameters if p.grad is not None],
            [self.state[p]["mean"] for p in parameters],
            [self.state[p]["square"] for p in parameters],
            [],
            [self.state[p]["step"] for p in parameters],
            amsgrad=False,
            beta1=group["betas"][0],
            beta2=group["betas"][1],
            lr=group["lr"],
            weight_decay=0.0,
            eps=group["eps"],
            maximize=False,
        )


def is_matrix(parameter: Tensor) -> bool:
    """Whether Muon moves it: the kernel of a conv between many channels."""
    return parameter.ndim == 4 and min(parameter.shape[:2]) >= _LEAST_CHANNELS


def orthogonal(matrices: Tensor) -> Tensor:
    """The nearest matrices all of whose singular values are about one (0.7 to 1.2).

    By five Newton-Schulz iterations of the fifth order. Directions that hardly occur in a matrix,
    below a hundredth of its norm, are not brought quite so far.

    Args:
        matrices: float32 (N, rows, columns).
    """
    a, b, c = _QUINTIC
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=1e-12)
    for _ in range(_ITERATIONS):
        gram = x @ x.mT
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    found: Tensor = x.mT if tall else x
    return found


def _of_one_shape(parameters: list[nn.Parameter]) -> Iterator[list[nn.Parameter]]:
    """Groups that can be computed with as one."""
    by_shape: dict[torch.Size, list[nn.Parameter]] = defaultdict(list)
    for parameter in parameters:
        by_shape[parameter.shape].append(parameter)
    yield from by_shape.values()
