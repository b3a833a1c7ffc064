"""ONNX files: what another program computes from them equals the network."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from srgan_desktop.core.backends import openvino_backend
from srgan_desktop.core.base.errors import ModelFileError, UsageError
from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
from srgan_desktop.core.weights.model_file import ModelCard
from srgan_desktop.core.weights.onnx_export import export_onnx

onnx = pytest.importorskip("onnx")
pytest.importorskip("openvino")

VARIANTS: list[dict[str, Any]] = [
    {},
    {"scale": 2, "norm": "none", "skip": "bicubic", "activation": "leaky_relu"},
    {"scale": 3, "norm": "instance", "activation": "relu", "output": "tanh"},
    {"scale": 8, "norm": "none", "skip": "bilinear", "colours": 1},
]


def network(**changes: Any) -> SRResNet:
    torch.manual_seed(4)
    net = SRResNet(SRResNetConfig(**({"blocks": 2, "channels": 8} | changes)))
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)  # type: ignore[operator,union-attr]
            module.running_var.uniform_(0.5, 2)  # type: ignore[operator,union-attr]
    return net.eval()


@pytest.mark.parametrize("changes", VARIANTS)
def test_another_program_computes_the_same(changes: dict[str, Any], tmp_path: Path) -> None:
    net = network(**changes)
    path = tmp_path / "model.onnx"
    export_onnx(net, ModelCard(name="mine", licence="MIT"), path)
    core = openvino_backend.shared_core()
    compiled = core.compile_model(core.read_model(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    request = compiled.create_infer_request()
    for height, width in ((17, 23), (30, 12)):  # any size
        x = torch.rand(1, net.config.colours, height, width)
        with torch.no_grad():
            expected = net(x).numpy()
        result = request.infer([x.numpy()])[0]
        assert np.abs(result - expected).max() <= 1e-4 * max(1, np.abs(expected).max())


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    export_onnx(network(), ModelCard(name="mine", title="My model", licence="MIT"), path)
    model = onnx.load(path)
    facts = {entry.key: entry.value for entry in model.metadata_props}
    assert facts["scale"] == "4"
    assert facts["licence"] == "MIT"
    assert not [node for node in model.graph.node if node.op_type == "BatchNormalization"]


def test_without_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *arguments: Any, **keywords: Any) -> Any:
        if name == "onnx":
            raise ImportError(name)
        return real(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(UsageError, match="pip install onnx"):
        export_onnx(network(), ModelCard(), tmp_path / "m.onnx")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="folder does not exist"):
        export_onnx(network(), ModelCard(), tmp_path / "none" / "m.onnx")
