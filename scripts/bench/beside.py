"""What two pieces of work cost when they run at the same time, beside one after the other."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from console import PROGRAM, ROOT, head, row
from PIL import Image

# each long enough that starting it hardly counts
ENLARGED = (960, 720)
STEPS = 60


def together(folder: Path) -> None:
    """Two enlargements, and a training beside an enlargement."""
    sample = Image.open(ROOT / "resources" / "samples" / "otter.jpg").convert("RGB")
    photo, photos = folder / "beside.png", folder / "photos"
    sample.resize(ENLARGED, Image.Resampling.BICUBIC).save(photo)
    photos.mkdir()
    for turn in range(8):
        sample.rotate(45 * turn).save(photos / f"{turn}.png")
    first, second = (enlarging(photo, folder / f"{n}.png") for n in "ab")
    trained = training(photos, folder)
    seconds_of(first)  # chooses how to compute, which later starts need not
    head("at the same time", "one by one", "together", "ratio")
    for title, works in (
        ("two enlargements", (first, second)),
        ("a training and an enlargement", (trained, first)),
    ):
        one_by_one = sum(seconds_of(work) for work in works)
        at_once = seconds_of(*works)
        row(title, f"{one_by_one:.1f} s", f"{at_once:.1f} s", f"{at_once / one_by_one:.2f}")


def enlarging(photo: Path, target: Path) -> list[str]:
    how = ("--model", "srresnet-x4", "--device", "cpu", "--existing", "overwrite")
    return [*PROGRAM, "upscale", str(photo), "-o", str(target), *how]


def training(photos: Path, folder: Path) -> list[str]:
    """It begins anew each time: seconds are put into its folder's name."""
    where = ("--data", str(photos), "--out", str(folder / "run-{now}"), "--device", "cpu")
    how = ("--set", "batch=4", "--set", "validation.every_steps=100000")
    words = ("run", "--preset", "srresnet-x4", "--steps", str(STEPS), *how, *where)
    return [sys.executable, "-m", "trainer", *words]


def seconds_of(*works: list[str]) -> float:
    """Until all of them, begun at once, have ended."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    began = time.perf_counter()
    running = [
        subprocess.Popen(
            [word.replace("{now}", str(time.monotonic_ns())) for word in work],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env=environment,
        )
        for work in works
    ]
    for process in running:
        _, errors = process.communicate()
        if process.returncode:
            raise SystemExit(errors.decode(errors="replace"))
    return time.perf_counter() - began
