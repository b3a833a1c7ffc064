"""A network that adapts to the picture, run by OpenVINO without torch.

What a mixture of experts computes differs from one expert only in the weights, and each of these is
the mixture of theirs, also where the last conv was moved before a shuffle. So the graphs are kept
once, as OpenVINO writes them, with the weights of all experts beside them: for a picture these are
mixed and put in their places, and the graphs are compiled.
"""

from __future__ import annotations

import io
import math
import tempfile
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from srgan_desktop.core.backends import Part
from srgan_desktop.core.backends.integers import HIGHEST, LOWEST, largest_weights
from srgan_desktop.core.backends.openvino_backend import (
    Geometry,
    OpenVinoBackend,
    openvino_errors,
    options,
    restored_graph,
    shared_core,
)
from srgan_desktop.core.networks.mixing import Mixing
from srgan_desktop.core.networks.strengths import LEAST_SIDE, Strengths

if TYPE_CHECKING:
    from torch import Tensor

    from srgan_desktop.core.networks.activation_ranges import ActivationRanges
    from srgan_desktop.core.networks.dasr import Dasr

Floats = NDArray[np.float32]

# those of a backend's graphs in which there is nothing to mix
_SAME = ("finish", "pixels")
_MIXED = ("body", "upsample")
_PREDICTOR = "predictor"
_MIXTURE = "mixture"
_HEAD_BIAS = "head.bias"
# how the weights of the network that is run are called beyond those of the trained one
_PREFIX = "source."


class _Place(NamedTuple):
    """Where a weight, or an end of what its integers stand for, lies in a graph's bytes."""

    offset: int
    shape: tuple[int, ...]


class MixedGraph:
    """A graph whose weights are yet to be mixed.

    Attributes:
        xml: the graph as OpenVINO writes it.
        constants: uint8 (bytes,), what it calls the graph's weights, of any mixture.
        rows: (experts, values), the weights of each expert in the order of the graph.
    """

    def __init__(self, xml: bytes, constants: NDArray[np.uint8], rows: Floats) -> None:
        self.xml, self.constants, self.rows = xml, constants, rows
        self._places = _places(xml)

    @classmethod
    def of(cls, graphs: Sequence[Any]) -> MixedGraph | None:
        """From the graph of each expert; None where two of its weights share a place."""
        xml, constants = _serialised(graphs[0])
        places = _places(xml)
        # equal constants are written once, as the biases of layers that were never trained
        if len({place.offset for place in places.values()}) < len(places):
            return None
        rows = []
        for graph in graphs:
            nodes = {node.get_friendly_name(): node for node in graph.get_ops()}
            rows.append(np.concatenate([nodes[name].data.ravel() for name in _weights(places)]))
        return cls(xml, constants, np.stack(rows).astype(np.float32))

    def mixed(self, shares: Mapping[str, Floats], head_shift: Floats | None) -> Any:
        """The graph with the experts of each layer mixed by ``shares``."""
        constants, start = self.constants.copy(), 0
        for name in _weights(self._places):
            weight = name.removeprefix(_PREFIX)
            shape = self._places[name].shape
            stop = start + math.prod(shape)
            values = shares[weight.rpartition(".")[0]] @ self.rows[:, start:stop]
            if weight == _HEAD_BIAS and head_shift is not None:
                values = values + head_shift
            self._put(constants, name, values)
            if name + LOWEST in self._places:
                largest = largest_weights(values.reshape(shape))
                self._put(constants, name + LOWEST, -largest)
                self._put(constants, name + HIGHEST, largest)
            start = stop
        return shared_core().read_model(self.xml, constants.tobytes())

    def _put(self, constants: NDArray[np.uint8], name: str, values: Floats) -> None:
        place = self._places[name]
        size = values.size * values.itemsize
        constants[place.offset : place.offset + size].view(np.float32)[:] = values.ravel()


