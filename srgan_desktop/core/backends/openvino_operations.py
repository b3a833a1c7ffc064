"""``Operations`` as nodes of an OpenVINO graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from torch import nn

from srgan_desktop.core.networks.inference import InferenceNetwork


def body_graph(network: InferenceNetwork) -> Any:
    """``InferenceNetwork.body`` as an OpenVINO model of any batch, height and width."""
    import openvino

    x = _parameter(network.config.colours)
    return openvino.Model([network.describe_body(OpenVinoOperations(), x)], [x], "body")


def upsample_graph(network: InferenceNetwork) -> Any:
    """``InferenceNetwork.upsample`` as an OpenVINO model of any batch, height and width."""
    import openvino

    x = _parameter(network.feature_channels)
    return openvino.Model([network.describe_upsample(OpenVinoOperations(), x)], [x], "upsample")


def _parameter(channels: int) -> Any:
    from openvino import opset15 as ops

    return ops.parameter([-1, channels, -1, -1], np.float32, name="x")


class OpenVinoOperations:
    """See ``Operations``."""

    def __init__(self) -> None:
        from openvino import opset15

        self._ops = opset15

    def conv(self, x: Any, conv: nn.Conv2d) -> Any:
        pad = [conv.kernel_size[0] // 2] * 2
        weight = self._ops.constant(conv.weight.detach().float().numpy())
        y = self._ops.convolution(x, weight, [1, 1], pad, pad, [1, 1])
        if conv.bias is None:
            return y
        bias = conv.bias.detach().float().numpy().reshape(1, -1, 1, 1)
        return self._ops.add(y, self._ops.constant(bias))

    def activation(self, x: Any, module: nn.Module) -> Any:
        if isinstance(module, nn.PReLU):
            return self._ops.prelu(x, self._ops.constant(module.weight.detach().float().numpy()))
        if isinstance(module, nn.LeakyReLU):
            slope = np.array([module.negative_slope], np.float32)
            return self._ops.prelu(x, self._ops.constant(slope))
        return self._ops.tanh(x) if isinstance(module, nn.Tanh) else self._ops.relu(x)

    def norm(self, x: Any, module: nn.Module) -> Any:
        if isinstance(module, nn.Identity):
            return x
        assert isinstance(module, nn.InstanceNorm2d)
        axes = self._ops.constant(np.array([2, 3], np.int64))
        y = self._ops.mvn(x, axes, True, module.eps, "inside_sqrt")
        gain = module.weight.detach().float().numpy().reshape(1, -1, 1, 1)
        shift = module.bias.detach().float().numpy().reshape(1, -1, 1, 1)
        y = self._ops.multiply(y, self._ops.constant(gain))
        return self._ops.add(y, self._ops.constant(shift))

    def add(self, x: Any, y: Any, factor: float = 1.0) -> Any:
        if factor != 1:
            y = self._ops.multiply(y, self._ops.constant(np.float32(factor)))
        return self._ops.add(x, y)

    def unsigned(self, x: Any) -> Any:
        half = self._ops.constant(np.float32(0.5))
        return self._ops.add(self._ops.multiply(x, half), half)

    def joined(self, parts: Sequence[Any]) -> Any:
        return self._ops.concat(list(parts), 1)

    def shuffled(self, x: Any, step: int) -> Any:
        return self._ops.depth_to_space(x, "depth_first", step)

    def repeated(self, x: Any, step: int) -> Any:
        return self._resized(
            x, step, "nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"
        )

    def enlarged(self, x: Any, scale: int, method: Literal["bilinear", "bicubic"]) -> Any:
        mode = {"bilinear": "linear_onnx", "bicubic": "cubic"}[method]
        # torch's cubic has a = -0.75
        return self._resized(
            x, scale, mode, coordinate_transformation_mode="half_pixel", cube_coeff=-0.75
        )

    def _resized(self, x: Any, scale: int, mode: str, **how: Any) -> Any:
        scales = self._ops.constant(np.array([scale, scale], np.float32))
        axes = self._ops.constant(np.array([2, 3], np.int64))
        return self._ops.interpolate(x, scales, mode, "scales", axes=axes, **how)
