"""What people take for a model is named for what it is."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from srgan_desktop.core.base.errors import ModelFileError
from srgan_desktop.core.weights import catalogue
from srgan_desktop.core.weights.third_party.open_model import name_of, open_model, suffix_of
from trainer.run.checkpoints import save_checkpoint
from trainer.run.run_folder import RunFolder

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 67040989\n"


@pytest.mark.parametrize("ending", [".pth", ".safetensors", ".onnx", ".pth.tar"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<!DOCTYPE html>\n<html><body>Sign in</body></html>", "a web page, not a model"),
        (b"\xef\xbb\xbf  <!-- x -->\n<HTML lang=en>", "a web page, not a model"),
        (LFS, "Git LFS"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "a picture or a document"),
    ],
)
def test_other_files(tmp_path: Path, ending: str, content: bytes, said: str) -> None:
    path = tmp_path / f"model{ending}"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=said):
        open_model(path)


def test_a_checkpoint_of_a_training(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.path.mkdir()
    folder.config_path.write_text("{}")
    state = {"generator": nn.Conv2d(3, 3, 3).state_dict(), "elapsed": 3.0, "end": [1, None]}
    path = save_checkpoint(folder, state)
    with pytest.raises(ModelFileError, match=r"goes on, not a model; its models are best\.safe"):
        open_model(path)


def test_discriminators(tmp_path: Path) -> None:
    layers: list[nn.Module] = [nn.Conv2d(3, 8, 3), nn.LeakyReLU(), nn.Conv2d(8, 8, 3, 2)]
    for number, last in enumerate((nn.Linear(8, 1), nn.Conv2d(8, 1, 3))):
        path = tmp_path / f"D{number}.pth"
        torch.save(nn.Sequential(*layers, last).state_dict(), path)
        with pytest.raises(ModelFileError, match="a discriminator, which judges pictures"):
            open_model(path)


def test_endings() -> None:
    assert suffix_of(Path("a/Gen.PTH.tar")) == ".pth.tar"
    assert name_of(Path("a/Gen.PTH.tar")) == "Gen"
    assert suffix_of(Path("x.tar")) == ".tar"
    assert name_of(Path("4x.v2.pth")) == "4x.v2"


def test_a_tar_of_weights_is_listed_renamed_and_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from test_residual_networks import by_channel

    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path / "home"))
    source = tmp_path / "gen.pth.tar"
    torch.save({"state_dict": by_channel()}, source)
    entry = catalogue.add_model(source)
    assert (entry.name, entry.path.name) == ("gen", "gen.pth.tar")
    assert catalogue.find_model("gen") == entry.path
    assert [e.name for e in catalogue.list_models() if not e.shipped] == ["gen"]
