"""The window knows a run's folder through the trainer's own modules, never by a name of its own."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import srgan_desktop.gui
from trainer.run.events import KINDS
from trainer.run.run_folder import RunFolder

GUI = Path(srgan_desktop.gui.__file__).parent
TRAINING = GUI / "training"

# every name that the folder's paths consist of
FOLDER = RunFolder(Path("run"))
FILES = {
    part
    for name in dir(FOLDER)
    if name != "path" and isinstance(path := getattr(FOLDER, name), Path)
    for part in path.relative_to(FOLDER.path).parts
}
# too common to be told from the window's own words: what they name is looked for in paths
COMMON = {"stop", "lock", "samples"}
FIELDS = {"event"} | {field.name for kind in KINDS.values() for field in dataclasses.fields(kind)}


def sources(folder: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def strings_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def looked_up(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Strings as keys: ``x["key"]``, ``x.get("key")`` and ``"key" in x``."""
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(slice=ast.Constant(value=str(key))):
                yield node.lineno, key
            case ast.Call(
                func=ast.Attribute(attr="get" | "pop"), args=[ast.Constant(str(key)), *_]
            ):
                yield node.lineno, key
            case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(str(key)), *_]):
                yield node.lineno, key


def joined(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Strings as parts of a path: ``folder / "name"``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            for side in (node.left, node.right):
                yield from strings_in(side)


def test_the_names_looked_for_are_those_of_a_run() -> None:
    assert {
        "events.jsonl",
        "config.json",
        "control.json",
        "process.json",
        "best.safetensors",
        "checkpoints",
        "stop",
        "lock",
        "samples",
    } <= FILES
    assert {"event", "psnr_y", "losses", "eta_s", "budget_s"} <= FIELDS


def test_the_window_names_no_file_of_a_run() -> None:
    found = [
        f"{path.relative_to(GUI)}:{line} {text}"
        for path, tree in sources(GUI)
        for line, text in strings_in(tree)
        if any(part in FILES - COMMON for part in re.split(r"[/\\\\]", text))
    ]
    found += [
        f"{path.relative_to(GUI)}:{line} {text}"
        for path, tree in sources(TRAINING)
        for line, text in joined(tree)
        if text in FILES
    ]
    assert found == []


def test_the_window_reads_no_event_by_a_string() -> None:
    found = [
        f"{path.relative_to(GUI)}:{line} {key}"
        for path, tree in sources(TRAINING)
        for line, key in looked_up(tree)
        # the form's own fields and the config's sections have a few names in common with events
        if key in FIELDS and key not in {"model", "device", "name", "kind"}
    ]
    found += [
        f"{path.relative_to(GUI)}:{line} {text}"
        for path, tree in sources(TRAINING)
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        for line, text in strings_in(node)
        if text in KINDS and text not in {"failed", "paused", "warning"}
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    ["folder / 'events.jsonl'", "x = 'checkpoints/best.safetensors'", "folder / 'lock'"],
)
def test_a_name_would_be_found(code: str) -> None:
    tree = ast.parse(code)
    whole = [part for _, text in strings_in(tree) for part in text.split("/")]
    assert set(whole) & (FILES - COMMON) or {text for _, text in joined(tree)} & FILES


@pytest.mark.parametrize("code", ["e['psnr_y']", "e.get('losses', {})", "getattr(e, 'event')"])
def test_a_key_would_be_found(code: str) -> None:
    assert {key for _, key in looked_up(ast.parse(code))} & FIELDS
