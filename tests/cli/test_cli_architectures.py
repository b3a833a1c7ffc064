"""Every command works with a model of every architecture."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from cli_helpers import Cli, save_photo
from PIL import Image

from srgan_desktop.core.engine import benchmark as benchmarking
from srgan_desktop.core.weights.architectures import ARCHITECTURES, build_network, config_from
from srgan_desktop.core.weights.model_file import ModelCard, save_model

SMALL: dict[str, dict[str, object]] = {
    "srresnet": {"blocks": 1, "channels": 8},
    "rrdb": {"blocks": 1, "channels": 8, "growth": 4},
    "espcn": {"widths": [8, 6]},
    "srcnn": {"widths": [8, 6]},
    "dasr": {"blocks": 1, "channels": 8, "experts": 2, "predictor_channels": 4},
}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A new network with a skip of each architecture."""
    folder = tmp_path_factory.mktemp("models")
    torch.manual_seed(1)
    files = {}
    for name in ARCHITECTURES:
        network = build_network(config_from(name, SMALL[name] | {"skip": "bicubic"})).eval()
        files[name] = folder / f"{name}.safetensors"
        save_model(files[name], network, ModelCard(name=f"tiny-{name}", title="Tiny"))
    return files


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_upscale(name: str, models: dict[str, Path], cli: Cli, tmp_path: Path) -> None:
    source = save_photo(tmp_path / "a.png", 40, 30)
    for tile in ("auto", 32):
        target = tmp_path / f"{tile}.png"
        result = cli(
            "upscale",
            source,
            "-o",
            target,
            "--model",
            models[name],
            "--threads",
            1,
            "--tile",
            tile,
            "--scale",
            4,
        )
        assert result.code == 0, result.err
        with Image.open(target) as picture:
            assert picture.size == (160, 120)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_show(name: str, models: dict[str, Path], cli: Cli) -> None:
    shown = cli("models", "show", models[name])
    assert f"architecture: {ARCHITECTURES[name].title}" in shown.out
    facts = cli("models", "show", models[name], "--json").events[0]
    assert facts["architecture"] == name
    assert facts["parameters"] > 100
    assert "architecture" not in facts["config"]


def test_a_list_names_the_architecture(models: dict[str, Path], cli: Cli) -> None:
    cli("models", "add", models["espcn"], "--name", "listed")
    listed = {entry["name"]: entry for entry in cli("models", "list", "--json").events}
    cli("models", "remove", "listed")
    assert listed["listed"]["architecture"] == "espcn"


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_evaluate(name: str, models: dict[str, Path], cli: Cli, tmp_path: Path) -> None:
    save_photo(tmp_path / "photos" / "a.png", 48, 40)
    result = cli("evaluate", "--model", models[name], tmp_path / "photos", "--json")
    assert result.code == 0, result.err
    assert result.events[-1]["psnr_y"] > 5  # noise, and a network that is about bicubic


def test_compare_all(models: dict[str, Path], cli: Cli, tmp_path: Path) -> None:
    source = save_photo(tmp_path / "a.png", 40, 30)
    sheet = tmp_path / "sheet.png"
    names = ",".join(map(str, models.values()))
    result = cli("compare", source, "--models", names, "-o", sheet)
    assert result.code == 0, result.err
    with Image.open(sheet) as picture:
        assert picture.width > 4 * 160


@pytest.mark.parametrize("name", ["rrdb", "espcn", "srcnn"])
def test_benchmark(
    name: str,
    models: dict[str, Path],
    cli: Cli,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # processes of their own, which take seconds each
    monkeypatch.setattr(benchmarking, "peak_memory", lambda *arguments: 12_000_000)
    save_photo(tmp_path / "photos" / "a.png", 48, 40)
    result = cli(
        "benchmark",
        "--model",
        models[name],
        "--size",
        "48x32",
        "--runs",
        1,
        "--threads",
        1,
        "--photos",
        tmp_path / "photos",
        "--json",
    )
    assert result.code == 0, result.err
    plain, *others, _ = result.events
    assert others
    for measured in others:
        assert measured["psnr_db"] is None or measured["psnr_db"] > 40
        assert measured["psnr_y"] == pytest.approx(plain["psnr_y"], abs=0.1)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_export(name: str, models: dict[str, Path], cli: Cli, tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    target = tmp_path / "m.onnx"
    assert cli("export", models[name], target).code == 0
    facts = {entry.key: entry.value for entry in onnx.load(target).metadata_props}
    # what adapts is written as the one network that it is for some strengths
    assert facts["architecture"] == ("srresnet" if name == "dasr" else name)


@pytest.mark.parametrize("name", ["rrdb", "espcn", "srcnn"])
def test_blend(name: str, models: dict[str, Path], cli: Cli, tmp_path: Path) -> None:
    target = tmp_path / "m.safetensors"
    done = cli("blend", models[name], models[name], "--detail", 50, "-o", target)
    assert done.code == 0, done.err
    assert cli("models", "show", target, "--json").events[0]["architecture"] == name
    other = cli(
        "blend", models[name], models["srresnet"], "--detail", 50, "-o", tmp_path / "n.safetensors"
    )
    assert other.code != 0
    assert f"architecture srresnet instead of {name}" in other.err
