"""Our models as ONNX files, which most other programs read.

The graph is built operation by operation, with batch norm folded and the skip inside, for any
batch, height and width: float32 (N, C, H, W) on 0..1 to (N, C, H * scale, W * scale), about 0..1
and not clamped. Half precision and tiling are the reader's business.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from srgan_desktop.core.errors import UsageError
from srgan_desktop.core.generator import Generator, ResidualBlock, SubpixelUpsample, fold_batch_norm
from srgan_desktop.core.translation import tr
from srgan_desktop.core.weights import ModelCard, write_whole

OPSET = 18
IR_VERSION = 9


def export_onnx(network: Generator, card: ModelCard, path: Path) -> None:
    """Write ``network`` to ``path``, whole or not at all.

    Raises:
        UsageError: the package onnx is not installed.
        ModelFileError: it cannot be written.
    """
    try:
        import onnx
    except ImportError as error:
        raise UsageError(
            tr("writing ONNX files needs the package onnx: pip install onnx")
        ) from error
    graph = _Graph()
    net = fold_batch_norm(network)
    graph.output(_generator(graph, net))
    colours, scale = net.config.colours, net.config.scale
    model = onnx.helper.make_model(
        onnx.helper.make_graph(
            graph.nodes,
            card.name or "generator",
            [_value("input", colours, "height", "width")],
            [_value("output", colours, f"height*{scale}", f"width*{scale}")],
            graph.constants,
        ),
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="srgan-desktop",
    )
    facts = {
        "scale": str(scale),
        "colour_range": "0..1",
        "name": card.name,
        "title": card.title,
        "licence": card.licence,
    }
    onnx.helper.set_model_props(model, facts)
    onnx.checker.check_model(model)
    write_whole(path, model.SerializeToString())


def _value(name: str, colours: int, height: str, width: str) -> Any:
    import onnx

    shape: list[str | int | None] = ["batch", colours, height, width]
    return onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)


class _Graph:
    """Nodes and constants in the order in which they are added; values go by name."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, array: Any) -> str:
        import onnx

        name = f"c{len(self.constants)}"
        self.constants.append(onnx.numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        import onnx

        name = f"v{len(self.nodes)}"
        self.nodes.append(onnx.helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def output(self, value: str) -> None:
        import onnx

        self.nodes.append(onnx.helper.make_node("Identity", [value], ["output"]))


def _generator(graph: _Graph, net: Generator) -> str:
    features = _activation(graph, _conv(graph, "input", net.head), net.head_act)
    y = features
    for block in net.blocks:
        assert isinstance(block, ResidualBlock)
        inner = _norm(graph, _conv(graph, y, block.conv1), block.norm1)
        inner = _conv(graph, _activation(graph, inner, block.act), block.conv2)
        y = graph.add("Add", y, _norm(graph, inner, block.norm2))
    trunk = _norm(graph, _conv(graph, y, net.trunk), net.trunk_norm)
    y = graph.add("Add", features, trunk)
    for stage in net.upsample:
        assert isinstance(stage, SubpixelUpsample)
        y = graph.add(
            "DepthToSpace",
            _conv(graph, y, stage.conv),
            blocksize=stage.shuffle.upscale_factor,
            mode="CRD",
        )
        y = _activation(graph, y, stage.act)
    return _finish(graph, net, _conv(graph, y, net.tail))


def _finish(graph: _Graph, net: Generator, y: str) -> str:
    """As ``Generator.finish``: the skip, or the range mapping."""
    config = net.config
    if config.skip == "none":
        if config.output == "tanh":
            y = graph.add("Tanh", y)
        half = graph.constant(np.float32(0.5))
        return graph.add("Add", graph.add("Mul", y, half), half)
    scales = graph.constant(np.array([1, 1, config.scale, config.scale], np.float32))
    method = {"bicubic": "cubic", "bilinear": "linear"}[config.skip]
    # torch's cubic has a = -0.75, which is ONNX's default too
    base = graph.add(
        "Resize",
        "input",
        "",
        scales,
        mode=method,
        cubic_coeff_a=-0.75,
        coordinate_transformation_mode="half_pixel",
    )
    return graph.add("Add", base, y)


def _conv(graph: _Graph, x: str, conv: nn.Conv2d) -> str:
    inputs = [x, graph.constant(conv.weight.detach().float().numpy())]
    if conv.bias is not None:
        inputs.append(graph.constant(conv.bias.detach().float().numpy()))
    pad = conv.kernel_size[0] // 2
    return graph.add("Conv", *inputs, pads=[pad] * 4)


def _activation(graph: _Graph, x: str, module: nn.Module) -> str:
    if isinstance(module, nn.PReLU):
        slope = module.weight.detach().float().numpy().reshape(1, 1, 1)
        return graph.add("PRelu", x, graph.constant(slope))
    if isinstance(module, nn.LeakyReLU):
        return graph.add("LeakyRelu", x, alpha=module.negative_slope)
    return graph.add("Relu", x)


def _norm(graph: _Graph, x: str, module: nn.Module) -> str:
    if isinstance(module, nn.Identity):
        return x
    assert isinstance(module, nn.InstanceNorm2d)
    gain = graph.constant(module.weight.detach().float().numpy())
    shift = graph.constant(module.bias.detach().float().numpy())
    return graph.add("InstanceNormalization", x, gain, shift, epsilon=module.eps)
