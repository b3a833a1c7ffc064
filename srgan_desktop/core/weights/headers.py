"""What can be told of model files without torch: their endings, and the header of safetensors."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from srgan_desktop.core.base.errors import ModelFileError
from srgan_desktop.core.base.translation import tr

SUFFIX = ".safetensors"
ONNX_SUFFIX = ".onnx"
# the last: nothing in it is a tape archive, but many programs say so
CHECKPOINT_SUFFIXES = (".pth", ".pt", ".ckpt", ".pth.tar")
SUFFIXES = (SUFFIX, *CHECKPOINT_SUFFIXES, ONNX_SUFFIX)
_HEADER_LIMIT_BYTES = 100_000_000


def suffix_of(path: Path) -> str:
    """The ending of a model's file in small letters, ".pth.tar" as a whole; else the file's own."""
    name = path.name.lower()
    return next((end for end in SUFFIXES if name.endswith(end)), path.suffix.lower())


def name_of(path: Path) -> str:
    """The file's name without that ending."""
    end = suffix_of(path)
    return path.name[: -len(end)] if end and len(end) < len(path.name) else path.stem


def read_metadata(path: Path) -> Mapping[str, str]:
    """What a safetensors file says of itself.

    Raises:
        ModelFileError: missing, cut short or damaged.
    """
    return metadata_of(path, read_header(path))


def metadata_of(path: Path, header: Mapping[str, Any]) -> Mapping[str, str]:
    """The strings in a header."""
    metadata = header.get("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise ModelFileError(path, tr("not a safetensors file: its header is damaged"))
    return metadata


def read_header(path: Path) -> dict[str, Any]:
    """The JSON at the start of a safetensors file, its lengths checked against the file's size."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = _header_length(path, file.read(9))
            if 8 + length > size:
                raise ModelFileError(path, tr("the file is cut short; copy or download it again"))
            file.seek(8)
            header = json.loads(file.read(length))
    except OSError as error:
        reason = error.strerror or error
        raise ModelFileError(path, tr("cannot be read: {reason}", reason=reason)) from error
    except (ValueError, RecursionError) as error:
        raise ModelFileError(path, tr("not a safetensors file: its header is damaged")) from error
    if not isinstance(header, dict):
        raise ModelFileError(path, tr("not a safetensors file: its header is damaged"))
    _check_length(path, header, size - 8 - length)
    return header


def _header_length(path: Path, start: bytes) -> int:
    """From the first nine bytes: the header's length and its opening brace."""
    if not start:
        raise ModelFileError(path, tr("the file is empty"))
    length: int = struct.unpack("<Q", start[:8])[0] if len(start) == 9 else -1
    # the brace first: the length of a sound header may begin like a pickle or a zip file
    if start[8:] == b"{" and 2 <= length <= _HEADER_LIMIT_BYTES:
        return length
    if start.startswith((b"PK", b"\x80")):
        raise ModelFileError(
            path,
            tr("a PyTorch checkpoint; this program reads .safetensors models of its own"),
        )
    raise ModelFileError(path, tr("not a safetensors file"))


def _check_length(path: Path, header: Mapping[str, Any], available: int) -> None:
    try:
        ends = [entry["data_offsets"][1] for key, entry in header.items() if key != "__metadata__"]
        missing = max(ends, default=0) > available
    except (KeyError, TypeError, IndexError) as error:
        raise ModelFileError(path, tr("not a safetensors file: its header is damaged")) from error
    if missing:
        raise ModelFileError(path, tr("the file is cut short; copy or download it again"))
