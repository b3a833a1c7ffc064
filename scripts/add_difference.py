"""Add what one model learned to another: weights A + PART * (B - C).

    python scripts/add_difference.py photo-x4 --plus srgan-x4 --minus srresnet-x4 --part 0.6 -o FILE

B is trained from C, and A is like them; it may enlarge less. A gets a part of what B learned beyond
C, for example the detail of srgan-x4 on photos that photo-x4 cleans: a beginning for training on,
not a model to use (task arithmetic, Ilharco et al. 2023, arXiv:2212.04089). Models by name or file.
A may adapt while B and C do not: all of its experts get it. Where all three adapt, it is done with
the first expert of each, and the result has that alone.
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import torch
from torch import Tensor, nn

from srgan_desktop.core.base.leaving import run_script
from srgan_desktop.core.networks.dasr import Dasr
from srgan_desktop.core.networks.network import NetworkConfig
from srgan_desktop.core.weights.architectures import differences
from srgan_desktop.core.weights.catalogue import find_model
from srgan_desktop.core.weights.model_file import load_model, save_model

State = dict[str, Tensor]


def main() -> None:
    """Load, add, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--plus", required=True)
    parser.add_argument("--minus", required=True)
    parser.add_argument("--part", type=float, default=1.0)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    network, card = load_model(find_model(arguments.model))
    learned, begun = (load_model(find_model(m))[0] for m in (arguments.plus, arguments.minus))
    target: nn.Module = network
    if isinstance(network, Dasr) and isinstance(learned, Dasr) and isinstance(begun, Dasr):
        network, learned, begun = map(first_expert, (network, learned, begun))
        target = network
    elif isinstance(network, Dasr):
        target = network.experts
    shape: NetworkConfig = target.config  # type: ignore[assignment]
    for name, other in ((arguments.plus, learned), (arguments.minus, begun)):
        # what enlarges further has more, all else is alike
        told = differences(dataclasses.replace(other.config, scale=shape.scale), shape)
        if told or other.config.scale < shape.scale:
            parser.error(f"{name}: {told or 'enlarges less'}")
    add(target, learned.state_dict(), begun.state_dict(), arguments.part)
    # what was measured of A's weights is not true of these
    network.activation_ranges = None
    card = dataclasses.replace(card, name=arguments.output.stem, scores={}, training={})
    save_model(arguments.output, network, card)


def first_expert(network: Dasr) -> Dasr:
    """By itself, where there are several."""
    return network.first_expert() if network.config.first_expert is not None else network


@torch.no_grad()
def add(network: nn.Module, plus: State, minus: State, part: float) -> None:
    """Change the weights in place; those of an expert are rows of all its numbers.

    What predicts the strengths of a photo stays as it is.
    """
    for name, value in network.state_dict().items():
        if value.is_floating_point() and not name.startswith("predictor."):
            learned = part * (plus[name] - minus[name])
            value.add_(learned.flatten() if value.shape != learned.shape else learned)


if __name__ == "__main__":
    run_script(main)
