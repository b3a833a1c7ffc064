"""Opens any supported model file: ours, and other programs'."""

from __future__ import annotations

from pathlib import Path

from srgan_desktop.core.base.errors import ModelFileError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.networks.network import Network, NetworkConfig
from srgan_desktop.core.weights import model_file as weights
from srgan_desktop.core.weights.architectures import ARCHITECTURES
from srgan_desktop.core.weights.headers import (
    CHECKPOINT_SUFFIXES,
    ONNX_SUFFIX,
    SUFFIX,
    name_of,
    suffix_of,
)
from srgan_desktop.core.weights.model_file import ModelCard
from srgan_desktop.core.weights.third_party.checkpoints import read_tensors
from srgan_desktop.core.weights.third_party.facts import (
    Facts,
    known_facts,
    remember_facts,
    sha256_of,
)
from srgan_desktop.core.weights.third_party.network import ThirdPartyConfig, ThirdPartyNetwork
from srgan_desktop.core.weights.third_party.refusals import (
    refuse_discriminator,
    refuse_other_files,
)
from srgan_desktop.core.weights.third_party.residual_networks import residual_network_of
from srgan_desktop.core.weights.third_party.rrdb_layouts import rrdb_of
from srgan_desktop.core.weights.third_party.srresnet_layouts import srresnet_of


def open_model(path: Path) -> tuple[Network, ModelCard]:
    """The network in eval mode, float32 on the processor, and its card.

    A file of another program never runs code of its own. Its card holds what is known of it.

    Raises:
        ModelFileError: not a usable model; says why.
    """
    refuse_other_files(path)
    if not is_third_party(path):
        return weights.load_model(path)
    try:
        network: Network
        if path.suffix.lower() == ONNX_SUFFIX:
            from srgan_desktop.core.weights.third_party.onnx_models import onnx_network

            network = onnx_network(path)
        else:
            network = _of_checkpoint(path)
        digest = sha256_of(path)
    except OSError as error:
        reason = error.strerror or error
        raise ModelFileError(path, tr("cannot be read: {reason}", reason=reason)) from error
    if isinstance(network, ThirdPartyNetwork):
        remember_facts(path, Facts(network.config, digest))
    return network, _card(path, network.config, digest)


def card_of(path: Path) -> ModelCard:
    """Only the card; quick for our own files, and for others once they have been opened.

    Raises:
        ModelFileError: as ``open_model``.
    """
    refuse_other_files(path)
    if not is_third_party(path):
        return weights.read_card(path)
    facts = known_facts(path)
    return open_model(path)[1] if facts is None else _card(path, facts.config, facts.sha256)


def is_third_party(path: Path) -> bool:
    """Whether another program wrote it, by its name or, for safetensors, its header.

    Raises:
        ModelFileError: unreadable, or a damaged safetensors file.
    """
    suffix = suffix_of(path)
    if suffix == ONNX_SUFFIX or suffix in CHECKPOINT_SUFFIXES:
        return True
    return suffix == SUFFIX and weights.is_unmarked(path)


def parameters_of(config: NetworkConfig) -> int:
    """The number of parameters."""
    if isinstance(config, ThirdPartyConfig):
        return config.parameters
    import torch

    from srgan_desktop.core.weights.architectures import build_network

    with torch.device("meta"):  # without memory
        return sum(parameter.numel() for parameter in build_network(config).parameters())


def architecture_title(config: NetworkConfig) -> str:
    """The architecture's name for people."""
    known = ARCHITECTURES.get(config.architecture)
    return config.architecture if known is None else known.title


def _of_checkpoint(path: Path) -> Network:
    tensors = read_tensors(path)
    known = srresnet_of(tensors) or rrdb_of(tensors) or residual_network_of(tensors)
    if known is not None:
        return known
    refuse_discriminator(path, tensors)
    from srgan_desktop.core.weights.third_party.spandrel_models import pytorch_network

    return pytorch_network(path, tensors)


def _card(path: Path, config: NetworkConfig, digest: str) -> ModelCard:
    title = architecture_title(config)
    return ModelCard(
        name=name_of(path),
        title=name_of(path),
        description=tr("{architecture} (imported)", architecture=title),
        config=config,
        weights_sha256=digest,
    )
