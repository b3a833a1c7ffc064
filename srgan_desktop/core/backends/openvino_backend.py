"""Networks run by OpenVINO on the processor: usually the fastest way there.

The graph is built operation by operation from the weights, which takes milliseconds where tracing
a torch module takes seconds. It computes the residual only; the skip is added in float32 outside,
so that bfloat16 costs no accuracy in flat areas.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from srgan_desktop.core.backends.torch_backend import memory_errors
from srgan_desktop.core.errors import DeviceError
from srgan_desktop.core.generator import ResidualBlock, SubpixelUpsample
from srgan_desktop.core.inference import InferenceGenerator
from srgan_desktop.core.translation import tr

_HINTS = {"fp32": "f32", "bf16": "bf16"}


def available_precisions() -> tuple[str, ...]:
    """What OpenVINO can compute in on this processor; empty where it is not installed."""
    try:
        import openvino
    except ImportError:
        return ()
    found = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return ("fp32", "bf16") if "BF16" in found else ("fp32",)


class OpenVinoBackend:
    """See ``Backend``; takes any size without building anew."""

    name = "openvino"
    device = "cpu"

    def __init__(self, network: InferenceGenerator, precision: str, threads: int = 0) -> None:
        import openvino

        self.precision = precision
        self._finish = network.source.finish
        options: dict[str, Any] = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": _HINTS[precision],
            "INFERENCE_NUM_THREADS": threads or torch.get_num_threads(),
        }
        try:
            compiled = openvino.Core().compile_model(build_graph(network), "CPU", options)
        except RuntimeError as error:
            raise DeviceError(tr("OpenVINO failed: {reason}", reason=error)) from error
        self._request = compiled.create_infer_request()

    def run(self, x: Tensor) -> Tensor:
        with memory_errors("cpu"):
            result = self._request.infer([np.ascontiguousarray(x.numpy())], share_inputs=True)
            # the request's own buffer is written again by the next call
            residual = torch.from_numpy(np.array(result[0]))
        with torch.no_grad():
            return self._finish(x, residual)


def build_graph(network: InferenceGenerator) -> Any:
    """The residual of ``network`` as an OpenVINO model with a dynamic batch, height and width."""
    import openvino
    from openvino import opset15 as ops

    net, config = network.source, network.config
    x = ops.parameter([-1, config.colours, -1, -1], np.float32, name="lr")
    features = _activation(_conv(x, net.head), net.head_act)
    y = features
    for block in net.blocks:
        y = _residual_block(y, block)  # type: ignore[arg-type]
    features = ops.add(features, _norm(_conv(y, net.trunk), net.trunk_norm))
    for stage in net.upsample[:-1]:
        features = _upsample(features, stage)  # type: ignore[arg-type]
    last = net.upsample[-1]
    assert isinstance(last, SubpixelUpsample)
    features = _activation(_conv(features, last.conv), last.act)
    y = ops.depth_to_space(_conv(features, network.tail), "depth_first", network.last_step)
    return openvino.Model([y], [x], "generator")


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
