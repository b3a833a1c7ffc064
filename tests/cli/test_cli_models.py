"""Models: list, show, add, remove; and the report for people who look for a fault."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_helpers import Cli, files_below, save_photo, save_tiny_model

from srgan_desktop.core import diagnostics
from srgan_desktop.core.backends import device
from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.weights import catalogue


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of this test's own."""
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model that ships with the program."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    monkeypatch.setattr(catalogue, "shipped_folder", lambda: folder)
    return save_tiny_model(folder / "good.safetensors")


def test_no_models_at_all(home: Path, cli: Cli, tmp_path: Path) -> None:
    assert "models add FILE" in cli("models").out
    assert cli("models", "--json").out == ""
    result = cli("upscale", save_photo(tmp_path / "a.png"))
    assert result.code == 2
    assert "no models at all; add one with: srgan-desktop models add FILE" in result.err


def test_a_model_comes_is_used_and_goes(home: Path, model: Path, cli: Cli, tmp_path: Path) -> None:
    added = cli("models", "add", model, "--name", "mine", "--json")
    assert added.code == 0
    assert added.events[0]["name"] == "mine"
    assert (places.models() / "mine.safetensors").read_bytes() == model.read_bytes()
    assert "mine  x4  own  Tiny" in cli("models").out
    assert cli("models", "list", "--json").events == added.events
    source = save_photo(tmp_path / "a.png")
    assert cli("upscale", source, "--model", "mine", "--threads", 1).code == 0
    assert "use it with" in cli("models", "add", model).out
    removed = cli("models", "remove", "mine", "--json")
    assert removed.events == [{"removed": str(places.models() / "mine.safetensors")}]
    assert cli("models", "remove", "mine").code == 2
    assert files_below(places.models()) == {"tiny.safetensors"}
    assert model.is_file()


def test_show_says_everything(shipped: Path, cli: Cli) -> None:
    text = cli("models", "show", "good")
    assert text.code == 0
    for said in ("Tiny", "enlarges 4 times", "MIT", "blocks: 1", str(shipped)):
        assert said in text.out
    facts = cli("models", "show", shipped, "--json").events[0]
    assert facts["config"]["channels"] == 8
    assert facts["bytes"] == shipped.stat().st_size
    assert facts["parameters"] > 1000
    assert cli("models", "show", "nope").code == 2


def test_damaged_files_are_listed_with_their_fault(home: Path, shipped: Path, cli: Cli) -> None:
    places.models().mkdir(parents=True)
    data = shipped.read_bytes()
    for name, content in {"cut": data[:5000], "empty": b"", "text": b"hello world!"}.items():
        (places.models() / f"{name}.safetensors").write_bytes(content)
    (places.models() / "folder.safetensors").mkdir()
    (places.models() / "notes.txt").write_text("not listed")
    result = cli("models")
    assert result.code == 0
    assert "good  x4  shipped" in result.out
    for name in ("cut", "empty", "text", "folder"):
        assert f"{name}  cannot be used: " in result.out
    assert "notes" not in result.out
    entries = {entry["name"]: entry for entry in cli("models", "--json").events}
    assert entries["cut"]["problem"]
    assert entries["cut"]["scale"] is None
    assert entries["good"]["problem"] == ""
    assert cli("models", "show", "cut").code == 1
    assert "cut short" in cli("models", "show", "cut").err
    assert cli("models", "remove", "cut").code == 0
    assert cli("models", "remove", "folder").code == 1


def test_an_own_model_of_a_shipped_ones_name(home: Path, shipped: Path, cli: Cli) -> None:
    assert cli("models", "add", shipped).code == 0
    assert [entry["name"] for entry in cli("models", "--json").events] == ["good", "own:good"]
    own = places.models() / "good.safetensors"
    assert cli("models", "show", "good", "--json").events[0]["path"] == str(shipped)
    assert cli("models", "show", "own:good", "--json").events[0]["path"] == str(own)
    refused = cli("models", "remove", "good")
    assert refused.code == 2
    assert "ships with the program" in refused.err
    assert cli("models", "add", shipped).code == 2
    assert cli("models", "remove", "own:good").code == 0
    assert not own.exists()
    assert shipped.exists()


@pytest.mark.parametrize(
    "name", ["", " ", "../evil", "a/b", "a\\b", ".hidden", "own:x", "x" * 300, "two\nlines", "end "]
)
def test_impossible_names(name: str, home: Path, model: Path, cli: Cli) -> None:
    result = cli("models", "add", model, "--name", name)
    assert result.code == 2
    assert "cannot be the name of a model" in result.err
    assert files_below(home) == set()


def test_a_name_with_the_ending_gets_no_second_one(home: Path, model: Path, cli: Cli) -> None:
    assert cli("models", "add", model, "--name", "x.safetensors").code == 0
    assert files_below(home) == {"models/x.safetensors"}


@pytest.mark.parametrize("content", [b"", b"text, not a model", b"\x80\x04N."])
def test_what_is_no_model_is_not_added(
    content: bytes, home: Path, cli: Cli, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(content)
    result = cli("models", "add", bad)
    assert result.code == 1
    assert str(bad) in result.err
    assert files_below(home) == set()
    assert cli("models", "add", tmp_path / "missing").code == 1
    assert cli("models", "add", tmp_path).code == 1


def test_a_models_folder_that_cannot_be_made(home: Path, model: Path, cli: Cli) -> None:
    home.write_text("a file where the folder should be")
    result = cli("models", "add", model)
    assert result.code == 1
    assert len(result.err.splitlines()) == 1


def test_the_report_never_fails(
    home: Path, shipped: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    places.models().mkdir(parents=True)
    (places.models() / "bad.safetensors").write_bytes(shipped.read_bytes()[:5000])
    result = cli("doctor")
    assert result.code == 0
    for said in ("torch", "Devices", "cpu", "bad", "cannot be used", str(home / "models"), "JPEG"):
        assert said in result.out
    titles = [section["section"] for section in cli("doctor", "--json").events]
    computing = ["Devices", "Ways to compute"]
    assert titles == ["Program", "Packages", *computing, "Formats", "Folders", "Models"]

    def fail() -> None:
        raise RuntimeError("driver gone")

    monkeypatch.setattr(device, "available_devices", fail)
    monkeypatch.setattr(catalogue, "list_models", fail)
    broken = cli("doctor")
    assert broken.code == 0
    assert broken.out.count("RuntimeError: driver gone") == 2


def test_a_report_holds_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TOKEN", "hunter2")
    assert "hunter2" not in json.dumps([section.lines for section in diagnostics.diagnose()])


def test_export_writes_a_file_for_other_programs(model: Path, cli: Cli, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    out = tmp_path / "tiny.onnx"
    assert cli("export", model, out).code == 0
    assert out.stat().st_size > 1000
    for again, reason in ((out, "there already"), (tmp_path / "tiny.pth", "ends with .onnx")):
        result = cli("export", model, again)
        assert result.code == 2
        assert reason in result.err
    assert files_below(tmp_path) == {"tiny.onnx"}
