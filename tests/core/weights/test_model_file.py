from __future__ import annotations

import dataclasses
import json
import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save, save_file

from srgan_desktop.core.base.errors import ModelFileError
from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
from srgan_desktop.core.weights.headers import read_metadata
from srgan_desktop.core.weights.model_file import (
    ModelCard,
    load_model,
    read_card,
    save_model,
    write_whole,
)

CONFIG = SRResNetConfig(blocks=1, channels=4, norm="none", skip="bicubic")
CARD = ModelCard(
    name="mine",
    title="A title, größer",
    description="for tests",
    licence="CC0",
    author="someone",
    training={"steps": 7},
    scores={"Set5": {"psnr_y": 30.1}},
)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    save_model(path, SRResNet(CONFIG), CARD)
    return path


def _rewrite(path: Path, change: dict[str, Any]) -> None:
    """The same file with other metadata."""
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    header["__metadata__"] |= change
    text = json.dumps({k: v for k, v in header.items() if v is not None}).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data[8 + length :])


def test_a_model_comes_back_as_it_was(tmp_path: Path) -> None:
    network = SRResNet(CONFIG)
    save_model(tmp_path / "a.safetensors", network, CARD)
    loaded, card = load_model(tmp_path / "a.safetensors")
    assert all(
        torch.equal(value, loaded.state_dict()[key]) for key, value in network.state_dict().items()
    )
    assert not loaded.training
    assert not any(p.requires_grad for p in loaded.parameters())
    assert dataclasses.replace(card, weights_sha256="") == dataclasses.replace(CARD, config=CONFIG)
    assert card.scale == 4


def test_the_card_alone_is_the_same(model: Path) -> None:
    assert read_card(model) == load_model(model)[1]


def test_half_precision_is_half_as_large_and_nearly_the_same(model: Path, tmp_path: Path) -> None:
    network, card = load_model(model)
    save_model(tmp_path / "half.safetensors", network, card, half=True)
    halved, _ = load_model(tmp_path / "half.safetensors")
    assert (tmp_path / "half.safetensors").stat().st_size < 0.75 * model.stat().st_size
    for key, value in network.state_dict().items():
        assert halved.state_dict()[key].dtype == torch.float32
        assert torch.allclose(halved.state_dict()[key], value, rtol=1e-3, atol=1e-6)


def test_batch_norm_statistics_are_kept(tmp_path: Path) -> None:
    network = SRResNet(dataclasses.replace(CONFIG, norm="batch"))
    network(torch.rand(2, 3, 5, 5))
    save_model(tmp_path / "bn.safetensors", network, CARD)
    loaded, _ = load_model(tmp_path / "bn.safetensors")
    x = torch.rand(1, 3, 6, 6)
    with torch.inference_mode():
        assert torch.equal(loaded(x), network.eval()(x))