class OpenVinoMixture:
    """Finds a picture's strengths and gives the backend for any.

    It is a ``PixelBackend`` itself, for pictures that suffered nothing.

    Attributes:
        geometry: of the backends.
    """

    name = "openvino"
    device = "cpu"

    def __init__(
        self,
        graphs: Mapping[str, MixedGraph],
        models: Mapping[str, Any],
        mixing: Mixing,
        geometry: Geometry,
        precision: str,
        threads: int,
    ) -> None:
        """
        Args:
            graphs: called body and upsample.
            models: compiled ones, called finish, pixels and predictor.
        """
        self.geometry, self.precision = geometry, precision
        self._graphs, self._models, self._mixing = graphs, models, mixing
        self._threads = threads

    @classmethod
    def of(
        cls,
        network: Dasr,
        like: OpenVinoBackend,
        threads: int = 0,
        ranges: ActivationRanges | None = None,
    ) -> OpenVinoMixture | None:
        """Of backends as ``like``, which is of ``network``; None where it has no such form.

        ``ranges`` are of all its mixtures, for 8-bit integers.

        Raises:
            DeviceError: OpenVINO cannot run the predictor.
        """
        from srgan_desktop.core.backends import openvino_operations as operations
        from srgan_desktop.core.backends.openvino_predictor import predictor_graph
        from srgan_desktop.core.networks.inference import InferenceGenerator

        experts = [InferenceGenerator(network.expert(n)) for n in range(network.config.copies)]
        makers = (operations.body_graph, operations.upsample_graph)
        with openvino_errors():
            found = [MixedGraph.of([make(expert, ranges) for expert in experts]) for make in makers]
            if None in found:
                return None
            models = {name: like.models[name] for name in _SAME}
            models[_PREDICTOR] = shared_core().compile_model(
                predictor_graph(network.predictor), "CPU", options(_PREDICTOR, "fp32", threads)
            )
        graphs = dict(zip(_MIXED, cast("list[MixedGraph]", found), strict=True))
        return cls(graphs, models, network.mixing, like.geometry, like.precision, threads)

    def predict(self, pieces: Floats) -> NDArray[np.float32]:
        """As ``Dasr.predict``: (N, colours, H, W), 0..1, to (N, strengths)."""
        missing = [max(0, LEAST_SIDE - side) for side in pieces.shape[-2:]]
        if any(missing):
            pieces = np.pad(pieces, ((0, 0), (0, 0), (0, missing[0]), (0, missing[1])), "edge")
        request = self._models[_PREDICTOR].create_infer_request()
        return np.array(request.infer([np.ascontiguousarray(pieces)])[0])

    def backend(self, strengths: Strengths) -> OpenVinoBackend:
        """The network for these strengths; raises DeviceError."""
        shares, shift = self._mixing.shares(strengths), self._mixing.head_shift(strengths)
        models = {name: self._models[name] for name in _SAME}
        with openvino_errors():
            for name, graph in self._graphs.items():
                models[name] = shared_core().compile_model(
                    graph.mixed(shares, shift), "CPU", options(name, self.precision, self._threads)
                )
        return OpenVinoBackend.of(models, self.geometry, self.precision)

    @cached_property
    def _clean(self) -> OpenVinoBackend:
        return self.backend(Strengths())

    def run(self, x: Tensor) -> Tensor:
        """As ``Backend.run``, cut to 0..1."""
        return self._clean.run(x)

    def enlarge(self, pixels: NDArray[np.uint8], part: Part) -> NDArray[np.uint8]:
        """As ``PixelBackend.enlarge``."""
        return self._clean.enlarge(pixels, part)

    def export(self) -> dict[str, bytes]:
        """All that ``restored`` needs."""
        parts = {name: model.export_model().getvalue() for name, model in self._models.items()}
        arrays: dict[str, Any] = dict(vars(self._mixing))
        for name, graph in self._graphs.items():
            arrays[f"{name}.xml"] = np.frombuffer(graph.xml, np.uint8)
            arrays[f"{name}.constants"], arrays[f"{name}.rows"] = graph.constants, graph.rows
        file = io.BytesIO()
        np.savez(file, **arrays)
        return parts | {_MIXTURE: file.getvalue()}

    @classmethod
    def restored(
        cls, parts: Mapping[str, bytes], geometry: Geometry, precision: str, threads: int = 0
    ) -> OpenVinoMixture:
        """One whose ``export`` this was, by the same OpenVINO on the same processor.

        Raises:
            DeviceError, ValueError, KeyError: it was not.
        """
        models = {
            name: restored_graph(parts, name, precision, threads) for name in (*_SAME, _PREDICTOR)
        }
        with np.load(io.BytesIO(parts[_MIXTURE]), allow_pickle=False) as file:
            arrays = dict(file)
        graphs = {
            name: MixedGraph(
                arrays.pop(f"{name}.xml").tobytes(),
                arrays.pop(f"{name}.constants"),
                arrays.pop(f"{name}.rows"),
            )
            for name in _MIXED
        }
        layers, slope = arrays.pop("layers").tolist(), float(arrays.pop("slope"))
        mixing = Mixing(tuple(layers), slope, **arrays)
        return cls(graphs, models, mixing, geometry, precision, threads)


def _serialised(graph: Any) -> tuple[bytes, NDArray[np.uint8]]:
    """The two files that OpenVINO makes of a graph; it cannot write them to memory."""
    import openvino

    with tempfile.TemporaryDirectory() as folder:
        xml, constants = (Path(folder, f"graph.{ending}") for ending in ("xml", "bin"))
        openvino.serialize(graph, xml, constants)
        return xml.read_bytes(), np.fromfile(constants, np.uint8)


def _places(xml: bytes) -> dict[str, _Place]:
    """By name. Weights are called as modules are; other constants have names without a dot."""
    places = {}
    for layer in ElementTree.fromstring(xml).iterfind("layers/layer[@type='Const']"):
        name, data = layer.get("name", ""), layer.find("data")
        if "." in name and data is not None:
            shape = tuple(int(side) for side in data.get("shape", "").split(","))
            places[name] = _Place(int(data.get("offset", 0)), shape)
    return places


def _weights(places: Mapping[str, _Place]) -> list[str]:
    return [name for name in places if not name.endswith((LOWEST, HIGHEST))]
