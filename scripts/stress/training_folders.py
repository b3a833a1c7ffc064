"""Stopped trainings whose folder has something strange in it, gone on with, many in one process.

The child of the suite in training.py (see ``isolated``).
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from isolated import ROOT, child_arguments, report
from model_gadgets import code_runners, memory_bombs, zipped
from model_mutations import changed_bytes, changed_json
from training import STEPS, is_plain, weights_of, words

SEAL = b"sha256:"


def child(first: int, count: int, folder: Path) -> None:
    """See ``isolated``. Each case: a stopped run, one thing in it changed, resumed."""
    stopped = folder / "half a run"
    if not stopped.exists():
        _call([*words(folder / "photos", stopped), "--steps", str(STEPS // 2)])
    for number in range(first, first + count):
        random = np.random.default_rng(number)
        place = folder / f"strange-{number}"
        shutil.copytree(stopped, place)
        name, change = CHANGES[int(random.integers(len(CHANGES)))]
        kind = f"run folder: {name}"
        change(place, random)
        report(number, kind, "begun")
        code, said = _call(["resume", str(place), "--json", "--debug", "--steps", str(STEPS)])
        ended = "survived" if code == 0 else "refused" if is_plain(code, said) else "lost"
        if ended == "survived" and not weights_of(place):
            ended, said = "lost", f"{said[-300:]} ended well without a model"
        report(number, kind, ended, said[-400:] if ended == "lost" else "")
        if ended != "lost":
            shutil.rmtree(place)


def _call(arguments: list[str]) -> tuple[int, str]:
    from trainer.cli import main

    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
        code = main(arguments)
    return code, told.getvalue()


def _config(place: Path, random: np.random.Generator) -> None:
    path = place / "config.json"
    path.write_text(json.dumps(changed_json(json.loads(path.read_text()), random)))


def _setting(place: Path, random: np.random.Generator) -> None:
    """A setting of the config has another value that it might have."""
    path = place / "config.json"
    values = json.loads(path.read_text())
    spots = list(_leaves(values["config"]))
    holder, key = spots[int(random.integers(len(spots)))]
    old = holder[key]
    if isinstance(old, bool):
        holder[key] = not old
    elif isinstance(old, int | float):
        holder[key] = type(old)(old * (0.5, 2, 3, 0)[int(random.integers(4))])
    else:
        holder[key] = ("none", "cycle", "adversarial", "leaky_relu", "")[int(random.integers(5))]
    path.write_text(json.dumps(values))


def _leaves(values: Any) -> Iterator[tuple[Any, Any]]:
    for key in values if isinstance(values, dict) else range(len(values)):
        if isinstance(values[key], dict | list):
            yield from _leaves(values[key])
        else:
            yield values, key


def _flipped(place: Path, random: np.random.Generator, pattern: str) -> None:
    paths = sorted(place.glob(pattern))
    for path in paths if random.random() < 0.3 else paths[:1]:
        path.write_bytes(changed_bytes(path.read_bytes(), random))


def _checkpoint_bytes(place: Path, random: np.random.Generator) -> None:
    _flipped(place, random, "checkpoints/*.pt")


def _event_bytes(place: Path, random: np.random.Generator) -> None:
    _flipped(place, random, "events.jsonl")


def _config_bytes(place: Path, random: np.random.Generator) -> None:
    _flipped(place, random, "config.json")


def _sealed_state(place: Path, random: np.random.Generator) -> None:
    """A checkpoint whose seal is right and whose content is not what the trainer wrote."""
    import torch

    for path in place.glob("checkpoints/*.pt"):
        data = path.read_bytes()
        state = torch.load(io.BytesIO(data[: -len(SEAL) - 32]), weights_only=True)
        _strange_state(state, random)
        written = io.BytesIO()
        torch.save(state, written)
        payload = written.getvalue()
        path.write_bytes(payload + SEAL + hashlib.sha256(payload).digest())


def _strange_state(state: dict[str, Any], random: np.random.Generator) -> None:
    import torch

    key = list(state)[int(random.integers(len(state)))]
    value = state[key]
    if isinstance(value, dict) and value and random.random() < 0.7:
        _strange_state(value, random)
    elif isinstance(value, torch.Tensor) and value.is_floating_point():
        state[key] = torch.full_like(value, (float("nan"), 1e30, 0.0)[int(random.integers(3))])
    elif random.random() < 0.3:
        del state[key]
    else:
        state[key] = (None, -1, float("nan"), "x", [], {}, 2**70)[int(random.integers(7))]


def _hostile(place: Path, random: np.random.Generator) -> None:
    made = [*code_runners(place / "marker"), *memory_bombs()]
    payload = zipped(made[int(random.integers(len(made)))][1])
    for path in place.glob("checkpoints/*.pt"):
        path.write_bytes(payload + SEAL + hashlib.sha256(payload).digest())


def _missing(place: Path, random: np.random.Generator) -> None:
    paths = sorted(path for path in place.rglob("*") if path.is_file())
    path = paths[int(random.integers(len(paths)))]
    path.unlink()
    if random.random() < 0.3:
        path.mkdir()


CHANGES = (
    *(("config changed", _config), ("another setting", _setting), ("config.json", _config_bytes)),
    *(("checkpoint's bytes", _checkpoint_bytes), ("sealed state", _sealed_state)),
    *(("hostile checkpoint", _hostile), ("events", _event_bytes), ("a file is missing", _missing)),
)


if __name__ == "__main__":
    sys.path.insert(0, os.fspath(ROOT / "tests/core/images/io"))
    arguments = child_arguments()
    assert arguments is not None
    child(*arguments)