def test_the_hash_tells_weights_apart(tmp_path: Path) -> None:
    network = SRResNet(CONFIG)
    paths = [tmp_path / f"{i}.safetensors" for i in range(3)]
    save_model(paths[0], network, CARD)
    save_model(paths[1], network, ModelCard(name="another name"))
    with torch.no_grad():
        network.tail.bias.add_(1e-3)
    save_model(paths[2], network, CARD)
    hashes = [read_card(path).weights_sha256 for path in paths]
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize("first_byte", [0x80, ord("P")])
def test_a_header_whose_length_begins_like_a_pickle_or_zip_is_still_read(
    first_byte: int, tmp_path: Path
) -> None:
    path = tmp_path / "model.safetensors"
    for padding in range(300):
        save_model(path, SRResNet(CONFIG), dataclasses.replace(CARD, description="x" * padding))
        start = path.read_bytes()[:2]
        # safetensors pads headers to eight bytes: the description moves the length on
        if start[0] == first_byte:
            break
    assert path.read_bytes()[0] == first_byte
    assert load_model(path)[1].name == "mine"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "the file is empty"),
        (b"PK\x03\x04 and so on", "a PyTorch checkpoint"),
        (b"\x80\x02 and so on", "a PyTorch checkpoint"),
        (b"hello", "not a safetensors file"),
        (b"hello, this is a longer text", "not a safetensors file"),
        (struct.pack("<Q", 2) + b"{!", "not a safetensors file: its header is damaged"),
        (struct.pack("<Q", 2**40) + b"{}", "not a safetensors file"),
        (struct.pack("<Q", 500) + b"{}", "cut short"),
    ],
)
def test_other_files_are_refused_in_plain_words(data: bytes, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "file.safetensors"
    path.write_bytes(data)
    for read in (read_card, load_model):
        with pytest.raises(ModelFileError, match=problem) as caught:
            read(path)
        assert str(path) in str(caught.value)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="No such file"):
        read_card(tmp_path / "none.safetensors")
    with pytest.raises(ModelFileError, match="cannot be read"):
        read_card(tmp_path)


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.999])
def test_a_file_cut_short_is_seen(model: Path, kept: float) -> None:
    data = model.read_bytes()
    model.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(ModelFileError, match="cut short"):
        load_model(model)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"format": "other"}, "not a model of this program"),
        ({"format_version": "2"}, "its format version is 2; a newer program may read it"),
        ({"format_version": ""}, "names no format version"),
        ({"format_version": "١"}, "format version"),
        ({"architecture": "swinir"}, "unknown architecture 'swinir'"),
        ({"config": "[1, 2]"}, "makes no sense"),
        ({"config": "{"}, "makes no sense"),
        ({"config": '{"blocks": "16"}'}, "makes no sense"),
        ({"config": '{"colour": 3}'}, "makes no sense"),
        ({"config": "[" * 100_000}, "makes no sense"),
        ({"training": "3"}, "makes no sense"),
        ({"config": '{"blocks": 256, "channels": 1024}'}, "another network than it says"),
        ({"config": '{"blocks": 1, "channels": 5, "norm": "none"}'}, "as its description says"),
    ],
)
def test_descriptions_that_do_not_fit(change: dict[str, Any], problem: str, model: Path) -> None:
    _rewrite(model, change)
    with pytest.raises(ModelFileError, match=problem):
        load_model(model)


def test_metadata_of_another_type_is_damage(model: Path) -> None:
    _rewrite(model, {"format_version": 1})
    with pytest.raises(ModelFileError, match="header is damaged"):
        read_card(model)


def test_a_plain_safetensors_file_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    path.write_bytes(save({"a": torch.zeros(3)}))
    with pytest.raises(ModelFileError, match="not a model of this program"):
        read_card(path)


def test_weights_of_8_bits_are_read(tmp_path: Path) -> None:
    path = tmp_path / "small.safetensors"
    save_model(path, SRResNet(CONFIG), CARD)
    small = {key: value.to(torch.float8_e4m3fn) for key, value in load_file(path).items()}
    save_file(small, path, read_metadata(path))
    network, _ = load_model(path)
    assert torch.equal(network.tail.bias, small["tail.bias"].float())


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    network = SRResNet(CONFIG)
    with torch.no_grad():
        network.tail.bias[0] = torch.nan
    save_model(tmp_path / "nan.safetensors", network, CARD)
    with pytest.raises(ModelFileError, match=r"tail\.bias contains NaN or infinity"):
        load_model(tmp_path / "nan.safetensors")


def test_writing_is_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_whole(path, b"before")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ModelFileError, match="disk is full"):
        write_whole(path, b"after")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_writing_into_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="folder does not exist"):
        save_model(tmp_path / "none" / "m.safetensors", SRResNet(CONFIG), CARD)


def test_a_model_that_adapts_is_read_without_what_pytorch_compiles_with() -> None:
    script = (
        "import sys, torch\n"
        "from srgan_desktop.core.weights.catalogue import find_model\n"
        "from srgan_desktop.core.weights.model_file import load_model\n"
        "before = 'sympy' in sys.modules\n"
        "load_model(find_model('photo-gan-x4'))\n"
        "assert before or 'sympy' not in sys.modules\n"
    )
    root = Path(__file__).parents[3]
    subprocess.run([sys.executable, "-c", script], cwd=root, check=True)
