"""ONNX models: read by OpenVINO, whatever made them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from third_party_makers import save_onnx

from srgan_desktop.core.base.errors import DeviceError, ModelFileError, UsageError
from srgan_desktop.core.engine import engine as engine_module
from srgan_desktop.core.engine.engine import open_engine
from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
from srgan_desktop.core.weights.model_file import ModelCard
from srgan_desktop.core.weights.onnx_export import export_onnx
from srgan_desktop.core.weights.third_party.open_model import card_of, open_model, parameters_of


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path / "home"))


def test_our_own_export_comes_back(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = SRResNet(SRResNetConfig(blocks=1, channels=8, scale=2)).eval().requires_grad_(False)
    path = tmp_path / "ours.onnx"
    export_onnx(network, ModelCard(name="ours"), path)
    engine = open_engine(path, "cpu", "fp32", 1)
    assert engine.way == "openvino fp32 on cpu"
    assert engine.scale == 2
    x = torch.rand(1, 3, 21, 34)
    torch.testing.assert_close(engine.run(x), network(x).clamp(0, 1), rtol=1e-3, atol=1e-4)
    assert engine.run(torch.rand(1, 3, 1, 2)).shape == (1, 3, 2, 4)
    assert "SRResNet (ONNX)" in card_of(path).description
    # its last conv is written as a wider one, see InferenceGenerator
    assert parameters_of(engine.config) > sum(p.numel() for p in network.parameters())


@pytest.mark.parametrize("colours", [1, 3])
@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize(("scale", "multiple"), [(1, 1), (2, 1), (3, 4), (4, 16)])
def test_scale_colours_and_sizes_are_found_out(
    colours: int, half: bool, scale: int, multiple: int, tmp_path: Path
) -> None:
    path = save_onnx(
        tmp_path / "a.onnx", colours=colours, half=half, scale=scale, multiple=multiple
    )
    network, card = open_model(path)
    assert (card.scale, card.config.colours) == (scale, colours)
    x = torch.rand(1, colours, 19, 37)
    expected = x.repeat_interleave(scale, -1).repeat_interleave(scale, -2)
    torch.testing.assert_close(network(x), expected, rtol=1e-3, atol=1e-3)
    assert card_of(path) == card


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"colours": 4}, r"\(N, 3, H, W\)"),
        ({"fixed": True, "multiple": 3}, "one size only|damaged"),
        ({"factor": 255.0}, "another range than 0 to 1"),
    ],
)
def test_what_is_no_use_here(options: dict[str, int], message: str, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=message):
        open_model(save_onnx(tmp_path / "a.onnx", **options))


def test_damaged_files(tmp_path: Path) -> None:
    whole = save_onnx(tmp_path / "a.onnx").read_bytes()
    for name, data in (("empty", b""), ("text", b"no model"), ("cut", whole[: len(whole) // 2])):
        path = tmp_path / f"{name}.onnx"
        path.write_bytes(data)
        with pytest.raises(ModelFileError):
            open_model(path)


def test_it_is_not_exported_again(tmp_path: Path) -> None:
    network, card = open_model(save_onnx(tmp_path / "a.onnx"))
    with pytest.raises(UsageError, match="of another program"):
        export_onnx(network, card, tmp_path / "b.onnx")


def test_on_an_accelerator_the_processor_does_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save_onnx(tmp_path / "a.onnx")
    monkeypatch.setattr(engine_module, "resolve_name", lambda name: "cuda:0")
    engine = open_engine(path)
    assert engine.device == "cpu"
    assert any("on the processor" in warning for warning in engine.warnings)


def test_without_openvino(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from srgan_desktop.core.weights.third_party import onnx_models

    path = save_onnx(tmp_path / "a.onnx")
    monkeypatch.setattr(onnx_models, "available_precisions", lambda: ())
    with pytest.raises(ModelFileError, match="needs OpenVINO"):
        open_model(path)


def test_a_precision_that_it_cannot_be_run_in(tmp_path: Path) -> None:
    network, card = open_model(save_onnx(tmp_path / "a.onnx"))
    network.config = dataclasses.replace(card.config, precisions=())  # type: ignore[type-var,assignment]
    from srgan_desktop.core.engine.way_selection import choose

    with pytest.raises(DeviceError, match="no way to run this model"):
        choose(network, torch.device("cpu"))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda graph: graph.node[0].input.__setitem__(0, "y"), "damaged"),
        (lambda graph: graph.initializer[0].dims.__setitem__(0, 2**40), "damaged"),
        (lambda graph: setattr(graph.node[0], "op_type", "Loop"), "holds a loop"),
        (lambda graph: setattr(graph.node[0], "op_type", "Conv"), "damaged"),  # without weights
        (lambda graph: graph.initializer[0].external_data.add(key="location"), "another file"),
    ],
)
def test_graphs_that_would_never_end_or_fill_the_memory(
    spoil: Callable[[Any], None], message: str, tmp_path: Path
) -> None:
    import onnx

    path = save_onnx(tmp_path / "a.onnx")
    model = onnx.load(str(path))
    spoil(model.graph)
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelFileError, match=message):
        open_model(path)


def test_text_that_is_none_within_a_file(tmp_path: Path) -> None:
    path = save_onnx(tmp_path / "a.onnx")
    path.write_bytes(path.read_bytes().replace(b"Resize", b"Re\xffize"))
    with pytest.raises(ModelFileError, match="damaged"):
        open_model(path)
