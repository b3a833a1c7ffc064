"""``Operations`` as nodes of an OpenVINO graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from torch import nn

from srgan_desktop.core.backends.integers import (
    ACTIVATION_LEVELS,
    HIGHEST,
    LOWEST,
    WEIGHT_LEVELS,
    exact_zero,
    largest_weights,
)
from srgan_desktop.core.networks.activation_ranges import ActivationRanges, Range
from srgan_desktop.core.networks.inference import InferenceNetwork

# of interpolations, along one axis
_TAPS = 5


def body_graph(network: InferenceNetwork, ranges: ActivationRanges | None = None) -> Any:
    """``InferenceNetwork.body`` as an OpenVINO model of any batch, height and width.

    With ``ranges`` its convs are marked as done in 8-bit integers. Weights are called as in
    ``network``: "source.head.weight".
    """
    import openvino

    x = parameter(network.config.colours)
    # the first conv costs a hundredth of the whole, and all that follows builds on its result;
    # OpenVINO 2026 also makes zeros of it where it is joined with others, as in RRDB
    ops = _operations(network, [None, *ranges.body[1:]] if ranges else None)
    return openvino.Model([network.describe_body(ops, x)], [x], "body")


def upsample_graph(network: InferenceNetwork, ranges: ActivationRanges | None = None) -> Any:
    """``InferenceNetwork.upsample``, likewise."""
    import openvino

    x = parameter(network.feature_channels)
    ops = _operations(network, ranges.upsample if ranges else None)
    return openvino.Model([network.describe_upsample(ops, x)], [x], "upsample")


def _operations(
    network: InferenceNetwork, ranges: Sequence[Range | None] | None
) -> OpenVinoOperations:
    names = {module: name for name, module in network.named_modules()}
    return OpenVinoOperations(names) if ranges is None else QuantisedOperations(ranges, names)


def finish_graph(network: InferenceNetwork, *, whole: bool) -> Any:
    """``InferenceNetwork.finish`` as an OpenVINO model of two inputs, to be run in float32.

    The second input is what ``upsample_graph`` gives. The result is cut to 0..1; with ``whole`` it
    is in whole numbers from 0 to 255, uint8 (N, H, W, colours), all in one go.
    """
    import openvino

    ops = FinishOperations()
    colours = network.config.colours
    x, y = parameter(colours), parameter(colours, "y")
    result = network.describe_finish(ops, x, y)
    result = ops.whole(result) if whole else ops.cut(result)
    return openvino.Model([result], [x, y], "finish")


def parameter(channels: int, name: str = "x") -> Any:
    """A graph's input: float32 (N, channels, H, W) of any size."""
    from openvino import opset15 as ops

    return ops.parameter([-1, channels, -1, -1], np.float32, name=name)


