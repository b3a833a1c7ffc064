"""Calls that make no sense: exit code 2 (or 1 where only the file shows it), nothing written."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
import torch
from cli_helpers import Cli, files_below, run_process, save_photo, save_tiny_model
from safetensors.torch import load_file, save_file


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--scale", "0"], "0"),
        (["--scale", "-1"], "-1"),
        (["--scale", "nan"], "nan"),
        (["--scale", "inf"], "inf"),
        (["--scale", "abc"], "abc"),
        (["--width", "0"], "--width"),
        (["--long", "1.5"], "1.5"),
        (["--height", "9" * 5000], "--height"),
        (["--scale", "2", "--width", "500"], "--width"),
        (["--tile", "3"], "at least 16"),
        (["--tile", "big"], "big"),
        (["--quality", "0"], "--quality"),
        (["--quality", "101"], "1 to 100"),
        (["--quality", "²"], "²"),
        (["--threads", "0"], "--threads"),
        (["--threads", "99999999999"], "at most"),
        (["--name", "{nope}"], "{nope}"),
        (["--name", "{stem.__class__}"], "{stem.__class__}"),
        (["--name", "{stem"], "{stem"),
        (["--name", "{}"], "{}"),
        (["--name", "a/b"], "choose the folder with -o"),
        (["--name", "..\\b"], "choose the folder with -o"),
        (["--name", ""], "--name is empty"),
        (["--name", "two\nlines"], "character"),
        (["--name", "{scale:d}"], "{width:05}"),
        (["--name", "{stem:999999999}"], "{width:05}"),
        (["--name", "{width:{height}}"], "{width:05}"),
        (["--name", "{stem!r}"], "{width:05}"),
        (["--model", "no-such-model"], "no-such-model"),
        (["--model", "x" * 300], "no model or file"),
        (["--device", "foo"], "foo"),
        (["--device", "cuda:x"], "cuda:x"),
        (["--device", ""], "is not a device"),
        (["--precision", "int4"], "int4"),
        (["--existing", "ask"], "ask"),
        (["--format", "psd"], "psd"),
        (["--wat"], "--wat"),
        (["--sca", "2"], "--sca"),
        (["-o", "x.qqq"], "ending"),
        (["-o", "x.png", "--format", "jpeg"], "--format jpeg"),
    ],
)
def test_a_wrong_option_is_named_in_one_line(
    options: list[str], said: str, upscale: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    save_photo(tmp_path / "a.png")
    result = upscale("a.png", *options)
    assert result.code == 2
    assert result.out == ""
    assert len(result.err.splitlines()) == 1
    assert result.err.startswith("error: ")
    assert said in result.err
    assert files_below(tmp_path) == {"a.png"}


def test_no_inputs_and_no_command(cli: Cli) -> None:
    assert "INPUT" in cli("upscale").err
    assert cli("upscale").code == 2
    unknown = cli("enlarge")
    assert unknown.code == 2
    assert "enlarge" in unknown.err


@pytest.mark.parametrize("options", [["--width", "10"], ["--short", "15"], ["--scale", "0.5"]])
def test_a_result_smaller_than_its_source_is_refused(
    options: list[str], upscale: Cli, tmp_path: Path
) -> None:
    source = save_photo(tmp_path / "a.png")
    result = upscale(source, *options)
    assert result.code == 1
    assert "smaller than the source (24 x 16)" in result.err
    assert files_below(tmp_path) == {"a.png"}


def test_an_absurd_size_is_refused(upscale: Cli, tmp_path: Path) -> None:
    result = upscale(save_photo(tmp_path / "a.png"), "--width", "99999999")
    assert result.code == 1
    assert "at most 64 times" in result.err


def test_a_result_too_large_for_its_format_is_refused(upscale: Cli, tmp_path: Path) -> None:
    source = save_photo(tmp_path / "wide.png", 5000, 1)
    result = upscale(source, "--format", "webp")
    assert result.code == 1
    assert "16383" in result.err
    assert files_below(tmp_path) == {"wide.png"}


def test_one_output_file_for_several_inputs(upscale: Cli, tmp_path: Path) -> None:
    first, second = save_photo(tmp_path / "a.png"), save_photo(tmp_path / "b.png")
    taken = save_photo(tmp_path / "taken.png")
    before = taken.read_bytes()
    result = upscale(first, second, "-o", taken)
    assert result.code == 2
    assert "is one file, but there are several inputs" in result.err
    assert upscale(tmp_path, "-o", taken).code == 2
    assert taken.read_bytes() == before
    assert files_below(tmp_path) == {"a.png", "b.png", "taken.png"}


def test_a_device_that_is_not_here(
    upscale: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda check_available: None)
    result = upscale(save_photo(tmp_path / "a.png"), "--device", "cuda")
    assert result.code == 1
    assert "there is no device cuda here; available: cpu" in result.err
    assert files_below(tmp_path) == {"a.png"}


def test_half_precision_on_a_processor_works(upscale: Cli, tmp_path: Path) -> None:
    source = save_photo(tmp_path / "a.png")
    result = upscale(source, "--precision", "fp16", "--device", "cpu", "--json")
    assert result.code == 0
    assert result.events[0]["precision"] == "fp16"
    assert (tmp_path / "a_4x.png").is_file()


@pytest.mark.parametrize("out", ["file/", "file/deeper/", "file/deeper/x.png"])
def test_an_output_folder_that_cannot_be(out: str, upscale: Cli, tmp_path: Path) -> None:
    """Not even by root: a file stands where a folder should be."""
    source = save_photo(tmp_path / "a.png")
    (tmp_path / "file").write_text("precious")
    result = upscale(source, "-o", f"{tmp_path}/{out}")
    assert result.code in (1, 2)
    assert str(tmp_path / "file") in result.err
    assert (tmp_path / "file").read_text() == "precious"
    assert files_below(tmp_path) == {"a.png", "file"}


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder closed even to root")
def test_an_output_folder_that_takes_no_files_is_met_before_the_work(
    upscale: Cli, tmp_path: Path
) -> None:
    source = save_photo(tmp_path / "a.png")
    result = upscale(source, "-o", "/proc", "--json")
    assert result.code == 1
    assert result.events[-2]["event"] == "file_failed"
    assert result.events[-2]["kind"] == "write"
    assert "/proc" in result.events[-2]["error"]


class Evil:
    """Unpickled, it makes a file."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self._marker),)


