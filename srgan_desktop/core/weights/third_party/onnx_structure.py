"""A look through an ONNX file before OpenVINO builds its graph, which trusts it too much.

A graph that leads back into itself takes all memory there, and one with loops may never end. Only
the few fields of the format (protocol buffers) that tell of these are read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

# of ModelProto, GraphProto, NodeProto, AttributeProto and TensorProto in onnx.proto
_GRAPH = 7
_NODE, _INITIALIZER, _INPUT, _SPARSE = 1, 5, 11, 15
_NODE_INPUT, _NODE_OUTPUT, _NODE_TYPE, _NODE_ATTRIBUTE = 1, 2, 4, 5
_ATTRIBUTE_TENSOR, _ATTRIBUTE_GRAPH = 5, 6
_DIMS, _TENSOR_NAME, _EXTERNAL = 1, 8, 13
_VALUE_NAME = 1
_ENDLESS = (b"Loop", b"Scan")
# inputs that a node cannot do without, where these are not one; OpenVINO crashes on fewer
_LEAST_INPUTS = {
    **dict.fromkeys((b"Constant", b"RandomNormal", b"RandomUniform"), 0),
    **dict.fromkeys((b"Add", b"Sub", b"Mul", b"Div", b"Pow", b"Mod", b"And", b"Or", b"Xor"), 2),
    **dict.fromkeys((b"Equal", b"Less", b"LessOrEqual", b"Greater", b"GreaterOrEqual"), 2),
    **dict.fromkeys((b"Conv", b"ConvTranspose", b"MatMul", b"Gemm", b"PRelu", b"BitShift"), 2),
    **dict.fromkeys((b"Reshape", b"Expand", b"Tile", b"Gather", b"GatherElements"), 2),
    **dict.fromkeys((b"GatherND", b"GridSample", b"LayerNormalization", b"TopK", b"OneHot"), 2),
    **dict.fromkeys((b"QuantizeLinear", b"DequantizeLinear", b"MaxRoiPool", b"MaxUnpool"), 2),
    **dict.fromkeys((b"Where", b"InstanceNormalization", b"GroupNormalization", b"Range"), 3),
    **dict.fromkeys((b"ScatterND", b"ScatterElements", b"Scatter", b"RNN", b"GRU", b"LSTM"), 3),
    b"BatchNormalization": 5,
}
# of a file's size: numbers of four bits are the smallest that there are
_MOST_VALUES_A_BYTE = 2
_DEEPEST = 16

Field = tuple[int, int | bytes]


class StructureError(ValueError):
    """It is damaged, or no graph that can be computed once from start to end."""


class LoopError(StructureError):
    """It repeats parts of itself, for as long as it likes."""


def check(data: bytes) -> None:
    """Raises StructureError, LoopError."""
    graphs = [value for number, value in _fields(data) if number == _GRAPH]
    if len(graphs) != 1:
        raise StructureError("no graph")
    _check_graph(_bytes(graphs[0]), frozenset({b""}), len(data), 0)


def _check_graph(data: bytes, outside: frozenset[bytes], size: int, depth: int) -> None:
    """Each node takes only what was made before it."""
    if depth > _DEEPEST:
        raise StructureError("graphs within graphs")
    fields = list(_fields(data))
    made = set(outside)
    for number, value in fields:
        if number == _INPUT:
            made |= {_bytes(name) for key, name in _fields(_bytes(value)) if key == _VALUE_NAME}
        elif number == _INITIALIZER:
            made.add(_checked_tensor(_bytes(value), size))
        elif number == _SPARSE:
            raise StructureError("sparse numbers")
    for number, value in fields:
        if number == _NODE:
            made |= _checked_node(_bytes(value), frozenset(made), size, depth)


def _checked_node(data: bytes, made: frozenset[bytes], size: int, depth: int) -> set[bytes]:
    """What it makes."""
    fields = [
        (number, _bytes(value)) for number, value in _fields(data) if isinstance(value, bytes)
    ]
    if any(number == _NODE_INPUT and value not in made for number, value in fields):
        raise StructureError("a node takes what is not made yet")
    kind = next((value for number, value in fields if number == _NODE_TYPE), b"")
    if kind in _ENDLESS:
        raise LoopError("a loop")
    taken = [value for number, value in fields if number == _NODE_INPUT]
    least = _LEAST_INPUTS.get(kind, 1)
    if len(taken) < least or not all(taken[:least]):
        raise StructureError("a node has too few inputs")
    for number, value in fields:
        if number == _NODE_ATTRIBUTE:
            for key, part in _fields(value):
                if key == _ATTRIBUTE_TENSOR:
                    _checked_tensor(_bytes(part), size)
                elif key == _ATTRIBUTE_GRAPH:
                    _check_graph(_bytes(part), made, size, depth + 1)
    return {value for number, value in fields if number == _NODE_OUTPUT}


def _checked_tensor(data: bytes, size: int) -> bytes:
    """Its name; raises StructureError where it says to be larger than the file, or to be in
    another one."""
    name, dims = b"", []
    for number, value in _fields(data):
        if number == _TENSOR_NAME:
            name = _bytes(value)
        elif number == _EXTERNAL:
            raise StructureError("numbers in another file")
        elif number == _DIMS:
            dims += list(_packed(value)) if isinstance(value, bytes) else [value]
    if math.prod(dims) > _MOST_VALUES_A_BYTE * size:
        raise StructureError("more numbers than the file has")
    return name


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise StructureError("a number in place of a part")
    return value


def _packed(data: bytes) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _varint(data, at)
        yield value


def _fields(data: bytes) -> Iterator[Field]:
    """Number and value of each field of a message."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        value: int | bytes
        if kind == 0:
            value, at = _varint(data, at)
        else:
            if kind == 2:
                length, at = _varint(data, at)
            else:
                length = {1: 8, 5: 4}.get(kind, len(data))
            if at + length > len(data):
                raise StructureError("cut short")
            value, at = data[at : at + length], at + length
        yield key >> 3, value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number, and where what follows it begins."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise StructureError("cut short")
