"""Changes of model files that know how these are built; the same for the same numbers."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Random = np.random.Generator
Case = tuple[str, str, bytes]  # kind, name of the file, its bytes


def mutated(originals: dict[str, bytes], random: Random) -> Case:
    name = list(originals)[int(random.integers(len(originals)))]
    data = originals[name]
    suffix = Path(name).suffix
    changes: list[tuple[str, Callable[[bytes, Random], bytes]]] = [("bytes", changed_bytes)]
    if suffix == ".safetensors":
        changes += [("header", _header), ("description", _description)]
    elif suffix == ".onnx":
        changes += [("graph", _graph), ("graph", _graph)]
    elif data.startswith(b"PK"):
        changes += [("pickle", _zipped_pickle), ("entries", _entries)]
    else:
        changes += [("start", _start)]
    what, change = changes[int(random.integers(len(changes)))]
    kind = {"old.pth": "legacy pickle"}.get(name, {".pth": "zip pickle"}.get(suffix, suffix[1:]))
    return f"{kind}: {what} changed", name, change(data, random)


def changed_bytes(data: bytes, random: Random) -> bytes:
    from fuzzing import MUTATIONS

    changed = bytearray(data)
    for _ in range(int(random.integers(1, 4))):
        if changed:
            MUTATIONS[int(random.integers(len(MUTATIONS)))](changed, random)
    return bytes(changed)


def _start(data: bytes, random: Random) -> bytes:
    """Only the first two thousand bytes, where the instructions are."""
    return changed_bytes(data[:2000], random) + data[2000:]


_STRANGE: tuple[Any, ...] = (
    *(None, True, -1, 0, 1, 3.5, 2**31, 2**63, 10**30, "", "x" * 1000, [], {}, [[]], [-1, -1]),
    *(
        [2**40, 2**40],
        [0, 2**62],
        "F32",
        "F64",
        "BOOL",
        "F8_E4M3",
        "U16",
        "nonsense",
        "\x00\x1b[2J",
    ),
    *(float("nan"), float("inf"), [0, 0, 0, 0, 0, 0], {"a": {"b": 1}}),
)


def changed_json(value: Any, random: Random) -> Any:
    """One place within nested objects is something else, missing, or there twice."""
    if isinstance(value, dict) and value and random.random() < 0.9:
        key = list(value)[int(random.integers(len(value)))]
        chance = random.random()
        if chance < 0.1:
            return {k: v for k, v in value.items() if k != key}
        if chance < 0.2:
            return {**value, f"{key}\u202ex": value[key]}
        return {**value, key: changed_json(value[key], random)}
    if isinstance(value, list) and value and random.random() < 0.7:
        at = int(random.integers(len(value)))
        return [*value[:at], changed_json(value[at], random), *value[at + 1 :]]
    return _STRANGE[int(random.integers(len(_STRANGE)))]


def _header(data: bytes, random: Random) -> bytes:
    length = struct.unpack("<Q", data[:8])[0]
    header = changed_json(json.loads(data[8 : 8 + length]), random)
    return with_header(json.dumps(header).encode(), data[8 + length :])


def with_header(text: bytes, rest: bytes) -> bytes:
    return struct.pack("<Q", len(text)) + text + rest


def _description(data: bytes, random: Random) -> bytes:
    """A change within the JSON that stands in the metadata's texts."""
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    values = header.setdefault("__metadata__", {"format": "srgan-desktop-model"})
    key = ("config", "training", "scores", "activation_ranges")[int(random.integers(4))]
    values[key] = json.dumps(changed_json(json.loads(values.get(key, "{}")), random))
    return with_header(json.dumps(header).encode(), data[8 + length :])


def _graph(data: bytes, random: Random) -> bytes:
    """A node, an attribute, a shape or a number of the graph is another."""
    import onnx

    model = onnx.load_from_string(data)
    graph = model.graph
    node = graph.node[int(random.integers(len(graph.node)))]
    extreme = int((-(2**62), -1, 0, 1, 7, 2**20, 2**31, 2**62)[int(random.integers(8))])
    choice = int(random.integers(7))
    if choice == 0:
        kinds = ("Conv", "Reshape", "Expand", "Tile", "Gather", "Concat", "Loop", "ConstantOfShape")
        node.op_type = kinds[int(random.integers(len(kinds)))]
    elif choice == 1 and node.attribute:
        attribute = node.attribute[int(random.integers(len(node.attribute)))]
        attribute.i = extreme
        if attribute.ints:
            attribute.ints[int(random.integers(len(attribute.ints)))] = extreme
    elif choice == 2 and graph.initializer:
        tensor = graph.initializer[int(random.integers(len(graph.initializer)))]
        if tensor.dims:
            tensor.dims[int(random.integers(len(tensor.dims)))] = extreme
    elif choice == 3 and node.input:
        node.input[int(random.integers(len(node.input)))] = node.output[0]
    elif choice == 4:
        graph.node.remove(node)
    elif choice == 5 and graph.initializer:
        tensor = graph.initializer[int(random.integers(len(graph.initializer)))]
        tensor.data_type = int(random.integers(0, 24))
    else:
        size = graph.input[0].type.tensor_type.shape.dim[int(random.integers(4))]
        size.dim_value = extreme
    return model.SerializeToString()


def _read_zip(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _write_zip(entries: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return written.getvalue()


def _zipped_pickle(data: bytes, random: Random) -> bytes:
    """The instructions changed, all checksums right."""
    entries = _read_zip(data)
    name = next(name for name in entries if name.endswith("data.pkl"))
    entries[name] = changed_bytes(entries[name], random)
    return _write_zip(entries)


def _entries(data: bytes, random: Random) -> bytes:
    """One entry of the archive is missing, empty, doubled or under a name that leads elsewhere."""
    entries = _read_zip(data)
    name = list(entries)[int(random.integers(len(entries)))]
    content = entries.pop(name)
    choice = int(random.integers(4))
    if choice == 1:
        entries[name] = b""
    elif choice == 2:
        entries[name] = content * 3
    elif choice == 3:
        entries[("../../" + name, "/tmp/" + name, name.upper())[int(random.integers(3))]] = content
    return _write_zip(entries)
