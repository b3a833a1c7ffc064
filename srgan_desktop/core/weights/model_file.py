"""Model files that explain themselves: safetensors with string metadata.

The metadata keys, all strings:
    format            "srgan-desktop-model"
    format_version    "1"
    architecture      which kind of network ("srresnet", "rrdb", ...)
    config            JSON of that class's config dataclass
    scale             enlargement factor, for readers that do not know the architecture
    colour_range      "0..1": what the network takes and gives
    name, title, description, licence, author
    partner           the smooth model that this one can be blended with, by name
    training          JSON: recipe, steps, data, hardware - whatever the trainer knows
    scores            JSON: {"Set5": {"psnr_y": 30.1, "ssim_y": 0.86}, ...}
    weights_sha256    of the tensors, so that two files with the same weights are seen as such
    activation_ranges JSON, ``ActivationRanges``: for 8-bit integers; may be missing
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import ModelFileError, UsageError
from srgan_desktop.core.base.printable import short_line
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.networks.activation_ranges import ActivationRanges
from srgan_desktop.core.networks.network import Network
from srgan_desktop.core.weights.architectures import (
    architecture_called,
    build_network,
    config_from,
    config_values,
)
from srgan_desktop.core.weights.headers import SUFFIX as SUFFIX  # noqa: PLC0414 - passed on
from srgan_desktop.core.weights.headers import metadata_of, read_header, read_metadata
from srgan_desktop.core.weights.model_card import ModelCard as ModelCard  # noqa: PLC0414 - passed on
from srgan_desktop.core.weights.tensor_values import check_numbers

FORMAT = "srgan-desktop-model"
FORMAT_VERSION = 1
_PLAIN_KEYS = (
    "name",
    "title",
    "description",
    "licence",
    "author",
    "partner",
    "weights_sha256",
)


def save_model(path: Path, network: Network, card: ModelCard, *, half: bool = False) -> None:
    """Write weights and card to ``path``, whole or not at all; ``half`` stores float16.

    Raises:
        ModelFileError: the folder is missing, not writable or full.
    """
    from safetensors.torch import save

    dtype = torch.float16 if half else torch.float32
    tensors = {
        key: value.detach()
        .cpu()
        .to(dtype if value.is_floating_point() else value.dtype)
        .contiguous(memory_format=torch.contiguous_format)
        for key, value in network.state_dict().items()
    }
    card = dataclasses.replace(card, config=network.config, weights_sha256=hash_of_tensors(tensors))
    metadata = _to_metadata(card)
    if network.activation_ranges is not None:
        metadata["activation_ranges"] = network.activation_ranges.to_json()
    write_whole(path, save(tensors, metadata=metadata))


def write_whole(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data`` in one step; on failure the old file is as it was.

    Raises:
        ModelFileError: it cannot be written.
    """
    try:
        with atomic.replace_file(path) as new:
            new.file.write(data)
    except OSError as error:
        raise ModelFileError(path, atomic.explain(error)) from error


