"""Join two networks into one that adapts: one for clean pictures, one for all others.

    python scripts/join_experts.py DAMAGED CLEAN -o FILE [--even 0.06] [--predictor MODEL]

DAMAGED adapts by conditioning "channels"; CLEAN is of its shape, with or without adapting, best
trained on from it with clean pictures alone. --predictor names a third whose prediction is taken,
so that a smooth and a detailed model agree on a photo. The result has conditioning "both": it looks
at a picture as DAMAGED does, and mixes the two by the sum of the strengths that it finds. At a sum
of 0 CLEAN has 99 parts of 100, at --even both have the same, at twice that DAMAGED has 99. Models
by name or file.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import sys
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from srgan_desktop.core.base.leaving import run_script  # noqa: E402
from srgan_desktop.core.networks.dasr import Dasr  # noqa: E402
from srgan_desktop.core.networks.network import Network  # noqa: E402
from srgan_desktop.core.networks.srresnet import SRResNet, fold_batch_norm  # noqa: E402
from srgan_desktop.core.weights.catalogue import find_model  # noqa: E402
from srgan_desktop.core.weights.model_file import load_model, save_model  # noqa: E402

LARGEST_SHARE = 0.99


def main() -> int:
    """Load, join, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("damaged")
    parser.add_argument("clean")
    parser.add_argument("--predictor", help="default: that of DAMAGED")
    parser.add_argument("--even", type=float, default=0.06, help="sum of strengths of equal parts")
    parser.add_argument("-o", "--output", type=Path, required=True)
    chosen = parser.parse_args()
    damaged, card = load_model(find_model(chosen.damaged))
    clean, _ = load_model(find_model(chosen.clean))
    if not isinstance(damaged, Dasr) or damaged.config.conditioning != "channels":
        parser.error(f"{chosen.damaged} does not adapt by channels")
    if chosen.even <= 0:
        parser.error("--even is above 0")
    plain = plain_form(clean)
    if plain is None or plain.config != damaged.config.base:
        parser.error(f"{chosen.clean} is of another shape than {chosen.damaged}")
    joined = join(damaged, weights_of(plain), chosen.even)
    if chosen.predictor is not None:
        seer, _ = load_model(find_model(chosen.predictor))
        if not isinstance(seer, Dasr):
            parser.error(f"{chosen.predictor} predicts nothing")
        joined.predict_as(seer)
    save_model(
        chosen.output, joined, dataclasses.replace(card, config=joined.config, scores={}), half=True
    )
    return 0


def plain_form(network: Network) -> SRResNet | None:
    """The SRResNet that a network is for a clean picture, without batch norm; None: it is none."""
    if isinstance(network, Dasr):
        network = network.fixed(torch.zeros(4))
    return fold_batch_norm(network) if isinstance(network, SRResNet) else None


def weights_of(network: SRResNet) -> dict[str, Tensor]:
    """Each as a row."""
    return {name: value.float().flatten() for name, value in network.state_dict().items()}


@torch.no_grad()
def join(damaged: Dasr, clean: dict[str, Tensor], even: float) -> Dasr:
    """See the module."""
    joined = Dasr(dataclasses.replace(damaged.config, conditioning="both", experts=2)).eval()
    joined.predictor.load_state_dict(damaged.predictor.state_dict())
    mixer = cast(nn.ModuleDict, joined.mixer)
    mixer["shift"].load_state_dict(damaged.mixer.state_dict())
    for name, rows in joined.experts.named_parameters():
        first = cast(Tensor, damaged.experts.get_parameter(name))
        rows.copy_(torch.stack([first.float().flatten(), clean[name]]))
    prefer_by_sum(cast(nn.Sequential, mixer["preferences"]), even)
    return joined


def prefer_by_sum(preferences: nn.Sequential, even: float) -> None:
    """The first expert's share is a sigmoid of the sum of strengths, in every layer."""
    hidden, _, last = cast("tuple[nn.Linear, nn.Module, nn.Linear]", tuple(preferences))
    for value in preferences.parameters():
        value.zero_()
    # a sigmoid is the softmax of two preferences that are opposite halves of its argument
    half = math.log(LARGEST_SHARE / (1 - LARGEST_SHARE)) / 2
    hidden.weight[0] = 1.0
    last.weight[0::2, 0] = half / even
    last.weight[1::2, 0] = -half / even
    last.bias[0::2] = -half
    last.bias[1::2] = half


if __name__ == "__main__":
    run_script(main)
