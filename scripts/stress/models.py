"""Damaged, hostile and mistaken model files: each is opened, or refused in one sentence.

A file may run no code (a marker file stays absent), take no more memory than a small multiple of
its size, nor harm the good model that lies beside it.
"""

from __future__ import annotations

import json
import pickle
import struct
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from isolated import ROOT, PeakMemory, Slow, child_arguments, report, run
from model_gadgets import code_runners, memory_bombs, old_form, zip_bombs, zipped
from model_mutations import Case, mutated, with_header
from table import Row, Tally, command_line

HUNG_S = 120.0
SLOW_S = 15.0
# what opening any model takes here, however small it is: libraries, a run on a small picture
LEAST_BYTES = 200 << 20
TIMES_THE_FILE = 20


def suite(seed: int, count: int, folder: Path) -> list[Row]:
    """``count`` mutations, and every hand-made file once."""
    tally = Tally()
    run(__file__, 0, len(_handmade(folder)), folder, tally, HUNG_S)
    run(__file__, (seed << 24) + 1_000_000, count, folder, tally, HUNG_S)
    return tally.rows


def child(first: int, count: int, folder: Path) -> None:
    """See ``isolated``; numbers below a million are the hand-made files."""
    warnings.simplefilter("ignore")
    home = folder / "home" / "data" / "models"
    home.mkdir(parents=True, exist_ok=True)
    (folder / "cases").mkdir(exist_ok=True)
    originals = _originals(folder / "originals")
    marker = folder / "marker"
    handmade = _handmade(folder)
    good = folder / "originals" / "ours.safetensors"
    expected = _digest(good)
    for number in range(first, first + count):
        if number < len(handmade):
            kind, name, data = handmade[number]
        else:
            kind, name, data = mutated(originals, np.random.default_rng(number))
            name = f"{number}-{name}"
        path = folder / "cases" / name
        path.write_bytes(data)
        report(number, kind, "begun")
        ended, said = _opened(path, len(data))
        if marker.exists():
            marker.unlink()
            ended, said = "lost", "ran code"
        if number % 50 == 0 and _digest(good) != expected:
            ended, said = "lost", "the good model beside it is another one now"
        report(number, kind, ended, f"{name}: {said}" if said else "")
        if ended != "lost":
            path.unlink()


def _opened(path: Path, size: int) -> tuple[str, str]:
    from srgan_desktop.core.base.errors import ModelFileError
    from srgan_desktop.core.weights.third_party.open_model import card_of, open_model

    ended, said = "survived", ""
    with Slow() as slow, PeakMemory() as peak:
        try:
            card_of(path)
            open_model(path)
        except ModelFileError as error:
            ended, said = "refused", str(error)
        except Exception as error:
            return "lost", f"{type(error).__name__}: {error}"[:400]
    if ended == "refused" and (problem := _problem_with(said, path)):
        return "lost", f"{problem}: {said[:300]!r}"
    if peak.bytes > LEAST_BYTES + TIMES_THE_FILE * size:
        return "lost", f"took {peak.bytes >> 20} MB for {size} bytes"
    if slow.seconds > SLOW_S:
        return "lost", f"took {slow.seconds:.0f} s"
    return ended, ""


def _problem_with(said: str, path: Path) -> str:
    if not said.startswith(f"{path}: "):
        return "does not name the file"
    rest = said.removeprefix(f"{path}: ")
    if "\n" in rest or len(rest) > 400:
        return "is not one sentence"
    if not rest.isprintable():
        return "is not printable"
    if any(word in rest for word in ("Traceback", "object at 0x", "<class", "<built-in")):
        return "is not in plain words"
    return ""


def _digest(path: Path) -> str:
    from srgan_desktop.core.weights.model_file import hash_of_tensors, load_model

    return hash_of_tensors(load_model(path)[0].state_dict())


# what is mutated, and what by hand


def _originals(folder: Path) -> dict[str, bytes]:
    """Good files of every kind, by name; made once."""
    if not (folder / "whole").exists():
        folder.mkdir(parents=True, exist_ok=True)
        _make_originals(folder)
        (folder / "whole").touch()
    return {
        path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != "whole"
    }


def _make_originals(folder: Path) -> None:
    import sys

    sys.path.insert(0, str(ROOT / "tests/core/weights/third_party"))
    from safetensors.torch import save_file
    from third_party_makers import SequentialSrresnet, compact_tensors, save_onnx

    from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
    from srgan_desktop.core.weights.model_file import ModelCard, save_model
    from srgan_desktop.core.weights.onnx_export import export_onnx

    torch.manual_seed(0)
    network = SRResNet(SRResNetConfig(blocks=1, channels=8)).eval().requires_grad_(False)
    card = ModelCard(name="ours", title="Ours")
    save_model(folder / "ours.safetensors", network, card)
    export_onnx(network, card, folder / "ours.onnx")
    save_onnx(folder / "resize.onnx")
    compact, sequential = compact_tensors(), SequentialSrresnet().state_dict()
    save_file(compact, folder / "compact.safetensors")
    torch.save({"params": compact}, folder / "compact.pth")
    torch.save({"state_dict": sequential, "epoch": 3}, folder / "sequential.pth")
    torch.save(sequential, folder / "old.pth", _use_new_zipfile_serialization=False)


