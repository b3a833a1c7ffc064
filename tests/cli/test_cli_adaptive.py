"""What the command line tells of models that adapt, and what can be set."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from cli_helpers import Cli, files_below, save_photo

from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.queue import Queue
from srgan_desktop.core.jobs.sources import Source
from srgan_desktop.core.networks.dasr import Dasr, DasrConfig
from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
from srgan_desktop.core.networks.strengths import STRENGTHS
from srgan_desktop.core.weights.model_file import ModelCard, save_model


@pytest.fixture
def model(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    path = tmp_path / "adaptive.safetensors"
    config = DasrConfig(blocks=1, channels=4, experts=2, predictor_channels=4)
    save_model(path, Dasr(config), ModelCard(name="adaptive"))
    return path


def test_what_was_found_is_told(cli: Cli, model: Path, tmp_path: Path) -> None:
    source = save_photo(tmp_path / "a.png", 40, 30)
    result = cli("upscale", source, "--model", model, "--json", "-o", tmp_path / "b.png")
    (adapted,) = [event for event in result.events if event["event"] == "adapted"]
    assert list(adapted["found"]) == list(STRENGTHS)
    assert adapted["used"] == adapted["found"]
    assert "item" not in adapted, "a handful has no queue that anybody sees"
    assert all(0 <= value <= 100 for value in adapted["found"].values())
    plain = cli("upscale", source, "--model", model, "-o", tmp_path / "c.png")
    assert "found: noise " in plain.out and "used" not in plain.out


def test_what_is_set_is_told(cli: Cli, model: Path, tmp_path: Path) -> None:
    source = save_photo(tmp_path / "a.png", 40, 30)
    call = (
        "upscale",
        source,
        "--model",
        model,
        "-o",
        tmp_path / "b.png",
        "--noise",
        70,
        "--blur",
        "auto",
        "--compression",
        5,
    )
    (adapted,) = [e for e in cli(*call, "--json").events if e["event"] == "adapted"]
    assert (adapted["used"]["noise"], adapted["used"]["compression"]) == (70, 5)
    assert adapted["used"]["blur"] == adapted["found"]["blur"]
    assert "used: 70, " in cli(*call).out


def test_a_dry_run_looks_too(cli: Cli, model: Path, tmp_path: Path) -> None:
    source = save_photo(tmp_path / "a.png", 40, 30)
    call = ("upscale", source, "--model", model, "--dry-run")
    told = [event["event"] for event in cli(*call, "--json").events]
    assert told == ["planned", "adapted", "planned_all"]
    assert "found: noise " in cli(*call).out


def test_a_dry_run_counts_what_cannot_be_read(cli: Cli, model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    save_photo(folder / "whole.png", 40, 30)
    cut = save_photo(folder / "cut.png", 200, 100)
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    result = cli("upscale", folder, "--model", model, "--dry-run", "--json")
    assert result.code == 1
    told = [(event["event"], Path(event.get("source", "")).name) for event in result.events]
    assert told == [
        ("file_failed", "cut.png"),
        ("planned", "whole.png"),
        ("adapted", "whole.png"),
        ("planned_all", ""),
    ]
    total = result.events[-1]
    assert (total["files"], total["failed"]) == (1, 1)


def test_many_pictures_are_each_looked_at(cli: Cli, model: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a", "b"):
        save_photo(tmp_path / "in" / f"{name}.png", 40, 30)
    result = cli(
        "upscale", tmp_path / "in", "--model", model, "--json", "-o", tmp_path / "out", "--blur", 40
    )
    adapted = [event for event in result.events if event["event"] == "adapted"]
    assert {Path(event["source"]).name for event in adapted} == {"a.png", "b.png"}
    assert all(event["used"]["blur"] == 40 for event in adapted)
    assert result.code == 0


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A model that does not adapt."""
    path = tmp_path / "plain.safetensors"
    save_model(path, SRResNet(SRResNetConfig(blocks=1, channels=4)), ModelCard(name="plain"))
    return path


