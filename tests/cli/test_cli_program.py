"""The program as a whole: help, version, what it imports, and the smaller commands."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli_helpers import ROOT, Cli, draw, files_below, run_process, save_photo, save_tiny_model
from PIL import Image

import srgan_desktop.core
from srgan_desktop import __version__
from srgan_desktop.cli import COMMANDS
from srgan_desktop.core.base import app_paths as places

PLAIN_IMPORTS = "import argparse, dataclasses, json, pathlib, re"


def test_the_version_is_quick_and_light(tmp_path: Path) -> None:
    seconds, plain = [], []
    for _ in range(5):
        began = time.monotonic()
        result = run_process(["--version"], tmp_path)
        seconds.append(time.monotonic() - began)
        assert result.out == f"srgan-desktop {__version__}\n"
        began = time.monotonic()
        subprocess.run([sys.executable, "-c", PLAIN_IMPORTS], check=True)
        plain.append(time.monotonic() - began)
    # 1.1 times as long as Python with what any command line imports; on a busy machine both take
    # longer
    assert min(seconds) < 3 * min(plain)
    script = (
        "import sys; from srgan_desktop.cli import main; main(['--version']); main(['--help']); "
        "heavy = {'torch', 'numpy', 'PIL', 'PySide6', 'openvino'} & set(sys.modules); "
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_core_imports_no_window() -> None:
    names = [
        module.name
        for module in pkgutil.walk_packages(srgan_desktop.core.__path__, "srgan_desktop.core.")
    ]
    assert len(names) > 30
    script = (
        "import importlib, sys\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        "assert not [name for name in sys.modules if name.startswith(('PySide6', 'PyQt'))]\n"
        "assert 'trainer' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help_with_examples(command: str, cli: Cli) -> None:
    result = cli(command, "--help")
    assert result.code == 0
    assert f"usage: srgan-desktop {command}" in result.out
    assert "examples:" in result.out
    assert f"  srgan-desktop {command}" in result.out
    assert result.err == ""


@pytest.mark.parametrize("action", ["list", "show", "add", "remove"])
def test_every_action_on_models_has_help(action: str, cli: Cli) -> None:
    assert f"srgan-desktop models {action}" in cli("models", action, "--help").out


def test_help_names_every_command(cli: Cli) -> None:
    text = cli("--help").out
    assert all(f"  {command}" in text for command in [*COMMANDS, "train"])


def test_every_example_is_a_call_that_parses(cli: Cli) -> None:
    from srgan_desktop.cli import build_parser

    lines = [line for command in COMMANDS.values() for line in command.examples.splitlines()]
    assert len(lines) > 10
    for line in lines:
        program, *words = line.split()
        assert program == "srgan-desktop"
        assert build_parser().parse_args(words).run


def test_training_is_reached(cli: Cli) -> None:
    result = cli("train", "--help")
    assert result.code == 0
    assert "srgan-desktop train" in result.out
    assert cli("train", "presets").code == 0
    assert cli("train", "wat").code == 2


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="have a display always")
@pytest.mark.parametrize("arguments", [[], ["a.png"], ["photos/"]])
def test_without_a_display_there_is_no_window(
    arguments: list[str], cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    result = cli(*arguments)
    assert result.code == 1
    assert len(result.err.splitlines()) == 1
    assert "no display" in result.err


@pytest.mark.parametrize("name", ["upscal", "x" * 300, "--wat", ""])
def test_a_mistyped_command_opens_no_window(name: str, cli: Cli) -> None:
    result = cli(name)
    assert result.code == 2
    assert len(result.err.splitlines()) == 1


def benchmark_folder(folder: Path) -> Path:
    for seed, name in enumerate(("a", "b")):
        picture = Image.fromarray(draw(64, 48, seed)).resize((64, 48))
        (folder / "HR").mkdir(parents=True, exist_ok=True)
        (folder / "LR_x4").mkdir(exist_ok=True)
        picture.save(folder / "HR" / f"{name}.png")
        picture.resize((16, 12), Image.Resampling.BICUBIC).save(folder / "LR_x4" / f"{name}.png")
    return folder


def test_evaluate(cli: Cli, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = benchmark_folder(tmp_path / "Tiny2")
    result = cli("evaluate", "--model", model, folder, "--json", "--threads", 1)
    assert result.code == 0
    assert [event["event"] for event in result.events] == ["image", "image", "folder"]
    for event in result.events:
        assert event["folder"] == str(folder)
        assert 0 < event["psnr_y"] < 60
        assert -1 < event["ssim_y"] < 1
        assert event["lpips"] is None
    mean = (result.events[0]["psnr_y"] + result.events[1]["psnr_y"]) / 2
    assert result.events[2]["psnr_y"] == pytest.approx(mean)
    monkeypatch.chdir(folder)
    table = cli("evaluate", "--model", model, ".", "--threads", 1).out
    assert f"{mean:.3f}" in table
    assert "Tiny2" in table


def test_evaluate_classic_methods(cli: Cli, tmp_path: Path) -> None:
    folder = benchmark_folder(tmp_path / "Tiny2")
    scores = {}
    for method in ("nearest", "bicubic", "lanczos"):
        result = cli("evaluate", "--model", method, folder, "--json")
        scores[method] = result.events[-1]["psnr_y"]
    assert scores["bicubic"] > scores["nearest"]


def test_evaluate_goes_on_after_a_bad_picture(cli: Cli, tmp_path: Path) -> None:
    folder = benchmark_folder(tmp_path / "Tiny2")
    (folder / "HR" / "a.png").write_bytes(b"")
    result = cli("evaluate", "--model", "bicubic", folder, "--json")
    assert result.code == 1
    assert result.events[0]["error"]
    assert result.events[0]["psnr_y"] is None
    assert result.events[-1]["failed"] == 1
    assert result.events[-1]["images"] == 1
    assert "a.png" in cli("evaluate", "--model", "bicubic", folder).err


def test_evaluate_looks_at_all_folders_before_the_work(cli: Cli, tmp_path: Path) -> None:
    good, report = tmp_path / "good", tmp_path / "table.csv"
    good.mkdir()
    save_photo(good / "a.png", 40, 32)
    (tmp_path / "empty").mkdir()
    for folder, code in (("typo", 2), ("empty", 1)):
        result = cli("evaluate", "--model", "bicubic", good, tmp_path / folder, "--report", report)
        assert (result.code, folder in result.err) == (code, True)
        assert "good/a" not in result.out
    assert not report.exists()


def test_evaluate_equal_pictures_is_still_json(cli: Cli, tmp_path: Path) -> None:
    """PSNR is infinite there, which JSON has no word for."""
    Image.new("RGB", (32, 32), (90, 90, 90)).save(tmp_path / "flat.png")
    result = cli("evaluate", "--model", "nearest", tmp_path, "--json")
    assert result.code == 0
    assert result.events[0]["ssim_y"] == pytest.approx(1)


def test_evaluate_makes_one_table_of_several_methods(cli: Cli, model: Path, tmp_path: Path) -> None:
    folder = benchmark_folder(tmp_path / "Tiny2")
    markdown, table = tmp_path / "scores.md", tmp_path / "scores.csv"
    result = cli(
        "evaluate",
        "--model",
        f"nearest,bicubic,{model},bicubic",
        folder,
        "--threads",
        1,
        "--report",
        markdown,
        "--report",
        table,
        "--json",
    )
    assert result.code == 0
    means = {e["model"]: e["psnr_y"] for e in result.events if e["event"] == "folder"}
    assert list(means) == ["nearest", "bicubic", "tiny"]
    lines = markdown.read_text().splitlines()
    assert [line.split()[1] for line in lines[2:]] == ["nearest", "bicubic", "tiny"]
    for line, (method, psnr) in zip(table.read_text().splitlines()[1:], means.items(), strict=True):
        assert line.startswith(f"{method},4,Tiny2,2,0,{psnr:.6f},")


def test_evaluate_refuses_a_table_that_would_compare_nothing(
    cli: Cli, model: Path, tmp_path: Path
) -> None:
    folder = benchmark_folder(tmp_path / "Tiny2")
    other = save_tiny_model(tmp_path / "two.safetensors", "two", scale=2)
    result = cli("evaluate", "--model", f"{model},{other}", folder)
    assert result.code == 2
    assert "tiny.safetensors x4" in result.err
    assert "two.safetensors x2" in result.err
    for report in ("scores.txt", tmp_path / "missing" / "scores.md"):
        result = cli("evaluate", "--model", "bicubic", folder, "--report", report)
        assert result.code == 2
    assert cli("evaluate", "--model", ",", folder).code == 2


def test_evaluate_wrong_calls(cli: Cli, model: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for arguments in ([tmp_path / "missing"], [empty], [""], [empty, "--scale", 5]):
        result = cli("evaluate", "--model", "bicubic", *arguments)
        assert result.code in (1, 2)
        assert result.err.splitlines()[-1].startswith("error: ")
        assert result.err.count("error: ") == 1
    result = cli("evaluate", "--model", model, "--scale", 2, empty)
    assert result.code == 2
    assert "a model has its own" in result.err


def test_benchmark(cli: Cli, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from srgan_desktop.core.engine import benchmark as benchmarking

    monkeypatch.setattr(benchmarking, "peak_memory", lambda *arguments: 12_000_000)
    photos = tmp_path / "photos"
    save_photo(photos / "a.png", 64, 48)
    call = ("benchmark", "--model", model, "--size", "32x24", "--runs", 1, "--threads", 1)
    result = cli(*call, "--photos", photos, "--json")
    assert result.code == 0
    *measured, finished = result.events
    assert finished == {"event": "finished"}
    assert measured[0]["way"] == "plain torch fp32"
    assert "torch fp32" in [event["way"] for event in measured]
    assert sum(event["chosen"] for event in measured) == 1
    for event in measured:
        assert event["seconds"] > 0
        assert event["speed"] > 0
        # the tiny network is not trained, and loses more in integers than one that is
        least = 30 if "int8" in event["way"] else 40
        assert event["psnr_db"] is None or event["psnr_db"] > least
        assert event["psnr_y"] == pytest.approx(measured[0]["psnr_y"], abs=0.2)
    table = cli(*call, "--photos", photos).out
    assert "used here" in table
    assert "plain torch fp32" in table


def test_benchmark_on_what_are_no_photos(cli: Cli, model: Path, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    call = ("benchmark", "--model", model, "--size", "32x24", "--threads", 1, "--photos", photos)
    assert cli(*call).code == 2
    photos.mkdir()
    (photos / "a.png").write_text("no picture")
    result = cli(*call, "--json")
    assert (result.code, "none of its pictures can be scored" in result.err) == (1, True)
    assert "a.png" in result.err
    assert "NaN" not in result.out


@pytest.mark.parametrize("size", ["0x5", "5", "axb", "-3x4", "3x", "²x²", "1x1x1"])
def test_benchmark_wrong_sizes(size: str, cli: Cli) -> None:
    result = cli("benchmark", f"--size={size}")
    assert result.code == 2
    assert "640x480" in result.err


def test_a_fault_of_the_program_is_one_line_and_a_file(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from srgan_desktop.cli import main
    from srgan_desktop.core.weights import catalogue

    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path))

    def fail() -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(catalogue, "list_models", fail)
    assert main(["models"]) == 1
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert "ZeroDivisionError: oops" in said
    (log,) = places.logs().iterdir()
    assert str(log) in said
    assert "Traceback" in log.read_text()
    assert files_below(tmp_path) == {str(log.relative_to(tmp_path))}
