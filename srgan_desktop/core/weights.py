"""Model files that explain themselves: safetensors with string metadata.

The metadata keys, all strings:
    format            "srgan-desktop-model"
    format_version    "1"
    architecture      which network class ("srresnet")
    config            JSON of that class's config dataclass
    scale             enlargement factor, for readers that do not know the architecture
    colour_range      "0..1": what the network takes and gives
    name, title, description, licence, author
    training          JSON: recipe, steps, data, hardware - whatever the trainer knows
    scores            JSON: {"Set5": {"psnr_y": 30.1, "ssim_y": 0.86}, ...}
    weights_sha256    of the tensors, so that two files with the same weights are seen as such
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from srgan_desktop.core.errors import ModelFileError, UsageError
from srgan_desktop.core.generator import Generator, GeneratorConfig

FORMAT = "srgan-desktop-model"
FORMAT_VERSION = 1
SUFFIX = ".safetensors"
_HEADER_LIMIT_BYTES = 100_000_000


@dataclass(frozen=True)
class ModelCard:
    """What a model file says of itself beside its weights."""

    name: str = ""
    title: str = ""
    description: str = ""
    licence: str = ""
    author: str = ""
    architecture: str = "srresnet"
    config: GeneratorConfig = field(default_factory=GeneratorConfig)
    training: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)
    weights_sha256: str = ""

    @property
    def scale(self) -> int:
        return self.config.scale


def save_model(path: Path, network: Generator, card: ModelCard, *, half: bool = False) -> None:
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
    card = dataclasses.replace(
        card, config=network.config, weights_sha256=_hash_of_tensors(tensors)
    )
    write_whole(path, save(tensors, metadata=_to_metadata(card)))


def write_whole(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data`` in one step; on failure the old file is as it was."""
    temporary = path.with_name(f".{path.name[:100]}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise ModelFileError(path, f"cannot be written: {error.strerror or error}") from error


def _hash_of_tensors(tensors: Mapping[str, Tensor]) -> str:
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
        "config": json.dumps(dataclasses.asdict(card.config)),
        "scale": str(card.scale),
        "colour_range": "0..1",
        "name": card.name,
        "title": card.title,
        "description": card.description,
        "licence": card.licence,
        "author": card.author,
        "training": json.dumps(dict(card.training)),
        "scores": json.dumps(dict(card.scores)),
        "weights_sha256": card.weights_sha256,
    }


def read_card(path: Path) -> ModelCard:
    """The card alone: reads only the file's header, needs no torch work.

    Raises:
        ModelFileError: missing, cut short, not ours, too new, or its config makes no sense.
    """
    header = _read_header(path)
    metadata = header.get("__metadata__", {})
    if metadata.get("format") != FORMAT:
        raise ModelFileError(
            path, "a safetensors file, but not a model of this program (no format in its metadata)"
        )
    version = metadata.get("format_version", "")
    if not version.isdigit() or not 1 <= int(version) <= FORMAT_VERSION:
        raise ModelFileError(
            path, f"its format version is {version or 'missing'}; a newer program may read it"
        )
    return _card_from_metadata(path, metadata)


def _card_from_metadata(path: Path, metadata: Mapping[str, str]) -> ModelCard:
    architecture = metadata.get("architecture", "")
    if architecture != "srresnet":
        raise ModelFileError(path, f"unknown architecture {architecture!r}")
    try:
        config = GeneratorConfig(**json.loads(metadata["config"]))
        training = json.loads(metadata.get("training", "{}"))
        scores = json.loads(metadata.get("scores", "{}"))
    except (KeyError, ValueError, TypeError, UsageError) as error:
        raise ModelFileError(path, f"its description makes no sense: {error}") from error
    plain = {
        key: metadata.get(key, "")
        for key in ("name", "title", "description", "licence", "author", "weights_sha256")
    }
    return ModelCard(
        architecture=architecture, config=config, training=training, scores=scores, **plain
    )


def _read_header(path: Path) -> dict[str, Any]:
    """The JSON at the start of a safetensors file, its lengths checked against the file's size."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
            if size == 0:
                raise ModelFileError(path, "the file is empty")
            if start[:2] in (b"PK", b"\x80\x02") or start[:1] == b"\x80":
                raise ModelFileError(
                    path, "a PyTorch checkpoint, not a safetensors file; import it as a .pth model"
                )
            length = struct.unpack("<Q", start)[0] if len(start) == 8 else -1
            if not 2 <= length <= _HEADER_LIMIT_BYTES:
                raise ModelFileError(path, "not a safetensors file")
            if 8 + length > size:
                raise ModelFileError(path, "the file is cut short; copy or download it again")
            header = json.loads(file.read(length))
    except OSError as error:
        raise ModelFileError(path, f"cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise ModelFileError(path, "not a safetensors file: its header is no JSON") from error
    if not isinstance(header, dict):
        raise ModelFileError(path, "not a safetensors file: its header is no object")
    _check_length(path, header, size - 8 - length)
    return header


def _check_length(path: Path, header: Mapping[str, Any], available: int) -> None:
    try:
        ends = [entry["data_offsets"][1] for key, entry in header.items() if key != "__metadata__"]
        missing = max(ends, default=0) > available
    except (KeyError, TypeError, IndexError) as error:
        raise ModelFileError(path, "not a safetensors file: its header is damaged") from error
    if missing:
        raise ModelFileError(path, "the file is cut short; copy or download it again")


def load_model(path: Path) -> tuple[Generator, ModelCard]:
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
        raise ModelFileError(path, f"cannot be read: {error}") from error
    network = Generator(card.config)
    _check_tensors(path, network.state_dict(), tensors)
    network.load_state_dict(
        {
            key: value.float() if value.is_floating_point() else value
            for key, value in tensors.items()
        }
    )
    return network.eval().requires_grad_(False), card


def _check_tensors(path: Path, wanted: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> None:
    missing = sorted(set(wanted) - set(found))
    surplus = sorted(set(found) - set(wanted))
    if missing or surplus:
        example = (missing or surplus)[0]
        raise ModelFileError(
            path,
            f"holds another network than it says: {len(missing)} tensors missing, "
            f"{len(surplus)} unknown (such as {example})",
        )
    for key, tensor in found.items():
        if tensor.shape != wanted[key].shape:
            raise ModelFileError(
                path,
                f"tensor {key} is {tuple(tensor.shape)}, not {tuple(wanted[key].shape)} "
                "as its description says",
            )
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise ModelFileError(path, f"tensor {key} holds values that are no numbers")


def as_mapping(card: ModelCard) -> dict[str, Any]:
    """The card as nested plain dicts, for printing."""
    return {
        **dataclasses.asdict(dataclasses.replace(card, training={}, scores={})),
        "training": dict(card.training),
        "scores": dict(card.scores),
    }
