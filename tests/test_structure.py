"""Modules and classes stay of a size that one reads at a sitting, and name what there is."""

from __future__ import annotations

import ast
import builtins
import re
from pathlib import Path

import pytest

import srgan_desktop

ROOT = Path(srgan_desktop.__file__).parents[1]
PACKAGES = [ROOT / "srgan_desktop", ROOT / "trainer"]
MOST_LINES = 400
MOST_METHODS = 30
MODULES = sorted(path for package in PACKAGES for path in package.rglob("*.py"))
# a module's own errors, or those of a library, in code or in words
ERROR = re.compile(r"(?<![\w.])([A-Z]\w*Error)\b")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_too_long_and_no_class_does_too_much(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= MOST_LINES
    large = {
        node.name: len(methods)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef)
        and len(methods := [part for part in node.body if isinstance(part, ast.FunctionDef)])
        > MOST_METHODS
    }
    assert not large


def test_every_error_that_is_named_exists() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in MODULES}
    known = set(dir(builtins))
    for text in texts.values():
        known |= set(re.findall(r"^ *class (\w+Error)\b", text, re.M))
        for names in re.findall(r"^ *from \S+ import (?:\(([^)]*)\)|(.*))$", text, re.M):
            known |= set(ERROR.findall(" ".join(names)))
    unknown = {
        f"{path.relative_to(ROOT)}: {name}"
        for path, text in texts.items()
        for name in ERROR.findall(text)
        if name not in known
    }
    assert not unknown


def test_the_walks_name_modules_that_are_there_and_count_them() -> None:
    document = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    known = [str(path.relative_to(ROOT).as_posix()) for path in MODULES]
    for walk in document.split("\n### ")[1:]:
        found: list[str] = []
        for name in re.findall(r"`((?:[a-z_]+/)*\w+\.py)`", walk):
            if name.startswith("tests/"):
                assert (ROOT / name).exists()
                continue
            places = [module for module in known if f"/{module}".endswith(f"/{name}")]
            if "/" not in name:  # beside the one that was named before it
                folder = found[-1].rpartition("/")[0]
                places = [place for place in places if place.rpartition("/")[0] == folder]
            assert len(places) == 1, name
            found += places
        counted = re.search(r"\[(\d+)\]", walk)
        assert counted is not None
        assert len(set(found)) == int(counted[1]), walk.partition("\n")[0]
