"""What the documents tell people to type is a call that the program takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from repository import ROOT

from srgan_desktop.cli import build_parser
from trainer.cli import build_parser as build_trainer_parser

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
TRAINER = ("srgan-desktop train ", "python -m trainer ", "-m trainer ")
_LINK = re.compile(r"\]\(([^)#]+)\)")


def calls(document: Path) -> Iterator[str]:
    """Indented lines, those that end in a backslash joined with the next."""
    text = document.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line.startswith("    ") and "..." not in line:
            yield line.strip()


def words(call: str) -> list[str]:
    return shlex.split(call, comments=True)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_examples_are_calls_that_make_sense(document: Path) -> None:
    for call in calls(document):
        trainer = next((start for start in TRAINER if start in call), None)
        if trainer is not None:
            build_trainer_parser().parse_args(words(call.partition(trainer)[2]))
        elif re.match(r"srgan-desktop \S", call):
            build_parser().parse_args(words(call)[1:])
        elif call.startswith("python "):
            assert (ROOT / words(call)[1]).is_file(), call


def test_a_call_that_makes_no_sense_is_noticed() -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(["upscale", "photo.jpg", "--no-such-option"])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for link in _LINK.findall(document.read_text(encoding="utf-8")):
        if not link.startswith("http"):
            assert (document.parent / link).exists(), link


def test_every_command_has_a_section() -> None:
    from srgan_desktop.cli import COMMANDS

    text = (ROOT / "docs" / "COMMANDS.md").read_text(encoding="utf-8")
    sections = set(re.findall(r"^## (\S+)$", text, re.MULTILINE))
    assert sections == {*COMMANDS, "train"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_modules_that_are_named_are_there(document: Path) -> None:
    """``core/jobs/plan.py`` in text; a bare name is in the folder of the one named before it."""
    missing, folder = [], Path()
    for name in re.findall(r"`([\w./-]+\.(?:py|toml|sh|spec|iss|yml)|[\w./-]+/)`", _text(document)):
        places = [root / name for root in (ROOT, ROOT / "srgan_desktop", folder, document.parent)]
        found = next((place for place in places if place.exists()), None)
        if found is None:
            missing.append(name)
        elif "/" in name:
            folder = found if found.is_dir() else found.parent
    assert [name for name in missing if not name.startswith(MADE_BY_PEOPLE)] == []


# folders and files that examples or builds make
MADE_BY_PEOPLE = ("build/", "dist/", "runs/", "photos", "scans/", "data/", "output/")


def _text(document: Path) -> str:
    return document.read_text(encoding="utf-8")
