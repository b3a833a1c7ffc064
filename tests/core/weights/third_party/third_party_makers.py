"""Files as other programs write them, made here from tiny networks."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn


class SequentialSrresnet(nn.Module):
    """The usual public SRResNet: parts in Sequentials, 0..1 in and out."""

    def __init__(
        self, channels: int = 8, blocks: int = 2, steps: int = 2, colours: int = 3
    ) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(colours, channels, 9, padding=4), nn.PReLU())
        self.trunk = nn.Sequential(*(_Rcb(channels) for _ in range(blocks)))
        self.conv2 = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)
        )
        self.upsampling = nn.Sequential(*(_Upsample(channels) for _ in range(steps)))
        self.conv3 = nn.Conv2d(channels, colours, 9, padding=4)

    def forward(self, x: Tensor) -> Tensor:
        first = self.conv1(x)
        result: Tensor = self.conv3(self.upsampling(first + self.conv2(self.trunk(first))))
        return result


class _Rcb(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.rcb = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.PReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = x + self.rcb(x)
        return result


class _Upsample(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.upsample_block = nn.Sequential(
            nn.Conv2d(channels, channels * 4, 3, padding=1), nn.PixelShuffle(2), nn.PReLU()
        )

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.upsample_block(x)
        return result


class NumberedSrgan(nn.Module):
    """The other usual one: block1 to block8, a tanh mapped to 0..1."""

    def __init__(self, channels: int = 8, steps: int = 2) -> None:
        super().__init__()
        self.block1 = nn.Sequential(nn.Conv2d(3, channels, 9, padding=4), nn.PReLU())
        for number in range(2, 7):
            setattr(self, f"block{number}", _Block(channels))
        self.block7 = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1), nn.BatchNorm2d(channels)
        )
        ups: list[nn.Module] = [_Shuffle(channels) for _ in range(steps)]
        self.block8 = nn.Sequential(*ups, nn.Conv2d(channels, 3, 9, padding=4))

    def forward(self, x: Tensor) -> Tensor:
        first = self.block1(x)
        y = first
        for number in range(2, 7):
            y = getattr(self, f"block{number}")(y)
        result: Tensor = (torch.tanh(self.block8(first + self.block7(y))) + 1) / 2
        return result


class _Block(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(channels)
        self.prelu = nn.PReLU()
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = x + self.bn2(self.conv2(self.prelu(self.bn1(self.conv1(x)))))
        return result


class _Shuffle(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels * 4, 3, padding=1)
        self.pixel_shuffle = nn.PixelShuffle(2)
        self.prelu = nn.PReLU()

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.prelu(self.pixel_shuffle(self.conv(x)))
        return result


def lively(network: nn.Module, seed: int = 0) -> nn.Module:
    """Every norm and slope away from its neutral start, so that a mix-up shows."""
    torch.manual_seed(seed)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)  # type: ignore[union-attr]
            module.running_var.uniform_(0.5, 2)  # type: ignore[union-attr]
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.1)
        elif isinstance(module, nn.PReLU):
            nn.init.uniform_(module.weight, 0.05, 0.4)
    return network.eval().requires_grad_(False)


def compact_tensors(scale: int = 4, channels: int = 8, colours: int = 3) -> dict[str, Tensor]:
    """Weights of a tiny network of the kind that spandrel calls RealESRGAN Compact."""
    torch.manual_seed(3)
    convs: list[tuple[int, nn.Module]] = [
        (0, nn.Conv2d(colours, channels, 3)),
        (1, _slopes(channels)),
    ]
    for number in (2, 4):
        convs += [(number, nn.Conv2d(channels, channels, 3)), (number + 1, _slopes(channels))]
    convs.append((6, nn.Conv2d(channels, colours * scale**2, 3)))
    return OrderedDict(
        (f"body.{number}.{key}", value)
        for number, module in convs
        for key, value in module.state_dict().items()
    )


def _slopes(channels: int) -> nn.PReLU:
    return nn.PReLU(num_parameters=channels)


def save(path: Path, content: Any) -> Path:
    """As torch writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(content, path)
    return path


def save_onnx(
    path: Path,
    *,
    colours: int = 3,
    scale: int = 2,
    multiple: int = 1,
    fixed: bool = False,
    half: bool = False,
    factor: float = 1.0,
) -> Path:
    """A graph that repeats pixels; ``multiple``: only sizes that are multiples of it work."""
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    kind, dtype = (TensorProto.FLOAT16, np.float16) if half else (TensorProto.FLOAT, np.float32)
    sides: list[Any] = [8, 8] if fixed else ["h", "w"]
    scales = numpy_helper.from_array(np.array([1, 1, scale, scale], np.float32), "scales")
    gain = numpy_helper.from_array(np.array(factor, dtype), "gain")
    nodes = [
        helper.make_node(
            "Resize",
            ["shuffled", "", "scales"],
            ["large"],
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        ),
        helper.make_node("Mul", ["large", "gain"], ["y"]),
    ]
    if multiple > 1:
        first = [
            helper.make_node("SpaceToDepth", ["x"], ["deep"], blocksize=multiple),
            helper.make_node("DepthToSpace", ["deep"], ["shuffled"], blocksize=multiple),
        ]
    else:
        first = [helper.make_node("Identity", ["x"], ["shuffled"])]
    graph = helper.make_graph(
        [*first, *nodes],
        "net",
        [helper.make_tensor_value_info("x", kind, [1, colours, *sides])],
        [helper.make_tensor_value_info("y", kind, [1, colours, "H", "W"])],
        [scales, gain],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(path))
    return path
