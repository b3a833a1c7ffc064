"""The network architectures that this program has, on one page."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.networks.dasr import Dasr, DasrConfig
from srgan_desktop.core.networks.espcn import Espcn, EspcnConfig, InferenceEspcn
from srgan_desktop.core.networks.inference import InferenceGenerator, InferenceNetwork
from srgan_desktop.core.networks.network import Network, NetworkConfig
from srgan_desktop.core.networks.rrdb import InferenceRrdb, RrdbConfig, RrdbNetwork
from srgan_desktop.core.networks.srcnn import InferenceSrcnn, Srcnn, SrcnnConfig
from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
from srgan_desktop.core.networks.strengths import ChosenStrengths, Strengths
from srgan_desktop.core.weights.third_party.network import ThirdPartyNetwork


@dataclass(frozen=True)
class Architecture:
    """A kind of network.

    Attributes:
        title: for people.
        config: the class of its configs, ``NetworkConfig``.
        network: builds one from a config, newly initialised.
        inference: makes one ready to be run.
    """

    title: str
    config: type[NetworkConfig]
    network: Callable[[Any], Network]
    inference: Callable[[Any], InferenceNetwork]


def adapted_form(network: Dasr) -> InferenceNetwork:
    """An adaptive network as it is run on a clean picture."""
    return InferenceGenerator(network.fixed(torch.tensor(Strengths().values)))


ARCHITECTURES: dict[str, Architecture] = {
    "srresnet": Architecture("SRResNet", SRResNetConfig, SRResNet, InferenceGenerator),
    "rrdb": Architecture("RRDB (ESRGAN)", RrdbConfig, RrdbNetwork, InferenceRrdb),
    "espcn": Architecture("ESPCN", EspcnConfig, Espcn, InferenceEspcn),
    "srcnn": Architecture("SRCNN", SrcnnConfig, Srcnn, InferenceSrcnn),
    "dasr": Architecture("DASR", DasrConfig, Dasr, adapted_form),
}


def architecture_called(name: object) -> Architecture:
    """The architecture of that name.

    Raises:
        UsageError: this version knows none; says which it knows.
    """
    found = ARCHITECTURES.get(name) if isinstance(name, str) else None
    if found is None:
        raise UsageError(
            tr(
                "unknown architecture {name}; this version knows {names}",
                name=repr(name),
                names=", ".join(ARCHITECTURES),
            )
        )
    return found


def build_network(config: NetworkConfig) -> Network:
    """A newly initialised network, float32, on the current device and in training mode."""
    return ARCHITECTURES[config.architecture].network(config)


def inference_form(network: Network) -> InferenceNetwork:
    """``network`` prepared for inference: the same function in eval mode."""
    if isinstance(network, ThirdPartyNetwork):
        return network.inference()
    return ARCHITECTURES[network.config.architecture].inference(network)


def fixed_network(network: Network, chosen_strengths: ChosenStrengths) -> Network:
    """``network``, or where it adapts, the one that it is for the strengths that are set.

    What is not set is taken for none.

    Raises:
        UsageError: something is set, but the network does not adapt.
    """
    if isinstance(network, Dasr):
        return network.fixed(torch.tensor(chosen_strengths.applied(Strengths()).values))
    if chosen_strengths.are_set:
        raise UsageError(
            tr("this model does not adapt, so noise, blur and compression cannot be set")
        )
    return network


def config_values(config: NetworkConfig) -> dict[str, Any]:
    """Its settings, without the architecture's name, which is stored beside them."""
    values = dataclasses.asdict(config)
    del values["architecture"]
    return values


def config_from(name: object, values: Mapping[str, Any]) -> NetworkConfig:
    """The config of a network of architecture ``name``; missing values take their defaults.

    Raises:
        UsageError: no such architecture, a setting that it does not have, or a value that makes
            no sense.
    """
    kind = architecture_called(name).config
    known = [field.name for field in dataclasses.fields(kind)]
    for key in values:
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
            hint = tr("; did you mean {name}?", name=close[0]) if close else ""
            raise UsageError(tr("{name} is not a known setting", name=key) + hint)
    return kind(**values)


def differences(theirs: NetworkConfig, ours: NetworkConfig) -> str:
    """ "blocks 16 instead of 8, ..." for people; "" where they are equal."""
    other = dataclasses.asdict(ours)
    if theirs.architecture != ours.architecture:
        pairs = [("architecture", theirs.architecture, ours.architecture)]
    else:
        pairs = [(key, value, other[key]) for key, value in dataclasses.asdict(theirs).items()]
    return ", ".join(
        tr("{name} {theirs} instead of {ours}", name=key, theirs=value, ours=own)
        for key, value, own in pairs
        if value != own
    )
