"""The weights a run starts from: new ones, or those of a trained model."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import torch

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.networks.dasr import Dasr, DasrConfig
from srgan_desktop.core.networks.network import Network, NetworkConfig
from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig, fold_batch_norm
from srgan_desktop.core.weights.architectures import build_network, differences
from srgan_desktop.core.weights.model_file import load_model, read_card


def first_network(config: NetworkConfig, init: Path | None, seed: int) -> Network:
    """The network of ``config`` as the first step finds it, float32 and in training mode.

    With ``init`` its weights are that model's. A model that differs in its scale or its way of
    upsampling alone gives what both have, by name and shape: all but the upsampling and what
    depends on it. An SRResNet becomes every expert of a network that adapts, and of experts that
    are given the strengths the first one can be trained by itself.

    Raises:
        UsageError: the model's network differs in more than that; says in what.
        ModelFileError: no model file, or a damaged one.
    """
    torch.manual_seed(seed)
    if init is None:
        return build_network(config)
    network, card = load_model(init)
    if card.config == config:
        return network.requires_grad_(True)
    if isinstance(config, DasrConfig) and isinstance(network, SRResNet):
        return _adaptive_from(network, config, init)
    if isinstance(network, Dasr) and _gives_its_first_expert(network.config, config):
        network = network.first_expert()
        if network.config == config:
            return network.requires_grad_(True)
    if not differs_in_its_end_alone(network.config, config):
        raise _other_network(card.config, config, init)
    ours = build_network(config)
    ours.load_state_dict(_common_weights(network, ours), strict=False)
    return ours


def _gives_its_first_expert(theirs: DasrConfig, ours: NetworkConfig) -> bool:
    """Whether one of several experts, which are given the strengths, is what the run trains."""
    wanted = isinstance(ours, DasrConfig) and ours.conditioning == "channels"
    return wanted and theirs.first_expert is not None


def _given(theirs: NetworkConfig, ours: NetworkConfig) -> NetworkConfig:
    """What a model of ``theirs`` gives a run of ``ours``: itself, or its first expert."""
    if isinstance(theirs, DasrConfig) and _gives_its_first_expert(theirs, ours):
        return theirs.first_expert or theirs
    return theirs


def _adaptive_from(network: SRResNet, config: DasrConfig, init: Path) -> Network:
    """A network that adapts and whose experts all begin as ``network``, or nearly so.

    Raises:
        UsageError: it is no expert of ``config``.
    """
    network = fold_batch_norm(network)
    if network.config != config.base:
        raise _other_network(network.config, config.base, init)
    ours = Dasr(config)
    ours.begin_as(network)
    return ours


def _other_network(theirs: NetworkConfig, ours: NetworkConfig, init: Path) -> UsageError:
    return UsageError(
        tr(
            "{path}: its network is not the one to be trained ({differences}); choose a preset "
            "with the same network, or set it with --set generator...",
            path=init,
            differences=differences(theirs, ours),
        )
    )


def can_begin(theirs: NetworkConfig, ours: NetworkConfig) -> bool:
    """Whether a model of ``theirs`` can give a run of ``ours`` its first weights."""
    if isinstance(ours, DasrConfig) and isinstance(theirs, SRResNetConfig):
        norm = "none" if theirs.norm == "batch" else theirs.norm
        return dataclasses.replace(theirs, norm=norm) == ours.base
    theirs = _given(theirs, ours)
    return theirs == ours or differs_in_its_end_alone(theirs, ours)


def differs_in_its_end_alone(theirs: NetworkConfig, ours: NetworkConfig) -> bool:
    """Whether a model of ``theirs`` can begin one of ``ours`` though it enlarges otherwise."""
    if theirs.architecture != ours.architecture or theirs == ours:
        return False
    end = {name: getattr(ours, name) for name in ("scale", "upsampling") if hasattr(ours, name)}
    return dataclasses.replace(theirs, **end) == ours


def what_is_new(config: NetworkConfig, init: Path | None) -> str:
    """A sentence on the part of a run's first weights that ``init`` cannot give; "" for none."""
    if init is None:
        return ""
    theirs = _given(read_card(init).config, config)
    if not differs_in_its_end_alone(theirs, config):
        return ""
    if theirs.scale == config.scale:
        return tr(
            "{path} enlarges in another way than this run's network: what both have is taken "
            "over, the rest begins anew",
            path=init,
        )
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
