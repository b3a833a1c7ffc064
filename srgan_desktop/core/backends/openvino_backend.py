"""Networks run by OpenVINO on the processor, usually the fastest way there.

The graph is built operation by operation from the weights, which takes milliseconds where tracing
a torch module takes seconds (``openvino_operations``). It computes the residual only; the skip is
added in float32 outside, so that bfloat16 costs no accuracy in flat areas.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from srgan_desktop.core.backends.openvino_operations import body_graph, upsample_graph
from srgan_desktop.core.backends.torch_backend import memory_errors
from srgan_desktop.core.base.errors import DeviceError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.networks.activation_ranges import ActivationRanges
from srgan_desktop.core.networks.inference import InferenceNetwork, upsample_in_strips

_HINTS = {"fp32": "f32", "bf16": "bf16"}


@cache
def shared_core() -> Any:
    """One ``openvino.Core`` for the whole process, kept until it ends.

    On processors with AMX each core gives the thread that made it a stack for signals. A second
    core that goes away puts back one that is there no more, and the next Ctrl+C is a crash.
    """
    import openvino

    return openvino.Core()


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
        import openvino  # noqa: F401 - the core may be there from before

        return list(shared_core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"))
    except (ImportError, OSError, RuntimeError):
        return []


class OpenVinoBackend:
    """See ``Backend``; takes any size without being rebuilt."""

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
        self.precision = precision
        # what is no conv is computed in the fastest of the others
        floating = available_precisions()[-1] if ranges else precision
        self._finish = network.finish
        options: dict[str, Any] = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": _HINTS[floating],
            "INFERENCE_NUM_THREADS": threads or torch.get_num_threads(),
        }
        try:
            core = shared_core()
            self._body, self._upsample = (
                core.compile_model(graph, "CPU", options).create_infer_request()
                for graph in (body_graph(network, ranges), upsample_graph(network, ranges))
            )
        except RuntimeError as error:
            raise DeviceError(tr("OpenVINO failed: {reason}", reason=error)) from error
        self._config = network.config

    def run(self, x: Tensor) -> Tensor:
        with torch.no_grad(), memory_errors("cpu"):
            features = _infer(self._body, x)
            residual = upsample_in_strips(
                features, lambda strip: _infer(self._upsample, strip), self._config
            )
            # the request's own memory is written again by the next call
            return self._finish(x, residual.clone())


def _infer(request: Any, x: Tensor) -> Tensor:
    """Run a request; the result lies in the request's memory until its next run."""
    result = request.infer([np.ascontiguousarray(x.numpy())], share_inputs=True, share_outputs=True)
    return torch.from_numpy(result[0])
