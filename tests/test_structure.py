"""Modules and classes stay of a size that one reads at a sitting."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import srgan_desktop

PACKAGE = Path(srgan_desktop.__file__).parent
MOST_LINES = 400
MOST_METHODS = 30


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
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