def hash_of_tensors(tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 over names, shapes and values as float32; the same on every machine."""
    digest = hashlib.sha256()
    for key in sorted(tensors):
        digest.update(key.encode())
        digest.update(str(tuple(tensors[key].shape)).encode())
        digest.update(tensors[key].float().numpy().tobytes())
    return digest.hexdigest()


def _to_metadata(card: ModelCard) -> dict[str, str]:
    return {
        "format": FORMAT,
        "format_version": str(FORMAT_VERSION),
        "architecture": card.architecture,
        "config": json.dumps(config_values(card.config)),
        "scale": str(card.scale),
        "colour_range": "0..1",
        "name": card.name,
        "title": card.title,
        "description": card.description,
        "licence": card.licence,
        "author": card.author,
        "partner": card.partner,
        "training": json.dumps(dict(card.training)),
        "scores": json.dumps(dict(card.scores)),
        "weights_sha256": card.weights_sha256,
    }


def read_card(path: Path) -> ModelCard:
    """The card alone: reads only the file's header, needs no torch work.

    Raises:
        ModelFileError: missing, cut short, not ours, too new, or its config makes no sense.
    """
    metadata = read_metadata(path)
    if metadata.get("format") != FORMAT:
        raise ModelFileError(
            path,
            tr("a safetensors file, but not a model of this program (no format in its metadata)"),
        )
    version = metadata.get("format_version", "")
    if not re.fullmatch("[0-9]{1,9}", version) or not 1 <= int(version) <= FORMAT_VERSION:
        raise ModelFileError(
            path,
            tr(
                "its format version is {version}; a newer program may read it",
                version=short_line(version),
            )
            if version
            else tr("it names no format version"),
        )
    return _card_from_metadata(path, metadata)


def is_unmarked(path: Path) -> bool:
    """Whether a safetensors file does not claim to be a model of this program.

    Raises:
        ModelFileError: missing, cut short or damaged.
    """
    return "format" not in read_metadata(path)


def with_metadata(path: Path, **changes: str) -> bytes:
    """The bytes of a safetensors file with other values under some keys of its metadata.

    Raises:
        ModelFileError: missing, cut short or damaged.
    """
    header = read_header(path)
    header["__metadata__"] = {**metadata_of(path, header), **changes}
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # the tensors behind it stay aligned
    return struct.pack("<Q", len(text)) + text + data[8 + length :]


def _card_from_metadata(path: Path, metadata: Mapping[str, str]) -> ModelCard:
    architecture = metadata.get("architecture", "")
    try:
        architecture_called(architecture)
    except UsageError as error:
        raise ModelFileError(path, short_line(error)) from error
    try:
        config = config_from(architecture, dict(json.loads(metadata["config"])))
        # dict() refuses what is no object
        training = dict(json.loads(metadata.get("training", "{}")))
        scores = dict(json.loads(metadata.get("scores", "{}")))
    except (KeyError, ValueError, TypeError, UsageError, RecursionError) as error:
        raise ModelFileError(
            path, tr("its description makes no sense: {error}", error=short_line(error))
        ) from error
    plain = {key: metadata.get(key, "") for key in _PLAIN_KEYS}
    return ModelCard(config=config, training=training, scores=scores, **plain)


def load_model(path: Path) -> tuple[Network, ModelCard]:
    """The network in eval mode, float32 on the CPU, and its card.

    Raises:
        ModelFileError: as ``read_card``; or the tensors are not those of the config.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    card = read_card(path)
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        reason = short_line(error)
        raise ModelFileError(path, tr("cannot be read: {reason}", reason=reason)) from error
    # shapes first, without memory: a description may ask for a network of any size
    with torch.device("meta"):
        wanted = build_network(card.config).state_dict()
    _check_tensors(path, wanted, tensors)
    network = build_network(card.config)
    network.load_state_dict(
        {
            key: value.float() if value.is_floating_point() else value
            for key, value in tensors.items()
        }
    )
    network.activation_ranges = _ranges(path)
    return network.eval().requires_grad_(False), card


def _ranges(path: Path) -> ActivationRanges | None:
    text = read_metadata(path).get("activation_ranges")
    if text is None:
        return None
    try:
        return ActivationRanges.from_json(text)
    except ValueError as error:
        raise ModelFileError(
            path, tr("its description makes no sense: {error}", error=short_line(error))
        ) from error


def _check_tensors(path: Path, wanted: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> None:
    missing = sorted(set(wanted) - set(found))
    surplus = sorted(set(found) - set(wanted))
    if missing or surplus:
        example = (missing or surplus)[0]
        raise ModelFileError(
            path,
            tr(
                "holds another network than it says: {missing} tensors missing, {surplus} unknown "
                "(such as {example})",
                missing=len(missing),
                surplus=len(surplus),
                example=short_line(example),
            ),
        )
    for key, tensor in found.items():
        if tensor.shape != wanted[key].shape:
            raise ModelFileError(
                path,
                tr(
                    "tensor {key} is {found}, not {wanted} as its description says",
                    key=short_line(key),
                    found=tuple(tensor.shape),
                    wanted=tuple(wanted[key].shape),
                ),
            )
    check_numbers(path, found)


def as_mapping(card: ModelCard) -> dict[str, Any]:
    """The card as nested plain dicts, for printing."""
    return {
        **dataclasses.asdict(dataclasses.replace(card, training={}, scores={})),
        "architecture": card.architecture,
        "config": config_values(card.config),
        "training": dict(card.training),
        "scores": dict(card.scores),
    }