def _handmade(folder: Path) -> list[Case]:
    """Made once: some take seconds."""
    kept = folder / "handmade"
    if not kept.exists():
        kept.write_bytes(pickle.dumps(_make_by_hand(folder)))
    made: list[Case] = pickle.loads(kept.read_bytes())
    return made


def _make_by_hand(folder: Path) -> list[Case]:
    marker = folder / "marker"
    made: list[Case] = []
    for name, data in code_runners(marker):
        for form, wrap in (("zip", zipped), ("legacy", old_form), ("plain", bytes)):
            made.append(("pickle that runs code", f"{_plain(name)}-{form}.pth", wrap(data)))
    for name, data in memory_bombs():
        for form, wrap in (("zip", zipped), ("legacy", old_form)):
            made.append(("pickle bomb", f"{_plain(name)}-{form}.pt", wrap(data)))
    made += [("zip bomb", f"{_plain(name)}.ckpt", data) for name, data in zip_bombs()]
    made += [("oversized header", f"{n}.safetensors", data) for n, data in _headers()]
    for suffix in ("safetensors", "pth", "pt", "ckpt", "onnx"):
        made += [("no model at all", f"{n}.{suffix}", data) for n, data in _others()]
    made += _wrong_networks(folder / "originals")
    return made


def _plain(name: str) -> str:
    return name.replace(" ", "-").replace("_", "-")


def _headers() -> list[tuple[str, bytes]]:
    brackets = b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    many = b'{"a":[' + b"[]," * 3_000_000 + b"[]]}"
    return [
        ("longer than the file", struct.pack("<Q", 90_000_000) + b'{"a":1}'),
        ("longer than anything", struct.pack("<Q", 2**63) + b'{"a":1}'),
        ("nested", with_header(brackets, b"")),
        ("ten megabytes", with_header(many, b"")),
        ("forty megabytes", with_header(b'{"a":"' + b"x" * 40_000_000 + b'"}', b"")),
        ("empty object", with_header(b"{}", b"")),
        ("a tensor of 2**60", with_header(_tensor_header(2**60), b"")),
    ]


def _tensor_header(side: int) -> bytes:
    entry = {"dtype": "F32", "shape": [side, side], "data_offsets": [0, 0]}
    return json.dumps({"a": entry}).encode()


def _others() -> list[tuple[str, bytes]]:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 4000000\n"
    return [
        ("web page", b"<!DOCTYPE html><html><head><title>Sign in</title></head></html>"),
        ("pointer", pointer.format("a" * 64).encode()),
        ("empty", b""),
        ("one byte", b"\x80"),
        ("picture", b"\x89PNG\r\n\x1a\n" + bytes(200)),
        ("json", b'{"error": "not found"}'),
        ("zeros", bytes(5000)),
        ("empty zip", b"PK\x05\x06" + bytes(18)),
        ("program", b"\x7fELF" + bytes(400)),
        ("text of a script", b"#!/bin/sh\nrm -rf ~\n"),
    ]


def _wrong_networks(originals: Path) -> list[Case]:
    import io

    made: list[Case] = []

    def add(name: str, content: object) -> None:
        data = io.BytesIO()
        torch.save(content, data)
        made.append(("network of no use", f"{name}.pth", data.getvalue()))

    state = torch.load(originals / "compact.pth")["params"] if originals.exists() else _compact()
    first = next(iter(state))
    add("nan", {**state, first: torch.full_like(state[first], float("nan"))})
    add("infinite", {**state, first: torch.full_like(state[first], float("inf"))})
    add("other shape", {**state, first: torch.zeros(2, 2)})
    add("half of it", dict(list(state.items())[:3]))
    add("whole numbers", {key: value.to(torch.int64) for key, value in state.items()})
    add("complex", {key: value.to(torch.complex64) for key, value in state.items()})
    add("no tensors", {"epoch": 3, "loss": 0.1})
    add("list", [1, 2, 3])
    add("text", "hello")
    add("names that are numbers", dict(enumerate(state.values())))
    add("empty", {})
    add("sparse", {"a": torch.eye(3).to_sparse()})
    convs = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3), torch.nn.LeakyReLU(), torch.nn.Flatten(), torch.nn.Linear(8, 1)
    )
    add("discriminator", convs.state_dict())
    add("optimiser", torch.optim.Adam(convs.parameters()).state_dict())
    return made


def _compact() -> dict[str, Any]:
    import sys

    sys.path.insert(0, str(ROOT / "tests/core/weights/third_party"))
    from third_party_makers import compact_tensors

    return dict(compact_tensors())


if __name__ == "__main__":
    import sys

    sys.path.insert(0, str(ROOT / "tests/core/images/io"))
    numbers = child_arguments()
    if numbers is None:
        command_line("models", __doc__, suite, 4000)
    else:
        child(*numbers)
