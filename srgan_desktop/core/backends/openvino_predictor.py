"""The network that finds a picture's strengths, as an OpenVINO graph.

Step by step what ``StrengthPredictor.forward`` does, so that a model that was opened before can
look at a picture without torch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import nn

from srgan_desktop.core.backends.openvino_operations import parameter
from srgan_desktop.core.networks import predictor as theirs
from srgan_desktop.core.networks.network import LEAKY_SLOPE

_ROWS, _COLUMNS = 2, 3


def predictor_graph(network: theirs.StrengthPredictor) -> Any:
    """A model of float32 (N, colours, H, W), 0..1, to (N, strengths).

    Height and width are at least ``strengths.LEAST_SIDE``: smaller pictures are continued before.
    """
    import openvino

    x = parameter(network.first.in_channels)
    return openvino.Model([_Graph().found(network, x)], [x], "predictor")


class _Graph:
    def __init__(self) -> None:
        from openvino import opset15

        self._ops = opset15

    def found(self, network: theirs.StrengthPredictor, x: Any) -> Any:
        planes = self._planes(x, network.first.in_channels)
        gains = np.array(theirs.GAINS[: network.first.in_channels], np.float32)
        details = self._ops.asinh(
            self._ops.multiply(self._details(planes), gains.reshape(1, -1, 1, 1))
        )
        statistics = self._times(
            self._plus(self._statistics(planes), -theirs.MIDDLE), theirs.SPREAD
        )
        both = self._ops.concat([statistics, self._pooled(network, details)], 1)
        hidden = self._leaky(self._linear(both, network.hidden))
        return self._ops.sigmoid(self._linear(hidden, network.last))

    def _pooled(self, network: theirs.StrengthPredictor, details: Any) -> Any:
        y = self._leaky(self._conv(details, network.first))
        for conv in network.convs:
            assert isinstance(conv, nn.Conv2d)
            y = self._leaky(self._conv(y, conv))
        mean = self._mean(y, _ROWS, _COLUMNS, keep=True)
        off = self._ops.subtract(y, mean)
        spread = self._ops.sqrt(self._mean(self._ops.multiply(off, off), _ROWS, _COLUMNS))
        flat = self._mean(mean, _ROWS, _COLUMNS)
        strength = self._ops.divide(flat, self._plus(spread, 0.1))
        return self._ops.concat([strength, self._ops.log(self._plus(spread, 0.01))], 1)

    def _planes(self, x: Any, colours: int) -> Any:
        if colours == 1:
            return x
        matrix = np.array(theirs.YCC, np.float32)[:, :, None, None]
        return self._ops.convolution(x, matrix, [1, 1], [0, 0], [0, 0], [1, 1])

    def _details(self, planes: Any) -> Any:
        edge = np.array([0, 0, 1, 1])
        around = self._averaged(self._ops.pad(planes, edge, edge, "edge"), 3, 1)
        return self._ops.subtract(planes, around)

    def _statistics(self, planes: Any) -> Any:
        parts = []
        for size in theirs.SIZES:
            details = self._ops.abs(self._details(self._averaged(planes, size, size)))
            power = self._mean(self._ops.multiply(details, details), _ROWS, _COLUMNS)
            parts.append(self._plus(self._times(self._ops.log(self._plus(power, 1e-8)), 0.25), 2))
            for level in theirs.LEVELS:
                reached = self._ops.tanh(self._times(details, 255 / level))
                parts.append(self._mean(reached, _ROWS, _COLUMNS))
        parts += [self._blockiness(planes, axis) for axis in (_ROWS, _COLUMNS)]
        return self._ops.concat(parts, 1)

    def _blockiness(self, planes: Any, axis: int) -> Any:
        later, earlier = self._cut(planes, axis, 1), self._cut(planes, axis, 0, -1)
        steps = self._ops.abs(self._ops.subtract(later, earlier))
        steps = self._mean(steps, _ROWS + _COLUMNS - axis)
        phases = [
            self._mean(self._cut(steps, 2, phase, step=theirs.BLOCK), 2, keep=True)
            for phase in range(theirs.BLOCK)
        ]
        by_phase = self._ops.concat(phases, 2)
        largest = self._ops.reduce_max(by_phase, np.array([2]), False)
        share = self._ops.divide(
            self._plus(largest, 1e-3), self._plus(self._mean(by_phase, 2), 1e-3)
        )
        return self._ops.log(share)

    def _cut(self, x: Any, axis: int, first: int, last: int = 2**31 - 1, step: int = 1) -> Any:
        return self._ops.slice(x, *(np.array([n]) for n in (first, last, step, axis)))

    def _averaged(self, x: Any, side: int, step: int) -> Any:
        none = [0, 0]
        return self._ops.avg_pool(x, [step] * 2, none, none, [side] * 2, True)

    def _mean(self, x: Any, *axes: int, keep: bool = False) -> Any:
        return self._ops.reduce_mean(x, np.array(axes), keep)

    def _plus(self, x: Any, value: float) -> Any:
        return self._ops.add(x, np.float32(value))

    def _times(self, x: Any, value: float) -> Any:
        return self._ops.multiply(x, np.float32(value))

    def _conv(self, x: Any, conv: nn.Conv2d) -> Any:
        pad = [side // 2 for side in conv.kernel_size]
        y = self._ops.convolution(x, _array(conv.weight), list(conv.stride), pad, pad, [1, 1])
        assert conv.bias is not None
        return self._ops.add(y, _array(conv.bias).reshape(1, -1, 1, 1))

    def _linear(self, x: Any, layer: nn.Linear) -> Any:
        return self._ops.add(
            self._ops.matmul(x, _array(layer.weight), False, True), _array(layer.bias)
        )

    def _leaky(self, x: Any) -> Any:
        return self._ops.prelu(x, np.array([LEAKY_SLOPE], np.float32))


def _array(value: Any) -> Any:
    return value.detach().float().numpy()
