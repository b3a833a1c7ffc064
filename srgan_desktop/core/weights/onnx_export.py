"""Our models as ONNX files, which most other programs read.

The graph is built operation by operation from the network as it is run, with the skip inside, for
any batch, height and width: float32 (N, C, H, W) on 0..1 to (N, C, H * scale, W * scale), about
0..1 and not clamped. Half precision and tiling are the reader's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from torch import nn

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.networks.network import Network
from srgan_desktop.core.weights.architectures import inference_form
from srgan_desktop.core.weights.model_file import ModelCard, write_whole
from srgan_desktop.core.weights.third_party.network import ThirdPartyNetwork

OPSET = 18
IR_VERSION = 9


def export_onnx(network: Network, card: ModelCard, path: Path) -> None:
    """Write ``network`` to ``path``, whole or not at all.

    Raises:
        UsageError: the package onnx is not installed, or the network is another program's.
        ModelFileError: it cannot be written.
    """
    try:
        import onnx
    except ImportError as error:
        raise UsageError(
            tr("writing ONNX files needs the package onnx: pip install onnx")
        ) from error
    if isinstance(network, ThirdPartyNetwork):
        raise UsageError(
            tr(
                "{name} is a model of another program; only those of this one can be exported",
                name=card.name,
            )
        )
    graph = OnnxOperations()
    net = inference_form(network)
    y = net.describe_upsample(graph, net.describe_body(graph, "input"))
    graph.output(net.describe_finish(graph, "input", y))
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
        "architecture": net.config.architecture,
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


class OnnxOperations:
    """``Operations`` as ONNX nodes and constants in the order in which they are added.

    Values go by name.
    """

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, array: Any) -> str:
        import onnx

        name = f"c{len(self.constants)}"
        self.constants.append(onnx.numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        import onnx

        name = f"v{len(self.nodes)}"
        self.nodes.append(onnx.helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def output(self, value: str) -> None:
        import onnx

        self.nodes.append(onnx.helper.make_node("Identity", [value], ["output"]))

    def conv(self, x: str, conv: nn.Conv2d) -> str:
        inputs = [x, self.constant(conv.weight.detach().float().numpy())]
        if conv.bias is not None:
            inputs.append(self.constant(conv.bias.detach().float().numpy()))
        pad = conv.kernel_size[0] // 2
        return self.node("Conv", *inputs, pads=[pad] * 4)

    def activation(self, x: str, module: nn.Module) -> str:
        if isinstance(module, nn.PReLU):
            slope = module.weight.detach().float().numpy().reshape(1, 1, 1)
            return self.node("PRelu", x, self.constant(slope))
        if isinstance(module, nn.LeakyReLU):
            return self.node("LeakyRelu", x, alpha=module.negative_slope)
        return self.node("Tanh" if isinstance(module, nn.Tanh) else "Relu", x)

    def norm(self, x: str, module: nn.Module) -> str:
        if isinstance(module, nn.Identity):
            return x
        assert isinstance(module, nn.InstanceNorm2d)
        gain = self.constant(module.weight.detach().float().numpy())
        shift = self.constant(module.bias.detach().float().numpy())
        return self.node("InstanceNormalization", x, gain, shift, epsilon=module.eps)

    def add(self, x: str, y: str, factor: float = 1.0) -> str:
        if factor != 1:
            y = self.node("Mul", y, self.constant(np.float32(factor)))
        return self.node("Add", x, y)

    def unsigned(self, x: str) -> str:
        half = self.constant(np.float32(0.5))
        return self.node("Add", self.node("Mul", x, half), half)

    def joined(self, parts: Sequence[str]) -> str:
        return self.node("Concat", *parts, axis=1)

    def shuffled(self, x: str, step: int) -> str:
        return self.node("DepthToSpace", x, blocksize=step, mode="CRD")

    def repeated(self, x: str, step: int) -> str:
        return self._resized(
            x, step, "nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"
        )

    def enlarged(self, x: str, scale: int, method: Literal["bilinear", "bicubic"]) -> str:
        mode = {"bicubic": "cubic", "bilinear": "linear"}[method]
        # torch's cubic has a = -0.75, which is ONNX's default too
        return self._resized(
            x, scale, mode, cubic_coeff_a=-0.75, coordinate_transformation_mode="half_pixel"
        )

    def _resized(self, x: str, scale: int, mode: str, **how: Any) -> str:
        scales = self.constant(np.array([1, 1, scale, scale], np.float32))
        return self.node("Resize", x, "", scales, mode=mode, **how)