class OpenVinoOperations:
    """See ``Operations``. Weights of modules that have ``names`` are called by them."""

    def __init__(self, names: Mapping[nn.Module, str] | None = None) -> None:
        from openvino import opset15

        self._ops = opset15
        self._names = names or {}

    def conv(self, x: Any, conv: nn.Conv2d) -> Any:
        pad = [conv.kernel_size[0] // 2] * 2
        y = self._ops.convolution(x, self._weight(conv), [1, 1], pad, pad, [1, 1])
        if conv.bias is None:
            return y
        return self._ops.add(y, self._constant(conv, "bias", (1, -1, 1, 1)))

    def _weight(self, conv: nn.Conv2d) -> Any:
        return self._constant(conv, "weight")

    def _constant(self, module: nn.Module, leaf: str, shape: tuple[int, ...] | None = None) -> Any:
        values = module.get_parameter(leaf).detach().float().numpy()
        constant = self._ops.constant(values if shape is None else values.reshape(shape))
        if module in self._names:
            constant.set_friendly_name(f"{self._names[module]}.{leaf}")
        return constant

    def activation(self, x: Any, module: nn.Module) -> Any:
        if isinstance(module, nn.PReLU):
            return self._ops.prelu(x, self._constant(module, "weight"))
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
        y = self._ops.multiply(y, self._constant(module, "weight", (1, -1, 1, 1)))
        return self._ops.add(y, self._constant(module, "bias", (1, -1, 1, 1)))

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


class FinishOperations(OpenVinoOperations):
    """As the class above, in float32, and as a picture is wanted."""

    def enlarged(self, x: Any, scale: int, method: Literal["bilinear", "bicubic"]) -> Any:
        """As one conv a colour and a shuffle: five times as fast as OpenVINO's interpolation."""
        line = interpolation_weights(scale, method)
        kernel = np.einsum("ay,bx->abyx", line, line).reshape(1, scale * scale, 1, _TAPS, _TAPS)
        colours = x.get_output_partial_shape(0)[1].get_length()
        weights = np.ascontiguousarray(np.repeat(kernel, colours, 0), np.float32)
        reach = np.array([0, 0, _TAPS // 2, _TAPS // 2])
        y = self._ops.pad(x, reach, reach, "edge")
        y = self._ops.group_convolution(
            y, self._ops.constant(weights), [1, 1], [0, 0], [0, 0], [1, 1]
        )
        return self.shuffled(y, scale)

    def cut(self, x: Any) -> Any:
        """To 0..1."""
        return self._ops.clamp(x, 0.0, 1.0)

    def whole(self, x: Any) -> Any:
        """From float (N, C, H, W) to uint8 (N, H, W, C), halves to the even neighbour."""
        y = self._ops.multiply(self.cut(x), self._ops.constant(np.float32(255)))
        y = self._ops.convert(self._ops.round(y, "half_to_even"), "u8")
        return self._ops.transpose(y, np.array([0, 2, 3, 1]))


def interpolation_weights(
    scale: int, method: Literal["bilinear", "bicubic"]
) -> NDArray[np.float64]:
    """(scale, 5): with what weight a pixel and two on each side make each of its enlarged ones."""
    places = (np.arange(scale) + 0.5) / scale - 0.5
    distance = np.abs(places[:, None] - (np.arange(_TAPS) - _TAPS // 2))
    if method == "bilinear":
        return np.asarray(np.clip(1 - distance, 0, None))
    # Keys' cubic with torch's a = -0.75
    near = (1.25 * distance - 2.25) * distance**2 + 1
    far = ((-0.75 * distance + 3.75) * distance - 6) * distance + 3
    weights: NDArray[np.float64] = np.where(distance <= 1, near, np.where(distance < 2, far, 0.0))
    return weights


class QuantisedOperations(OpenVinoOperations):
    """As the class above, with convs in 8-bit integers.

    Fake-quantise nodes (Jacob et al. 2018, arXiv:1712.05877) before each conv say in which steps
    its input and weights are kept; OpenVINO's processor plugin makes integer convs of them. Inputs
    have one zero point and step a conv, weights one step an output channel. What is added between
    convs stays in floating point: on SRResNet that loses a quarter of what integers there lose.
    """

    def __init__(
        self, ranges: Sequence[Range | None], names: Mapping[nn.Module, str] | None = None
    ) -> None:
        """``ranges`` of the convs in the order in which they come; None leaves one as it is."""
        super().__init__(names)
        self._ranges = iter(ranges)
        self._in_integers = False

    def conv(self, x: Any, conv: nn.Conv2d) -> Any:
        # a file may hold too few: what has none stays as it is
        span = next(self._ranges, None)
        self._in_integers = span is not None
        if span is not None:
            low, high = exact_zero(span)
            x = self._quantised(x, low, high)
        return super().conv(x, conv)

    def _weight(self, conv: nn.Conv2d) -> Any:
        weight = super()._weight(conv)
        if not self._in_integers:
            return weight
        largest = largest_weights(weight.data)
        ends = [self._ops.constant(end) for end in (-largest, largest)]
        for constant, ending in zip(ends, (LOWEST, HIGHEST), strict=True):
            constant.set_friendly_name(weight.get_friendly_name() + ending)
        return self._ops.fake_quantize(weight, *ends, *ends, WEIGHT_LEVELS)

    def _quantised(self, x: Any, low: float, high: float) -> Any:
        ends = [self._ops.constant(np.float32(end)) for end in (low, high)]
        return self._ops.fake_quantize(x, *ends, *ends, ACTIVATION_LEVELS)
