"""What torch.load would carry out, fill the memory with or never end on is refused before it."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from pathlib import Path

import pytest
import torch

from srgan_desktop.core.base.errors import ModelFileError
from srgan_desktop.core.weights import safe_pickle
from srgan_desktop.core.weights.third_party.checkpoints import read_tensors


def saved(content: object, *, zipped: bool = True) -> bytes:
    data = io.BytesIO()
    torch.save(content, data, _use_new_zipfile_serialization=zipped)
    return data.getvalue()


def archive(pickled: bytes, storage: bytes = b"", method: int = zipfile.ZIP_STORED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as entries:
        entries.writestr("a/data.pkl", pickled)
        entries.writestr("a/version", b"3\n")
        entries.writestr("a/data/0", storage)
    return data.getvalue()


@pytest.mark.parametrize("zipped", [True, False])
def test_what_checkpoints_hold_is_read(zipped: bool) -> None:
    half = torch.tensor([1.5, -2], dtype=torch.bfloat16)
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
    adam = torch.optim.Adam(network.parameters(), betas=(0.9, 0.99))
    network(torch.rand(1, 3, 5, 5)).sum().backward()
    adam.step()
    content = {
        **{"net": network.state_dict(), "adam": adam.state_dict(), "half": half},
        **{"step": 2**40, "loss": 0.5, "note": "é", "best": None, "done": True, "seen": {1, 2}},
        **{"parameter": torch.nn.Parameter(torch.ones(2)), "size": torch.Size((2, 3))},
        **{"dtype": torch.float16, "bytes": b"\x00\xff", "view": torch.arange(6.0)[2:4]},
    }
    loaded = safe_pickle.load(saved(content, zipped=zipped))
    assert loaded.keys() == content.keys()
    torch.testing.assert_close(loaded["half"], half)
    torch.testing.assert_close(loaded["view"], torch.tensor([2.0, 3.0]))
    plain = ("step", "note", "seen", "size", "dtype", "bytes")
    assert all(loaded[key] == content[key] for key in plain)
    assert loaded["adam"]["param_groups"][0]["betas"] == (0.9, 0.99)


@pytest.mark.parametrize(
    "instructions",
    [
        b"cos\nsystem\n(X\x04\x00\x00\x00truetR.",
        b"cbuiltins\nbytearray\n(J\x00\x00\x00\x7ftR.",
        b"ctorch\nFloatTensor\n(J\x00\x00\x00\x7ftR.",
        b"ctorch.storage\nUntypedStorage\n(J\x00\x00\x00\x7ftR.",
        b"ctorch._utils\n_rebuild_meta_tensor_no_storage\n(tR.",
        b"}" + b")" + b"q\x01h\x01\x86" * 60 + b"K\x01s.",  # a key whose hash takes 2**60 steps
    ],
)
def test_names_and_shapes_of_attacks(instructions: bytes) -> None:
    with pytest.raises(safe_pickle.UnsafePickleError):
        safe_pickle.load(archive(b"\x80\x02" + instructions))


def test_the_part_of_an_old_file_that_is_read_is_the_one_that_is_looked_through() -> None:
    evil = pickle.dumps({}, protocol=2)[:-1] + b"cos\nsystem\n(X\x04\x00\x00\x00truetR."
    with pytest.raises(safe_pickle.UnsafePickleError):
        safe_pickle.load(evil + archive(pickle.dumps({}, protocol=2)))


def test_small_files_that_would_fill_the_memory() -> None:
    zeros = archive(pickle.dumps({}, protocol=2), bytes(50_000_000), zipfile.ZIP_DEFLATED)
    assert len(zeros) < 200_000
    with pytest.raises(safe_pickle.DamagedPickleError, match="unpack to"):
        safe_pickle.load(zeros)
    wide = {"a": torch.zeros(1).expand(50_000, 50_000)}
    with pytest.raises(safe_pickle.UnsafePickleError, match="fewer numbers"):
        safe_pickle.load(saved(wide))
    with pytest.raises(safe_pickle.UnsafePickleError):
        safe_pickle.load(saved({"a": torch.eye(3).to_sparse()}))


def test_two_entries_of_one_name() -> None:
    data = io.BytesIO(archive(pickle.dumps({}, protocol=2)))
    with zipfile.ZipFile(data, "a") as entries, pytest.warns(UserWarning, match="Duplicate"):
        entries.writestr("a/data.pkl", b"\x80\x02}.")
    with pytest.raises(safe_pickle.DamagedPickleError):
        safe_pickle.load(data.getvalue())


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04", b"\x80\x02", b"\x80\x02ss.", b"\x80\x02h\x07."]
)
def test_damage(data: bytes) -> None:
    with pytest.raises(safe_pickle.DamagedPickleError):
        safe_pickle.load(data)


def test_wrappings_that_hold_themselves_have_no_weights(tmp_path: Path) -> None:
    path = tmp_path / "circle.pth"
    key = b"X" + struct.pack("<I", 6) + b"params"
    path.write_bytes(archive(b"\x80\x02}q\x01" + key + b"h\x01s."))
    with pytest.raises(ModelFileError, match="holds no weights"):
        read_tensors(path)
