"""Networks run by OpenVINO on the processor: usually the fastest way there.

The graph is built operation by operation from the weights, which takes milliseconds where tracing
a torch module takes seconds. It computes the residual only; the skip is added in float32 outside,
so that bfloat16 costs no accuracy in flat areas.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from srgan_desktop.core.backends.torch_backend import memory_errors
from srgan_desktop.core.errors import DeviceError
from srgan_desktop.core.generator import ResidualBlock, SubpixelUpsample
from srgan_desktop.core.inference import InferenceGenerator, upsample_in_strips
from srgan_desktop.core.translation import tr

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
    """What OpenVINO can compute in on this processor; empty where it is missing or broken."""
    try:
        import openvino  # noqa: F401 - the core may be there from before

        found = shared_core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    except (ImportError, OSError, RuntimeError):
        return ()
    return ("fp32", "bf16") if "BF16" in found else ("fp32",)


class OpenVinoBackend:
    """See ``Backend``; takes any size without building anew."""

    name = "openvino"
    device = "cpu"

    def __init__(self, network: InferenceGenerator, precision: str, threads: int = 0) -> None:
        self.precision = precision
        self._finish = network.source.finish
        options: dict[str, Any] = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": _HINTS[precision],
            "INFERENCE_NUM_THREADS": threads or torch.get_num_threads(),
        }
        try:
            core = shared_core()
            self._body, self._upsample = (
                core.compile_model(graph, "CPU", options).create_infer_request()
                for graph in (body_graph(network), upsample_graph(network))
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


def body_graph(network: InferenceGenerator) -> Any:
    """``InferenceGenerator.body`` as an OpenVINO model of any batch, height and width."""
    import openvino
    from openvino import opset15 as ops

    net = network.source
    x = ops.parameter([-1, network.config.colours, -1, -1], np.float32, name="lr")
    features = _activation(_conv(x, net.head), net.head_act)
    y = features
    for block in net.blocks:
        y = _residual_block(y, block)  # type: ignore[arg-type]
    y = ops.add(features, _norm(_conv(y, net.trunk), net.trunk_norm))
    return openvino.Model([y], [x], "body")


def upsample_graph(network: InferenceGenerator) -> Any:
    """``InferenceGenerator.upsample`` as an OpenVINO model of any batch, height and width."""
    import openvino
    from openvino import opset15 as ops

    *stages, last = network.source.upsample
    x = ops.parameter([-1, network.config.channels, -1, -1], np.float32, name="features")
    y = x
    for stage in stages:
        y = _upsample(y, stage)  # type: ignore[arg-type]
    assert isinstance(last, SubpixelUpsample)
    y = _activation(_conv(y, last.conv), last.act)
    y = ops.depth_to_space(_conv(y, network.tail), "depth_first", network.last_step)
    return openvino.Model([y], [x], "upsample")


def _residual_block(x: Any, block: ResidualBlock) -> Any:
    from openvino import opset15 as ops

    y = _activation(_norm(_conv(x, block.conv1), block.norm1), block.act)
    return ops.add(x, _norm(_conv(y, block.conv2), block.norm2))


def _upsample(x: Any, stage: SubpixelUpsample) -> Any:
    from openvino import opset15 as ops

    step = stage.shuffle.upscale_factor
    return _activation(ops.depth_to_space(_conv(x, stage.conv), "depth_first", step), stage.act)


def _conv(x: Any, conv: nn.Conv2d) -> Any:
    from openvino import opset15 as ops

    pad = [conv.kernel_size[0] // 2] * 2
    weight = ops.constant(conv.weight.detach().float().numpy())
    y = ops.convolution(x, weight, [1, 1], pad, pad, [1, 1])
    if conv.bias is None:
        return y
    return ops.add(y, ops.constant(conv.bias.detach().float().numpy().reshape(1, -1, 1, 1)))


def _activation(x: Any, module: nn.Module) -> Any:
    from openvino import opset15 as ops

    if isinstance(module, nn.PReLU):
        return ops.prelu(x, ops.constant(module.weight.detach().float().numpy()))
    if isinstance(module, nn.LeakyReLU):
        return ops.prelu(x, ops.constant(np.array([module.negative_slope], np.float32)))
    return ops.relu(x)


def _norm(x: Any, module: nn.Module) -> Any:
    from openvino import opset15 as ops

    if isinstance(module, nn.Identity):
        return x
    assert isinstance(module, nn.InstanceNorm2d)
    axes = ops.constant(np.array([2, 3], np.int64))
    y = ops.mvn(x, axes, True, module.eps, "inside_sqrt")
    gain = module.weight.detach().float().numpy().reshape(1, -1, 1, 1)
    shift = module.bias.detach().float().numpy().reshape(1, -1, 1, 1)
    return ops.add(ops.multiply(y, ops.constant(gain)), ops.constant(shift))
