"""ONNX models, run by OpenVINO on the processor."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from srgan_desktop.core.backends import release
from srgan_desktop.core.backends.openvino_backend import available_precisions, shared_core
from srgan_desktop.core.backends.torch_backend import memory_errors
from srgan_desktop.core.base.errors import ModelFileError
from srgan_desktop.core.base.printable import short_line
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.weights.third_party import onnx_structure
from srgan_desktop.core.weights.third_party.network import (
    ThirdPartyConfig,
    ThirdPartyInference,
    ThirdPartyNetwork,
    working_values_of,
)
from srgan_desktop.core.weights.third_party.spandrel_models import check_result

PROBE_SIDE = 32
# of an input side; a network may ask for one of these
STEPS = (1, 2, 4, 8, 16, 32, 64)
# of colours' mean; on 0..255 it is far beyond, on 0..1 nothing comes near it
MOST_MEAN = 24.0
_HINTS = {"fp32": "f32", "bf16": "bf16"}


class OnnxNetwork(ThirdPartyNetwork):
    """A graph that OpenVINO has read; compiled for each precision when it is first run in it."""

    def __init__(self, config: ThirdPartyConfig, graph: Any) -> None:
        super().__init__(config)
        self.graph = graph
        self._half = graph.input(0).get_element_type().get_type_name() == "f16"
        self._requests: dict[tuple[str, int], Any] = {}
        release.start()

    def __del__(self) -> None:
        requests = self.__dict__.pop("_requests", {})
        release.let_go([requests.pop(how) for how in list(requests)])

    def enlarge(self, x: Tensor) -> Tensor:
        """See ``ThirdPartyNetwork``; in full precision."""
        return self.run_graph(x, "fp32", 0)

    def run_graph(self, x: Tensor, precision: str, threads: int) -> Tensor:
        """float32 (1, colours, H, W) on the processor, in and out.

        Raises:
            RuntimeError: OpenVINO failed.
        """
        request = self._requests.get((precision, threads))
        if request is None:
            options = {
                "PERFORMANCE_HINT": "LATENCY",
                "INFERENCE_PRECISION_HINT": _HINTS[precision],
                "INFERENCE_NUM_THREADS": threads or torch.get_num_threads(),
            }
            compiled = shared_core().compile_model(self.graph, "CPU", options)
            request = self._requests[precision, threads] = compiled.create_infer_request()
        values = np.ascontiguousarray(x.numpy(), np.float16 if self._half else np.float32)
        result = request.infer([values], share_inputs=True)[0]
        return torch.from_numpy(np.array(result, np.float32))

    def inference(self) -> OnnxInference:
        """Prepared for inference."""
        return OnnxInference(self)


class OnnxInference(ThirdPartyInference):
    """For the processor only."""

    on_processor_only = True
    source: OnnxNetwork

    def runs(self, backend: str, precision: str) -> bool:
        """OpenVINO only."""
        return backend == "openvino" and precision in self.config.precisions


class OnnxBackend:
    """See ``Backend``."""

    name = "openvino"
    device = "cpu"

    def __init__(self, network: OnnxInference, precision: str, threads: int = 0) -> None:
        self.precision = precision
        self._threads = threads
        self._network = network.source

    def run(self, x: Tensor) -> Tensor:
        """float32 (N, C, H, W), 0..1, to the larger pictures.

        Raises:
            DeviceMemoryError, DeviceError: as ``Backend``.
        """
        with torch.no_grad(), memory_errors("cpu"):
            return _At(self._network, self.precision, self._threads).forward(x)


class _At(ThirdPartyNetwork):
    """The same network in a given precision."""

    def __init__(self, network: OnnxNetwork, precision: str, threads: int) -> None:
        super().__init__(network.config)
        self._how = (network, precision, threads)

    def enlarge(self, x: Tensor) -> Tensor:
        network, precision, threads = self._how
        return network.run_graph(x, precision, threads)


def onnx_network(path: Path) -> OnnxNetwork:
    """The network in a file.

    Raises:
        ModelFileError: unreadable, damaged, or no network that enlarges pictures.
    """
    graph = _read(path)
    colours = _checked_colours(path, graph)
    config = ThirdPartyConfig(
        architecture=_architecture(graph),
        kind="onnx",
        scale=1,
        colours=colours,
        precisions=available_precisions(),
        parameters=_parameters(graph),
    )
    return _probed(path, graph, config)


def _read(path: Path) -> Any:
    if not available_precisions():
        raise ModelFileError(path, tr("an ONNX model, which needs OpenVINO: pip install openvino"))
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or error
        raise ModelFileError(path, tr("cannot be read: {reason}", reason=reason)) from error
    if not data:
        raise ModelFileError(path, tr("the file is empty"))
    try:
        onnx_structure.check(data)
        # from memory, so that a file can only bring what is in it
        return shared_core().read_model(model=data, weights=b"")
    except onnx_structure.LoopError as error:
        raise ModelFileError(
            path, tr("holds a loop, which might never end; export it without loops")
        ) from error
    # UnicodeDecodeError, where OpenVINO's own message quotes what is damaged
    except (RuntimeError, ValueError) as error:
        raise ModelFileError(
            path,
            tr("no ONNX model that can be read: damaged, or with weights in another file"),
        ) from error


def _checked_colours(path: Path, graph: Any) -> int:
    """Also makes the graph take any height and width."""
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        raise ModelFileError(
            path,
            tr(
                "takes {n} inputs and gives {m} outputs; one picture in and one out is needed",
                n=len(graph.inputs),
                m=len(graph.outputs),
            ),
        )
    shape = graph.input(0).get_partial_shape()
    kind = graph.input(0).get_element_type().get_type_name()
    if kind not in ("f32", "f16"):
        raise ModelFileError(
            path, tr("takes values of type {kind}; f32 or f16 is needed", kind=kind)
        )
    colours = 0
    if not shape.rank.is_dynamic and len(shape) == 4 and not shape[1].is_dynamic:
        colours = shape[1].get_length()
    if colours not in (1, 3):
        raise ModelFileError(
            path,
            tr("takes {shape}; pictures as (N, 3, H, W) or (N, 1, H, W) are needed", shape=shape),
        )
    try:
        graph.reshape([1, colours, -1, -1])
    except RuntimeError as error:
        raise ModelFileError(
            path, tr("takes pictures of one size only; export it with free height and width")
        ) from error
    return colours


def _probed(path: Path, graph: Any, config: ThirdPartyConfig) -> OnnxNetwork:
    """Scale, sizes and memory: from sizes alone, then from a run on a small picture."""
    problem = ""
    for step in STEPS:
        # no multiple of a larger step, so that a need for one shows
        height = PROBE_SIDE + step if step < PROBE_SIDE else step
        size = (height, height + step)
        try:
            made = _result_shape(graph, (1, config.colours, *size))
        except RuntimeError as error:
            problem = tr("does not run: {reason}", reason=_last_line(error))
            continue
        scale, left = divmod(made[2], size[0])
        if left or made != (1, config.colours, size[0] * scale, size[1] * scale):
            problem = tr("gives {shape}, which is not a larger picture", shape=made)
            continue
        if scale < 1:
            raise ModelFileError(path, tr("makes pictures smaller; it does not enlarge them"))
        found = dataclasses.replace(
            config, scale=scale, multiple_of=step, working_values=_working_values(graph, config)
        )
        return _tried(path, OnnxNetwork(found, graph), size)
    raise ModelFileError(path, problem)


def _result_shape(graph: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Of what comes out for a picture of ``shape``, without running anything.

    Sizes that a graph is not made for are met here; running it with them may crash.

    Raises:
        RuntimeError: it does not take such pictures, or does not say what it gives.
    """
    fixed = graph.clone()
    fixed.reshape(list(shape))
    made = tuple(fixed.output(0).get_partial_shape().to_shape())
    if len(made) != 4:
        raise RuntimeError(tr("gives {shape}, which is not a picture", shape=made))
    return made


