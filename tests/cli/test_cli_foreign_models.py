"""Models of other programs on the command line: added, shown, renamed, used, refused."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import torch
from cli_helpers import ROOT, Cli, draw, files_below, save_photo, save_tiny_model
from PIL import Image

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.weights.model_file import read_card

sys.path.insert(0, str(ROOT / "tests" / "core" / "weights" / "third_party"))
from third_party_makers import SequentialSrresnet, compact_tensors, lively, save, save_onnx


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of this test's own."""
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_pth_file_is_added_shown_renamed_used_and_removed(
    home: Path, cli: Cli, tmp_path: Path
) -> None:
    source = save(tmp_path / "somebody.pth", compact_tensors(2))
    added = cli("models", "add", source, "--json").events[0]
    assert (added["name"], added["scale"], added["scores"]) == ("somebody", 2, {})
    assert (places.models() / "somebody.pth").read_bytes() == source.read_bytes()
    assert "there is a model called somebody already" in cli("models", "add", source).err
    shown = cli("models", "show", "somebody")
    assert "RealESRGAN Compact" in shown.out
    renamed = cli("models", "rename", "somebody", "二倍", "--json")
    assert renamed.events[0]["name"] == "二倍"
    photo = save_photo(tmp_path / "a.png", 20, 18)
    used = cli("upscale", photo, "--model", "二倍", "--threads", 1, "-o", tmp_path / "b.png")
    assert used.code == 0
    with Image.open(tmp_path / "b.png") as result:
        assert result.size == (40, 36)
    assert cli("models", "remove", "二倍").code == 0
    assert files_below(places.models()) == set()
    assert source.is_file()


def test_files_are_used_where_they_are(home: Path, cli: Cli, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "a.png", 20, 18)
    files = [
        save(tmp_path / "c.pth", compact_tensors(4)),
        save(tmp_path / "s.pth", lively(SequentialSrresnet(blocks=1, steps=1)).state_dict()),
        save_onnx(tmp_path / "o.onnx", scale=3),
    ]
    for file, scale in zip(files, (4, 2, 3), strict=True):
        out = tmp_path / f"{file.stem}.png"
        used = cli("upscale", photo, "--model", file, "--threads", 1, "--scale", scale, "-o", out)
        assert used.code == 0, used.err
        with Image.open(out) as result:
            assert result.size == (20 * scale, 18 * scale)
    # the last one only repeats pixels
    assert (
        torch.from_numpy(draw(20, 18)).repeat_interleave(3, 0).repeat_interleave(3, 1)
        == torch.frombuffer(
            bytearray(Image.open(tmp_path / "o.png").tobytes()), dtype=torch.uint8
        ).view(54, 60, 3)
    ).all()


def test_what_cannot_be_used_says_why_and_leaves_nothing(
    home: Path, cli: Cli, tmp_path: Path
) -> None:
    (tmp_path / "text.pth").write_text("no model")
    (tmp_path / "empty.onnx").touch()
    for file, said in (
        (tmp_path / "text.pth", "not a PyTorch checkpoint"),
        (tmp_path / "empty.onnx", "the file is empty"),
    ):
        result = cli("models", "add", file)
        assert result.code == 1
        assert said in result.err
        assert str(file) in result.err
    assert not places.models().exists()


def test_a_damaged_file_among_the_models_is_listed_with_its_fault(
    home: Path, cli: Cli, tmp_path: Path
) -> None:
    cli("models", "add", save(tmp_path / "good.pth", compact_tensors()))
    (places.models() / "bad.pth").write_text("no model")
    listed = cli("models").out
    assert "good  x4  own" in listed
    assert "bad  cannot be used: not a PyTorch checkpoint" in listed


def test_two_files_of_one_name(home: Path, cli: Cli) -> None:
    places.models().mkdir(parents=True)
    save_tiny_model(places.models() / "a.safetensors")
    save(places.models() / "a.pth", compact_tensors(2))
    assert {event["name"]: event["scale"] for event in cli("models", "--json").events} == {
        "a": 4,
        "a.pth": 2,
    }
    assert "enlarges 2 times" in cli("models", "show", "a.pth").out


def test_renaming_our_own_keeps_what_it_says_and_who_blends_with_it(
    home: Path, cli: Cli, model: Path
) -> None:
    for name in ("smooth", "sharp"):
        cli("models", "add", model, "--name", name)
    sharp = places.models() / "sharp.safetensors"
    from srgan_desktop.core.weights.model_file import with_metadata

    sharp.write_bytes(with_metadata(sharp, partner="smooth"))
    before = read_card(places.models() / "smooth.safetensors")
    assert cli("models", "rename", "smooth", "mild").code == 0
    after = read_card(places.models() / "mild.safetensors")
    assert after.name == "mild"
    assert after.weights_sha256 == before.weights_sha256
    assert read_card(sharp).partner == "mild"
    assert cli("models", "rename", "mild", "sharp").code == 2
    assert cli("models", "rename", "nobody", "x").code == 2
    assert cli("models", "rename", "mild", "a/b").code == 2
    assert files_below(places.models()) == {"mild.safetensors", "sharp.safetensors"}


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_renaming_never_takes_the_place_of_one_whose_name_differs_in_case(
    home: Path, cli: Cli, suffix: str
) -> None:
    places.models().mkdir(parents=True)
    for name, scale in (("foo", 2), ("Foo", 4)):
        if suffix == ".pth":
            save(places.models() / (name + suffix), compact_tensors(scale))
        else:
            save_tiny_model(places.models() / (name + suffix), scale=scale)
    there = {path: path.read_bytes() for path in places.models().iterdir()}
    if len(there) < 2:
        pytest.skip("case is all the same on this disk")
    renamed = cli("models", "rename", "foo", "Foo")
    assert renamed.code == 2
    assert "there is a model called Foo already" in renamed.err
    assert {path: path.read_bytes() for path in places.models().iterdir()} == there


def test_renaming_where_the_other_case_is_the_file_itself(home: Path, cli: Cli) -> None:
    places.models().mkdir(parents=True)
    mine = save_tiny_model(places.models() / "foo.safetensors")
    if not (places.models() / "Foo.safetensors").exists():
        os.link(mine, places.models() / "Foo.safetensors")  # as other disks show it
    assert cli("models", "rename", "foo", "Foo").code == 0
    assert read_card(places.models() / "Foo.safetensors").name == "Foo"


def test_exporting_and_evaluating(home: Path, cli: Cli, tmp_path: Path) -> None:
    file = save(tmp_path / "c.pth", compact_tensors(2))
    refused = cli("export", file, tmp_path / "c.onnx")
    assert refused.code == 2
    assert "of another program" in refused.err
    save_photo(tmp_path / "photos" / "a.png", 48, 48)
    scored = cli("evaluate", "--model", file, tmp_path / "photos", "--threads", 1, "--json")
    assert scored.code == 0, scored.err
    assert scored.events[0]["psnr_y"] > 0
