"""Tensors out of PyTorch checkpoints and foreign safetensors files, without running code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from srgan_desktop.core.base.errors import ModelFileError
from srgan_desktop.core.base.printable import short_line
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.weights import safe_pickle
from srgan_desktop.core.weights.tensor_values import check_numbers

# under which of these the tensors lie, the best first: averaged weights are what is published
_WRAPPERS = (
    "params_ema",
    "params-ema",
    "ema_model",
    "generator_ema",
    "params",
    "state_dict",
    "model_state_dict",
    "generator",
    "model",
    "netG",
    "net",
)
_MOST_WRAPPERS = 10
_PREFIXES = ("module.", "netG.", "generator.", "_orig_mod.")


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors by name, on the processor.

    Raises:
        ModelFileError: unreadable, unsafe, or no tensors in it.
    """
    if path.suffix.lower() == ".safetensors":
        return canonical(path, _read_safetensors(path))
    return canonical(path, _read_pickle(path))


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        reason = short_line(error)
        raise ModelFileError(path, tr("cannot be read: {reason}", reason=reason)) from error


def _read_pickle(path: Path) -> Any:
    """Tensors and plain containers; anything else in it is refused."""
    try:
        with path.open("rb") as file:  # whatever fails after this is the content's fault
            start = file.read(2)
    except OSError as error:
        reason = error.strerror or error
        raise ModelFileError(path, tr("cannot be read: {reason}", reason=reason)) from error
    if not start:
        raise ModelFileError(path, tr("the file is empty"))
    if not start.startswith((b"PK", b"\x80")):
        raise ModelFileError(path, tr("not a PyTorch checkpoint"))
    if _is_torchscript(path):
        raise ModelFileError(
            path, tr("a TorchScript program, not weights alone; ask its author for the weights")
        )
    try:
        return safe_pickle.load(path)
    except safe_pickle.UnsafePickleError as error:
        raise ModelFileError(
            path,
            tr(
                "holds more than weights, and reading it could run a program inside it; "
                "ask its author for a file of weights alone"
            ),
        ) from error
    except safe_pickle.DamagedPickleError as error:
        raise ModelFileError(
            path, tr("the file is damaged or no model; copy or download it again")
        ) from error
    except OSError as error:
        reason = error.strerror or error
        raise ModelFileError(path, tr("cannot be read: {reason}", reason=reason)) from error


def _is_torchscript(path: Path) -> bool:
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith("constants.pkl") for name in archive.namelist())
    except Exception:  # a damaged archive fails in any way; reading it for good says so
        return False


def canonical(path: Path, loaded: Any) -> dict[str, Tensor]:
    """The tensors themselves, out of the wrappings that training programs put around them.

    Raises:
        ModelFileError: there are none, or one holds values that are no numbers.
    """
    found = _unwrapped(loaded)
    tensors = {key: value for key, value in found.items() if isinstance(value, Tensor)}
    if not tensors:
        raise ModelFileError(path, tr("holds no weights of a model"))
    for prefix in _PREFIXES:
        if all(key.startswith(prefix) for key in tensors):
            tensors = {key.removeprefix(prefix): value for key, value in tensors.items()}
    check_numbers(path, tensors)
    return tensors


def _unwrapped(loaded: Any) -> Mapping[str, Any]:
    for _ in range(_MOST_WRAPPERS):  # a damaged file's may hold each other
        if not isinstance(loaded, Mapping):
            break
        names = [key for key in loaded if isinstance(key, str)]
        if any(isinstance(loaded[key], Tensor) for key in names):
            return {key: loaded[key] for key in names}
        inner = [key for key in _WRAPPERS if isinstance(loaded.get(key), Mapping)]
        if not inner and len(loaded) == 1:
            inner = names
        if not inner:
            break
        loaded = loaded[inner[0]]
    return {}
