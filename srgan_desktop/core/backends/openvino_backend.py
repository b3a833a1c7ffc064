"""Networks run by OpenVINO on the processor, usually the fastest way there.

The graphs are built operation by operation from the weights, which takes milliseconds where
tracing a torch module takes seconds (``openvino_operations``). There are three in a row: the body,
the upsampling of its features to a residual, and the finish in float32, which adds the interpolated
picture, so that bfloat16 costs no accuracy in flat areas, and makes pixels.

Once compiled they are all that is needed: what ``export`` gives is opened again without torch, the
model file or the network, in a tenth of the time.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from srgan_desktop.core.backends import Part, release
from srgan_desktop.core.backends.device import usual_threads
from srgan_desktop.core.backends.memory_errors import memory_errors
from srgan_desktop.core.base.errors import DeviceError
from srgan_desktop.core.base.translation import tr

if TYPE_CHECKING:
    from torch import Tensor

    from srgan_desktop.core.networks.activation_ranges import ActivationRanges
    from srgan_desktop.core.networks.inference import InferenceNetwork

Floats = NDArray[np.float32]

# input pixels upsampled at once. Small strips compute their context again, large ones need memory:
# of 128 x 128, 256 x 256 and all of a tile of 1000 x 300 fast-x4 took 0.270, 0.238 and 0.226 s of a
# processor in int8 and 0.610, 0.575 and 0.550 s in float32, at 222, 318 and 473 MiB
STRIP_PIXELS = 256 * 256
MIN_STRIP_ROWS = 16
_HINTS = {"fp32": "f32", "bf16": "bf16"}
_NETWORK = ("body", "upsample")
_PARTS = (*_NETWORK, "finish", "pixels")


class Geometry(NamedTuple):
    """What must be known of a network to run its graphs."""

    scale: int
    colours: int
    # features beyond a place that the upsampling and the finish look at
    context: int


@cache
def shared_core() -> Any:
    """One ``openvino.Core`` for the whole process, kept until it ends.

    On processors with AMX each core gives the thread that made it a stack for signals. A second
    core that goes away puts back one that is there no more, and the next Ctrl+C is a crash.
    """
    _import_openvino()
    import openvino

    return openvino.Core()


def _import_openvino() -> None:
    """Without its converter, which nothing here needs and which doubles the time of the import."""
    converter = "openvino.tools.ovc"
    if "openvino" in sys.modules:
        return
    # the package takes the lack of it well
    sys.modules[converter] = None  # type: ignore[assignment]
    try:
        import openvino  # noqa: F401
    finally:
        del sys.modules[converter]


def available_precisions() -> tuple[str, ...]:
    """In which floating-point formats OpenVINO computes here; empty where it does not."""
    found = _capabilities()
    if not found:
        return ()
    return ("fp32", "bf16") if "BF16" in found else ("fp32",)


def computes_int8() -> bool:
    """Whether OpenVINO has convs in 8-bit integers on this processor."""
    return "INT8" in _capabilities()


def _capabilities() -> list[str]:
    try:
        _import_openvino()
        import openvino  # noqa: F401 - the core may be there from before

        return list(shared_core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"))
    except (ImportError, OSError, RuntimeError):
        return []


class OpenVinoBackend:
    """See ``PixelBackend``; takes any size without being rebuilt.

    Attributes:
        on_run: hears the name of each graph that was run, and the seconds it took.
    """

    name = "openvino"
    device = "cpu"

    def __init__(
        self,
        network: InferenceNetwork,
        precision: str,
        threads: int = 0,
        ranges: ActivationRanges | None = None,
    ) -> None:
        """``ranges`` are of this network, for precision int8 alone.

        Raises:
            DeviceError: OpenVINO cannot run it.
        """
        from srgan_desktop.core.backends import openvino_operations as graphs
        from srgan_desktop.core.networks.inference import finish_context

        with openvino_errors():
            body = graphs.body_graph(network, ranges)
            upsample = graphs.upsample_graph(network, ranges)
            finish = (graphs.finish_graph(network, whole=whole) for whole in (False, True))
            models = {
                name: shared_core().compile_model(graph, "CPU", options(name, precision, threads))
                for name, graph in zip(_PARTS, (body, upsample, *finish), strict=True)
            }
        config = network.config
        self._take(
            models,
            Geometry(config.scale, config.colours, finish_context(config)),
            precision,
        )

    @classmethod
    def of(cls, models: Mapping[str, Any], geometry: Geometry, precision: str) -> OpenVinoBackend:
        """Of compiled graphs called body, upsample, finish and pixels."""
        backend = cls.__new__(cls)
        backend._take(dict(models), geometry, precision)
        return backend

    @classmethod
    def restored(
        cls, parts: Mapping[str, bytes], geometry: Geometry, precision: str, threads: int = 0
    ) -> OpenVinoBackend:
        """One whose ``export`` this was, by the same OpenVINO on the same processor.

        Raises:
            DeviceError: it was not.
        """
        models = {name: restored_graph(parts, name, precision, threads) for name in _PARTS}
        return cls.of(models, geometry, precision)

    def _take(self, models: dict[str, Any], geometry: Geometry, precision: str) -> None:
        release.start()
        self.precision = precision
        self.geometry = geometry
        self._models = models
        self._requests = {name: model.create_infer_request() for name, model in models.items()}
        self.on_run: Callable[[str, float], None] = lambda graph, seconds: None

    def __del__(self) -> None:
        kept = self.__dict__
        requests, models = kept.pop("_requests", {}), kept.pop("_models", {})
        release.let_go([(requests.pop(name), models.pop(name)) for name in list(requests)])

    @property
    def models(self) -> Mapping[str, Any]:
        """The compiled graphs, as for ``of``."""
        return self._models

    def export(self) -> dict[str, bytes]:
        """The compiled graphs, for ``restored``."""
        return {name: model.export_model().getvalue() for name, model in self._models.items()}

    def run(self, x: Tensor) -> Tensor:
        """As ``Backend.run``, cut to 0..1."""
        import torch

        return torch.from_numpy(self.run_array(x.detach().numpy()))

    def run_array(self, x: Floats) -> Floats:
        """As ``run``, without torch."""
        height, width = x.shape[-2:]
        scale, colours, _ = self.geometry
        result = np.empty((len(x), colours, height * scale, width * scale), np.float32)
        whole = Part((0, height), (0, width))
        with memory_errors("cpu"):
            for rows, y in self._strips(np.ascontiguousarray(x), whole, "finish"):
                result[:, :, rows] = y
        return result

    def enlarge(self, pixels: NDArray[np.uint8], part: Part) -> NDArray[np.uint8]:
        """As ``PixelBackend.enlarge``."""
        scale, colours, _ = self.geometry
        (top, bottom), (left, right) = part
        x = (pixels.astype(np.float32) / np.float32(255)).transpose(2, 0, 1)
        result = np.empty(((bottom - top) * scale, (right - left) * scale, colours), np.uint8)
        with memory_errors("cpu"):
            for rows, y in self._strips(np.ascontiguousarray(x)[None], part, "pixels"):
                result[rows] = y[0]
        return result

    def _strips(self, x: Floats, part: Part, finish: str) -> Iterator[tuple[slice, NDArray[Any]]]:
        """The results of ``part`` in strips of rows, each with its place; gone with the next."""
        scale, _, context = self.geometry
        features = self._infer("body", x)
        height, width = x.shape[-2:]
        (first, last), (left, right) = part
        columns = slice(max(0, left - context), min(width, right + context))
        step = max(MIN_STRIP_ROWS, STRIP_PIXELS // (right - left))
        for start in range(first, last, step):
            stop = min(start + step, last)
            rows = slice(max(0, start - context), min(height, stop + context))
            strip = features[:, :, rows, columns]
            y = self._infer(finish, x[:, :, rows, columns], self._infer("upsample", strip))
            inner = [
                slice((begin - whole.start) * scale, (end - whole.start) * scale)
                for begin, end, whole in ((start, stop, rows), (left, right, columns))
            ]
            cut = y[:, inner[0], inner[1]] if finish == "pixels" else y[:, :, inner[0], inner[1]]
            yield slice((start - first) * scale, (stop - first) * scale), cut

    def _infer(self, part: str, *inputs: NDArray[Any]) -> NDArray[Any]:
        """Run a graph; the result lies in the request's memory until its next run."""
        given = [np.ascontiguousarray(value) for value in inputs]
        began = time.perf_counter()
        result: NDArray[Any] = self._requests[part].infer(
            given, share_inputs=True, share_outputs=True
        )[0]
        self.on_run(part, time.perf_counter() - began)
        return result


def options(part: str, precision: str, threads: int) -> dict[str, str | int]:
    """How a graph is compiled, and imported: exports do not hold all of it.

    All but body and upsample are computed in float32.
    """
    # of integers what is no conv is computed in the fastest of the others
    floating = available_precisions()[-1] if precision == "int8" else precision
    return {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": _HINTS[floating if part in _NETWORK else "fp32"],
        "INFERENCE_NUM_THREADS": threads or usual_threads(),
    }


def restored_graph(parts: Mapping[str, bytes], name: str, precision: str, threads: int) -> Any:
    """A compiled graph from its export, ``parts[name]``; raises DeviceError where it is none."""
    with openvino_errors():
        given = io.BytesIO(parts[name])
        return shared_core().import_model(given, "CPU", options(name, precision, threads))


@contextmanager
def openvino_errors() -> Iterator[None]:
    """OpenVINO's, and parts that are not there, become DeviceError."""
    try:
        yield
    except (KeyError, RuntimeError) as error:
        raise DeviceError(tr("OpenVINO failed: {reason}", reason=error)) from error
