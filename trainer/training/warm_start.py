"""The weights that a run begins with: new ones, or those of a trained model."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import torch

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.networks.network import Network, NetworkConfig
from srgan_desktop.core.weights.architectures import build_network, differences
from srgan_desktop.core.weights.model_file import load_model, read_card


def first_network(config: NetworkConfig, init: Path | None, seed: int) -> Network:
    """The network of ``config`` as the first step finds it, float32 and in training mode.

    With ``init`` its weights are that model's. A model that differs in its scale alone gives what
    both have, by name and shape: all but the upsampling of the larger one and what depends on it.

    Raises:
        UsageError: the model's network differs in more than its scale; says in what.
        ModelFileError: no model file, or a damaged one.
    """
    torch.manual_seed(seed)
    if init is None:
        return build_network(config)
    network, card = load_model(init)
    if card.config == config:
        return network.requires_grad_(True)
    if not differs_in_scale_alone(card.config, config):
        raise UsageError(
            tr(
                "{path}: its network is not the one to be trained ({differences}); choose a preset "
                "with the same network, or set it with --set generator...",
                path=init,
                differences=differences(card.config, config),
            )
        )
    ours = build_network(config)
    ours.load_state_dict(_common_weights(network, ours), strict=False)
    return ours


def differs_in_scale_alone(theirs: NetworkConfig, ours: NetworkConfig) -> bool:
    """Whether a model of ``theirs`` can begin one of ``ours`` though it has another scale."""
    if theirs.architecture != ours.architecture or theirs.scale == ours.scale:
        return False
    return dataclasses.replace(theirs, scale=ours.scale) == ours


def what_is_new(config: NetworkConfig, init: Path | None) -> str:
    """A sentence on the part of a run's first weights that ``init`` cannot give; "" for none."""
    if init is None:
        return ""
    theirs = read_card(init).config
    if not differs_in_scale_alone(theirs, config):
        return ""
    return tr(
        "{path} enlarges {theirs} times, this run {ours} times: what both networks have is taken "
        "over, the rest begins anew",
        path=init,
        theirs=theirs.scale,
        ours=config.scale,
    )


def _common_weights(theirs: Network, ours: Network) -> dict[str, torch.Tensor]:
    own = ours.state_dict()
    return {
        name: value
        for name, value in theirs.state_dict().items()
        if name in own and own[name].shape == value.shape
    }