def damaged_models(folder: Path) -> dict[str, tuple[Path, str]]:
    """Model files that must be refused, and what is to be said of each."""
    good = save_tiny_model(folder / "good.safetensors")
    data = good.read_bytes()
    made: dict[str, tuple[Path, str]] = {}

    def add(name: str, content: bytes, said: str) -> None:
        (folder / name).write_bytes(content)
        made[name] = (folder / name, said)

    add("cut.safetensors", data[: len(data) // 2], "cut short")
    add("head.safetensors", data[:20], "")
    add("empty.safetensors", b"", "empty")
    add("text.safetensors", b"not a model\n" * 50, "not a safetensors file")
    future = data.replace(b'"format_version":"1"', b'"format_version":"9"')
    add("future.safetensors", future, "format version is 9")
    add("evil.safetensors", pickle.dumps(Evil(folder / "marker")), "")
    add("evil.pth", pickle.dumps({"weights": Evil(folder / "marker")}), "")
    torch.save({"weights": torch.zeros(3)}, folder / "plain.pth")
    made["plain.pth"] = (folder / "plain.pth", "PyTorch checkpoint")
    torch.save(Evil(folder / "marker"), folder / "zip.pth")
    made["zip.pth"] = (folder / "zip.pth", "")
    from safetensors import safe_open

    with safe_open(good, "pt") as file:
        metadata = file.metadata()
    tensors = load_file(good)
    save_file(tensors | {"more": torch.zeros(1)}, folder / "more.safetensors", metadata)
    made["more.safetensors"] = (folder / "more.safetensors", "another network")
    save_file({"x": torch.zeros(1)}, folder / "other.safetensors")
    made["other.safetensors"] = (folder / "other.safetensors", "not a model of this program")
    return made


def test_a_model_that_cannot_be_used_is_named_and_never_run(upscale: Cli, tmp_path: Path) -> None:
    source = save_photo(tmp_path / "a.png")
    (tmp_path / "models").mkdir()
    for path, said in damaged_models(tmp_path / "models").values():
        before = files_below(tmp_path)
        result = upscale(source, "--model", path)
        assert result.code == 1, path
        assert result.err.startswith(f"error: {path}: ")
        assert len(result.err.splitlines()) == 1
        assert said in result.err
        assert files_below(tmp_path) == before
    assert not (tmp_path / "models" / "marker").exists()


def test_a_model_with_values_that_are_no_numbers(upscale: Cli, tmp_path: Path) -> None:
    path = save_tiny_model(tmp_path / "nan.safetensors")
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    tensors = load_file(path)
    tensors["tail.weight"][0, 0, 0, 0] = float("nan")
    save_file(tensors, path, metadata)
    result = upscale(save_photo(tmp_path / "a.png"), "--model", path)
    assert result.code == 1
    assert "NaN or infinity" in result.err


def test_a_wrong_call_as_a_process_of_its_own(tmp_path: Path) -> None:
    result = run_process(["upscale", tmp_path / "no.png"], tmp_path / "home")
    assert result.code == 2
    assert result.out == ""
    assert result.err == f"error: {tmp_path}/no.png: there is no such file or folder\n"
    assert files_below(tmp_path) == set()
