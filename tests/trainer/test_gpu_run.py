"""The unattended run on a machine with a card, at toy size and without one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from repository import ROOT

from srgan_desktop.core.weights.model_file import read_card
from trainer.config.presets import load_preset
from trainer.run.run_folder import RunFolder
from trainer.training.warm_start import can_begin

PLAN = """
[[train]]
name = "first"
preset = "tiny"
share = 0.5

[[train]]
name = "second"
preset = "tiny"
init = "first"
share = 0.5
"""


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "gpu_run.py"), *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def test_what_ships_can_begin_what_is_trained_unless_told_otherwise() -> None:
    plan = tomllib.loads((ROOT / "scripts" / "gpu_plan.toml").read_text())["train"]
    names = [one["name"] for one in plan]
    for number, one in enumerate(plan):
        config = load_preset(one["preset"], one["settings"])
        if one["init"] not in names[:number]:
            assert can_begin(read_card(ROOT / one["init"]).config, config.generator), one["name"]


def train(folder: Path, photos: Path, *, minutes: float) -> subprocess.CompletedProcess[str]:
    """plan.toml of ``folder``, into its ``out``."""
    places = ("--data", photos, "--out", folder / "out", "--plan", folder / "plan.toml")
    return run("--minutes", str(minutes), *places, "--device", "cpu", "--set", "threads=1")


@pytest.mark.slow
def test_a_plan_is_trained_within_its_minutes(tmp_path: Path, photos: Path) -> None:
    (tmp_path / "plan.toml").write_text(PLAN)
    out = tmp_path / "out"
    done = train(tmp_path, photos, minutes=2.5)
    assert done.returncode == 0, done.stdout + done.stderr
    files = sorted(file.name for file in out.iterdir())
    assert files == ["first.safetensors", "log.txt", "report.json", "second.safetensors"]
    assert read_card(out / "second.safetensors").training["steps"] > 0
    report = json.loads((out / "report.json").read_text())
    assert report["trained"] == ["first", "second"]
    times = [float(line.split()[0]) for line in (out / "log.txt").read_text().splitlines()]
    assert times[-1] < 150


@pytest.mark.slow
def test_what_cannot_be_trained_is_told_and_the_rest_goes_on(tmp_path: Path, photos: Path) -> None:
    (tmp_path / "plan.toml").write_text(PLAN.replace('"tiny"', '"no-such"', 1))
    out = tmp_path / "out"
    done = train(tmp_path, photos, minutes=1.2)
    assert done.returncode == 1
    log = (out / "log.txt").read_text()
    assert "first: no model came of it" in log
    assert "no preset or file called no-such" in log


@pytest.mark.parametrize(
    ("plan", "complaint"),
    [
        (None, "cannot be read as a plan"),
        ("[train", "cannot be read as a plan"),
        ("", "has no [[train]] table"),
        (PLAN.replace('"second"', '"first"'), "a name of its own"),
        (PLAN.replace("share", "part"), "train.part is not a known setting"),
        (PLAN, "holds a run of an earlier call"),
    ],
)
def test_no_time_is_spent_on_what_cannot_begin(
    plan: str | None, complaint: str, tmp_path: Path, photos: Path
) -> None:
    earlier = RunFolder(tmp_path / "out-runs" / "second")
    earlier.path.mkdir(parents=True)
    earlier.config_path.write_text("{}")
    if plan is not None:
        (tmp_path / "plan.toml").write_text(plan)
    done = train(tmp_path, photos, minutes=2)
    assert done.returncode == 2 and complaint in done.stderr, done.stderr
    assert not list((tmp_path / "out").iterdir())


def test_photos_are_packed_up_to_a_size(tmp_path: Path, photos: Path) -> None:
    whole = sum(file.stat().st_size for file in photos.iterdir())
    out = tmp_path / "pack"
    done = run("--pack", photos, "--out", out, "--mib", str(whole / 2**20 * 0.6))
    assert done.returncode == 0, done.stderr
    packed = [file.stat().st_size for file in out.iterdir()]
    assert 2 <= len(packed) < 6
    assert sum(packed) <= 0.6 * whole + 1


@pytest.mark.slow
def test_the_speed_of_enlarging_is_set_against_what_the_device_can_do() -> None:
    words = ("--device", "cpu", "--size", "64x48", "--model", "fast-x4", "--json")
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "card_speed.py"), *words],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["photo"] == "64x48"
    assert facts["times_eager_fp32"] == pytest.approx(
        facts["MP_per_s"] / facts["eager_fp32_MP_per_s"]
    )
    assert facts["share_of_matrix_rate"] > 0
