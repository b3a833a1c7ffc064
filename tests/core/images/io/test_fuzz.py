"""Broken files never end the program, hang it or fill the memory; each refusal names its file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import fuzzing
import numpy as np
import pytest
import structures
from corpus_case import photo, saved
from PIL import Image

import srgan_desktop

HERE = Path(__file__).parent


def run(seed: int, count: int, folder: Path, timeout_s: float) -> dict[str, object]:
    """The report of a process that read so many mutated files."""
    root = Path(srgan_desktop.__file__).parents[1]
    paths = (str(HERE), str(root), os.environ.get("PYTHONPATH", ""))
    done = subprocess.run(
        [sys.executable, fuzzing.__file__, str(seed), str(count), str(folder)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout_s,
    )
    last = folder / "now"
    doing = last.read_text() if last.exists() else "the corpus"
    assert done.returncode == 0, f"at {doing}: {done.stderr[-2000:]}"
    report: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return report


def test_some_hundred_broken_files(tmp_path: Path) -> None:
    report = run(0, 400, tmp_path, 250)
    assert report["strange"] == []
    assert min(int(str(report[kind])) for kind in ("read", "refused")) > 50


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.timeout(3600)
def test_twenty_thousand_broken_files(tmp_path: Path) -> None:
    report = run(1_000_000, 20_000, tmp_path, 3500)
    assert report["strange"] == []


def test_the_same_number_makes_the_same_file() -> None:
    originals = [("a.png", bytes(range(256)) * 4)]
    made = [fuzzing.mutated(originals, seed) for seed in (7, 7, 8)]
    assert made[0] == made[1]
    assert made[0] != made[2]


@pytest.mark.parametrize("kind", ["TIFF", "JPEG", "WEBP", "AVIF", "JPEG2000", "GIF", "BMP", "PNG"])
def test_numbers_and_parts_of_each_format_are_found(kind: str) -> None:
    """Whatever has a structure is changed in it, and the rest stays as it was."""
    plain = saved(Image.fromarray(photo(3)), kind)
    changed = 0
    for seed in range(20):
        for change in (structures.numbers, structures.parts):
            data = bytearray(plain)
            changed += change(data, np.random.default_rng(seed)) and data != plain
    assert changed >= 10