@pytest.mark.parametrize(
    "call",
    [
        ("upscale",),
        ("upscale", "--dry-run"),
        ("upscale", "--queue", "q"),
        ("upscale", "--cluster", "tcp://127.0.0.1:9"),
        ("watch", "--once"),
    ],
    ids=" ".join,
)
def test_other_models_refuse_it_before_any_work(
    call: tuple[str, ...],
    cli: Cli,
    plain: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    save_photo(tmp_path / "in" / "a.png", 40, 30)
    command, *options = call
    result = cli(command, "in", "-o", "out/", "--model", plain, "--noise", 10, *options, "--json")
    assert result.code == 2
    assert [event["event"] for event in result.events] == ["error"]
    assert "plain does not adapt to the picture" in result.events[0]["error"]
    assert files_below(tmp_path) == {"in/a.png", "plain.safetensors"}


def test_a_cluster_may_have_a_model_that_is_not_here(cli: Cli, tmp_path: Path) -> None:
    """Whether that one adapts is for the workers to say."""
    pytest.importorskip("distributed")
    source = save_photo(tmp_path / "a.png")
    call = ("--model", "theirs", "--noise", 10, "--cluster", "no address")
    assert "no cluster answers there" in cli("upscale", source, *call).err


def test_wrong_rows_of_a_queue_do_not_keep_the_others(
    cli: Cli, model: Path, plain: Path, tmp_path: Path
) -> None:
    wrong, sound = (Source(save_photo(tmp_path / f"{name}.png")) for name in ("a", "b"))
    with Queue(tmp_path / "q") as queue:
        queue.add([wrong], BatchOptions(model=str(plain), noise=10))
        queue.add([sound], BatchOptions(model=str(model), noise=10))
    result = cli("queue", "run", "--queue", tmp_path / "q")
    assert result.code == 1
    assert "a.png: plain does not adapt" in result.err
    assert (tmp_path / "b_4x.png").exists() and not (tmp_path / "a_4x.png").exists()


def test_an_export_refuses_it_too(cli: Cli, plain: Path, tmp_path: Path) -> None:
    result = cli("export", plain, tmp_path / "p.onnx", "--noise", 10)
    assert result.code == 2 and "does not adapt" in result.err


@pytest.mark.parametrize("wrong", ["101", "-1", "much"])
def test_wrong_strengths_are_refused(wrong: str, cli: Cli, model: Path, tmp_path: Path) -> None:
    source = save_photo(tmp_path / "a.png", 40, 30)
    assert cli("upscale", source, "--model", model, f"--noise={wrong}").code == 2


def test_a_mixture_is_exported(cli: Cli, model: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("openvino")
    mild, severe = tmp_path / "mild.onnx", tmp_path / "severe.onnx"
    assert cli("export", model, mild).code == 0
    assert cli("export", model, severe, "--noise", 90, "--blur", 80).code == 0
    assert mild.read_bytes() != severe.read_bytes()
    source = save_photo(tmp_path / "a.png", 40, 30)
    made = cli("upscale", source, "--model", severe, "-o", tmp_path / "b.png")
    assert made.code == 0, made.err


def test_an_export_says_what_it_is_for(cli: Cli, model: Path, plain: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    usual = cli("export", model, tmp_path / "a.onnx").out
    assert "for pictures with noise 0, of the colours 0, blur 0, compression 0" in usual
    severe = cli("export", model, tmp_path / "b.onnx", "--noise", 90, "--blur", 80).out
    assert "b.onnx, for pictures with noise 90, of the colours 45, blur 80, compression 0" in severe
    (saved,) = cli("export", model, tmp_path / "c.onnx", "--blur", 30, "--json").events
    assert saved["strengths"] == {"blur": 30, "noise": 0, "colour_noise": 0, "compression": 0}
    assert cli("export", plain, tmp_path / "d.onnx").out == f"wrote {tmp_path / 'd.onnx'}\n"
    (saved,) = cli("export", plain, tmp_path / "e.onnx", "--json").events
    assert saved == {"event": "saved", "path": str(tmp_path / "e.onnx")}


def test_an_export_has_no_picture_to_look_at(cli: Cli, model: Path, tmp_path: Path) -> None:
    result = cli("export", model, tmp_path / "a.onnx", "--noise", "auto")
    assert result.code == 2 and "auto needs a picture" in result.err
    assert not (tmp_path / "a.onnx").exists()
    told = " ".join(cli("export", "--help").out.split())
    assert "(default: 0, for clean pictures)" in told and "auto" not in told
