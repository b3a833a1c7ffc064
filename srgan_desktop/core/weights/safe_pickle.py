"""PyTorch's pickled files, looked through before ``torch.load`` reads them.

``weights_only`` runs no code of the file's. But it calls functions that make tensors of any size
from a few bytes, unpacks what is compressed a thousand times, and computes the hashes of tuples
that hold each other twice, which takes for ever. So the pickle's instructions are walked first,
nothing of them carried out: names beyond those that weights need are refused, as are deep tuples
and archives that unpack to far more than they are.
"""

from __future__ import annotations

import io
import pickle
import pickletools
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor

# what checkpoints of weights name; each only makes what is as large as the file itself
_NAMES = re.compile(
    r"collections (OrderedDict|Counter)"
    r"|torch (\w+Storage|Size|device|float\w+|bfloat16|u?int\d+|bool|complex\d+|half|double|long)"
    r"|torch\.cuda \w+Storage"
    r"|torch\._utils (_rebuild_tensor|_rebuild_tensor_v2|_rebuild_tensor_v3"
    r"|_rebuild_parameter|_rebuild_parameter_with_state)"
    r"|torch\.nn\.parameter Parameter"
    r"|torch\.serialization _get_layout"
    r"|torch\.storage UntypedStorage"
    r"|_codecs encode"
    r"|(builtins|__builtin__) set"
)
# these stand in references to stored numbers; called, they would make memory of any size
_NEVER_CALLED = "torch.storage UntypedStorage"
_ZIPPED = b"PK\x03\x04"  # where torch.load, too, decides by these
_DEEPEST_TUPLE = 20
_MOST_UNPACKED = 8  # times the file's size: weights hardly shrink
_ALWAYS_UNPACKED = 1 << 20
_PICKLES_IN_OLD_FILES = 5  # magic, version, system, content, names of what follows


class UnsafePickleError(Exception):
    """It holds more than weights."""


class DamagedPickleError(Exception):
    """It cannot be read, or is no such file."""


def load(source: Path | bytes) -> Any:
    """What ``torch.save`` wrote, tensors on the processor.

    Raises:
        UnsafePickleError, DamagedPickleError: see there.
        OSError: the file cannot be read.
    """
    with source.open("rb") if isinstance(source, Path) else io.BytesIO(source) as file:
        try:
            _look_through(file)
            file.seek(0)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about unusual pickles, which were looked through
                loaded = torch.load(file, map_location="cpu", weights_only=True)
            _check_tensors(loaded)
        except UnsafePickleError:
            raise
        except pickle.UnpicklingError as error:
            raise UnsafePickleError(str(error)) from error
        except OSError as error:
            if error.errno is not None:
                raise
            raise DamagedPickleError(str(error)) from error
        # a damaged file fails in any way, and running out of memory is one of them
        except Exception as error:
            raise DamagedPickleError(str(error)) from error
    return loaded


def _look_through(file: BinaryIO) -> None:
    start = file.read(len(_ZIPPED))
    file.seek(0)
    if start != _ZIPPED:
        for _ in range(_PICKLES_IN_OLD_FILES):
            _Walk().over(file)
        return
    with zipfile.ZipFile(file) as archive:
        size = file.seek(0, io.SEEK_END)
        unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > _MOST_UNPACKED * size + _ALWAYS_UNPACKED:
            raise DamagedPickleError(f"{size} bytes unpack to {unpacked}")
        names = archive.namelist()
        if len(names) != len(set(names)):
            raise DamagedPickleError("two entries of one name")
        for name in names:
            if name.endswith(".pkl"):
                _Walk().over(io.BytesIO(archive.read(name)))


class _Walk:
    """Over one pickle's instructions. Values are their depths as tuples; names are themselves."""

    def __init__(self) -> None:
        self._stack: list[int | str] = []
        self._marks: list[list[int | str]] = []
        self._memo: dict[int, int | str] = {}

    def over(self, file: BinaryIO) -> None:
        """To the end of the pickle."""
        try:
            for opcode, argument, _ in pickletools.genops(file):
                self._step(opcode.name, argument)
        except (IndexError, KeyError) as error:  # of the stack and the memo
            raise DamagedPickleError(str(error)) from error
        except ValueError as error:  # genops's words for bytes that are no pickle
            raise DamagedPickleError(str(error)) from error

    def _step(self, name: str, argument: Any) -> None:
        if name in _PUSHED:
            self._stack.append(0)
        elif name in _TUPLES:
            self._put_tuple(self._taken(_TUPLES[name]))
        elif name in _TAKEN:
            self._taken(_TAKEN[name])
        elif name in _MARKED:
            values = self._to_mark()
            if name == "TUPLE":
                self._put_tuple(values)
        elif name == "MARK":
            self._marks.append(self._stack)
            self._stack = []
        elif name == "GLOBAL":
            self._name(argument)
        elif name in ("REDUCE", "NEWOBJ"):
            self._call()
        elif name in ("BINPUT", "LONG_BINPUT"):
            self._memo[argument] = self._stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            self._stack.append(self._memo[argument])
        elif name == "BINPERSID":
            self._stack[-1] = 0
        elif name not in ("PROTO", "STOP"):
            raise UnsafePickleError(f"instruction {name}")

    def _taken(self, count: int) -> Sequence[int | str]:
        values = self._stack[-count:]
        if len(values) < count:
            raise IndexError("the stack is empty")
        del self._stack[-count:]
        return values

    def _to_mark(self) -> list[int | str]:
        values, self._stack = self._stack, self._marks.pop()
        return values

    def _put_tuple(self, values: Sequence[int | str]) -> None:
        depth = 1 + max((value for value in values if isinstance(value, int)), default=0)
        if depth > _DEEPEST_TUPLE:
            raise UnsafePickleError("tuples within tuples")
        self._stack.append(depth)

    def _name(self, argument: str) -> None:
        if not _NAMES.fullmatch(argument):
            raise UnsafePickleError(argument)
        self._stack.append(argument)

    def _call(self) -> None:
        function, arguments = self._taken(2)
        if not isinstance(function, str) or function == _NEVER_CALLED:
            raise UnsafePickleError(f"calls {function}")
        self._stack.append(arguments if isinstance(arguments, int) else 0)


_PUSHED = frozenset(
    (
        *("NONE", "NEWFALSE", "NEWTRUE", "EMPTY_TUPLE", "EMPTY_LIST", "EMPTY_DICT", "EMPTY_SET"),
        *("BININT", "BININT1", "BININT2", "BINFLOAT", "BINUNICODE", "SHORT_BINSTRING", "LONG1"),
    )
)
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_TAKEN = {"APPEND": 1, "SETITEM": 2, "BUILD": 1}
_MARKED = frozenset(("TUPLE", "APPENDS", "SETITEMS"))


def _check_tensors(loaded: Any) -> None:
    """Raises UnsafePickleError: one shows its few numbers as very many, or is no plain tensor."""
    for tensor in _tensors(loaded):
        if tensor.layout != torch.strided or tensor.device.type != "cpu" or tensor.is_quantized:
            raise UnsafePickleError(f"a tensor of {tensor.layout} on {tensor.device}")
        if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
            raise UnsafePickleError(f"a tensor of {tuple(tensor.shape)} in fewer numbers")


def _tensors(loaded: Any) -> Iterator[Tensor]:
    """All of them, each container looked into once."""
    seen: set[int] = set()
    left = [loaded]
    while left:
        value = left.pop()
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, Mapping | list | tuple | set) and id(value) not in seen:
            seen.add(id(value))
            left.extend(value.values() if isinstance(value, Mapping) else value)
