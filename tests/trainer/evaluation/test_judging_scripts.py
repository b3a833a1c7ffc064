"""The scripts that make the damaged sets and judge models by them."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SCRIPTS = Path(__file__).parents[3] / "scripts"


def _process(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPTS / script), *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(SCRIPTS.parent)},
    )


def _run(script: str, *arguments: object) -> str:
    done = _process(script, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_sets_are_made_and_judged(tmp_path: Path, photos: Path) -> None:
    sets = tmp_path / "sets"
    arguments = (photos, "-o", sets, "--seed", 3, "--count", 2, "--crop", 96)
    assert "2 photos" in _run("damaged_sets.py", *arguments)
    assert {path.name for path in sets.iterdir()} == {
        "clean",
        "phone",
        "messenger",
        "scan",
        "night",
        "web",
    }
    assert len(list((sets / "night" / "LR_x4").iterdir())) == 2

    target = tmp_path / "table.md"
    printed = _run("judge_photo_models.py", sets, "--models", "bicubic,original", "-o", target)
    lines = printed.splitlines()
    assert target.read_text() == printed
    assert lines[0].count("|") == 9
    assert [line.split("|")[1].strip() for line in lines[2:]] == ["bicubic", "original"]
    bicubic = [cell.split("/")[1] for cell in lines[2].split("|")[2:-2]]
    assert float(bicubic[0]) > float(bicubic[4]), "night is worse than clean"
    assert all(cell.split("/")[1].strip() == "inf" for cell in lines[3].split("|")[2:-2])


@pytest.mark.slow
def test_what_cannot_be_judged_is_said_in_a_line(tmp_path: Path, photos: Path) -> None:
    for arguments, complaint in (
        ((photos, "--models", "bicubic"), "no folder of damaged pictures"),
        ((tmp_path, "--models", "bicubic"), "no folder of damaged pictures"),
    ):
        done = _process("judge_photo_models.py", *arguments)
        assert (done.returncode, complaint in done.stderr) == (2, True), done.stderr
    sets = tmp_path / "sets"
    _run("damaged_sets.py", photos, "-o", sets, "--count", 2, "--crop", 64)
    done = _process("judge_photo_models.py", sets, "--models", "srresnet-x2")
    assert done.returncode == 2 and "enlarges 2 times, not 4" in done.stderr
    # one without its LR is told of and does not shift the others
    first = min((sets / "phone" / "LR_x4").iterdir())
    first.unlink()
    done = _process("judge_photo_models.py", sets, "--models", "original", "--lpips-weights", "no")
    assert done.returncode != 0
    done = _process("judge_photo_models.py", sets, "--models", "original")
    assert done.returncode == 0 and first.name in done.stderr
    assert done.stdout.splitlines()[2].split("|")[3].split("/")[1].strip() == "inf"


def test_damaged_sets_refuse_twins_and_what_is_too_small(tmp_path: Path) -> None:
    pixels = np.zeros((3, 40, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    done = _process("damaged_sets.py", tmp_path, "-o", tmp_path / "sets")
    assert done.returncode == 1 and "a.png: a picture of 40 x 3 pixels is too small" in done.stderr
    Image.fromarray(pixels).save(tmp_path / "a.jpg")
    done = _process("damaged_sets.py", tmp_path, "-o", tmp_path / "sets")
    assert done.returncode == 2 and "rename one" in done.stderr
    assert not (tmp_path / "sets").exists()


def test_photos_of_one_name_are_compared_each_by_itself(tmp_path: Path) -> None:
    script = runpy.run_path(str(SCRIPTS / "compare_default_models.py"))
    photos, made = tmp_path / "photos", tmp_path / "made"
    (photos / "more").mkdir(parents=True)
    for number, name in enumerate(("a.png", "a.bmp", "more/a.png")):
        Image.new("RGB", (40, 40), (number, 0, 0)).save(photos / name)
    script["make_pairs"](photos, made, script["KINDS"]["clean"], 4)
    names = [sorted(path.name for path in (made / part).iterdir()) for part in ("HR", "LR_x4")]
    assert len(names[0]) == 3
    assert names[0] == names[1]


def test_the_lattice_of_folders_is_told(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(60, 180, (160, 192, 3)).astype(np.uint8)
    woven = noise.copy()
    woven[::4, ::4] += 60
    for name, pixels in (("plain", noise), ("woven", woven), ("small", noise[:64, :64])):
        (tmp_path / name).mkdir()
        Image.fromarray(pixels).save(tmp_path / name / "a.png")
    folders = [tmp_path / name for name in ("plain", "woven", "small")]
    _, _, plain, woven_row, small = _run("lattice.py", *folders, "--scale", 4).splitlines()
    assert abs(float(plain.split("|")[3])) < 3
    assert float(woven_row.split("|")[3]) > 6
    assert woven_row.startswith("| woven | 1 |")
    assert small == "| small | 0 | - | - |"