def _tried(path: Path, network: OnnxNetwork, size: tuple[int, int]) -> OnnxNetwork:
    height, width = size
    x = torch.linspace(0, 1, height * width).reshape(1, 1, height, width)
    try:
        result = network.enlarge(x.repeat(1, network.config.colours, 1, 1))
    except RuntimeError as error:
        raise ModelFileError(
            path, tr("does not run: {reason}", reason=_last_line(error))
        ) from error
    scale = network.config.scale
    check_result(path, result, (height * scale, width * scale))
    if float(result.abs().mean()) > MOST_MEAN:
        raise ModelFileError(path, tr("gives colours on another range than 0 to 1"))
    return network


def _last_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return short_line(lines[-1] if lines else error)


def _working_values(graph: Any, config: ThirdPartyConfig) -> int:
    """From the sizes of all values in the graph for one small picture."""
    side = math.lcm(64, config.multiple_of)
    fixed = graph.clone()
    fixed.reshape([1, config.colours, side, side])
    sizes = [
        math.prod(output.get_partial_shape().to_shape())
        for node in fixed.get_ordered_ops()
        if node.get_type_name() not in ("Constant", "Result")
        for output in node.outputs()
        if output.get_partial_shape().is_static
    ]
    return working_values_of([2 * size for size in sizes], side * side)


def _constants(graph: Any) -> Iterator[Any]:
    for node in graph.get_ordered_ops():
        if node.get_type_name() == "Constant" and node.get_element_type().is_real():
            yield node


def _parameters(graph: Any) -> int:
    """Numbers in the constants that are more than settings."""
    sizes = (math.prod(node.get_output_shape(0)) for node in _constants(graph))
    return sum(size for size in sizes if size > 1)


def _architecture(graph: Any) -> str:
    """Our own exports name theirs; others are ONNX models, and that is all that is known."""
    try:
        declared = cast(str, graph.get_rt_info(["framework", "architecture"]).astype(str))
    except RuntimeError:
        return "ONNX"
    from srgan_desktop.core.weights.architectures import ARCHITECTURES

    title = ARCHITECTURES[declared].title if declared in ARCHITECTURES else declared
    return f"{title} (ONNX)" if title else "ONNX"
