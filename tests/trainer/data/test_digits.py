"""The digits preset learns what bicubic cannot know: printed digits, 7 x 7 to 28 x 28."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from trainer.config.presets import load_preset
from trainer.run.events import Finished, Validated
from trainer.run.inputs import RunInputs
from trainer.run.run_folder import RunFolder
from trainer.training.session import start

SIDE = 28
# drawn larger and made smaller, so that edges are smooth at every angle
FINER = 4


def _fonts() -> list[Path | None]:
    """Fonts of this machine that have digits; None: the one that Pillow carries."""
    found = sorted(Path("/usr/share/fonts").rglob("*.[to]tf"))
    plain = [path for path in found if not path.stem.endswith(("D050000L", "StandardSymbolsPS"))]
    return [None, *plain[:60]]


def draw_digit(seed: int, fonts: list[Path | None]) -> Image.Image:
    """White on black, of a random font, size, weight, place and angle."""
    random = np.random.default_rng(seed)
    font_file, digit = fonts[random.integers(len(fonts))], str(random.integers(10))
    size = int(random.integers(18, 27)) * FINER
    font = ImageFont.load_default(size)
    if font_file is not None:
        font = ImageFont.truetype(str(font_file), size)
    large = Image.new("L", (SIDE * FINER, SIDE * FINER), 0)
    middle = SIDE * FINER / 2 + random.uniform(-2, 2, 2) * FINER
    ImageDraw.Draw(large).text(
        tuple(middle),
        digit,
        fill=int(random.integers(170, 256)),
        font=font,
        anchor="mm",
        stroke_width=int(random.integers(0, 3)),
    )
    turned = large.rotate(random.uniform(-25, 25), Image.Resampling.BICUBIC)
    return turned.resize((SIDE, SIDE), Image.Resampling.BOX)


def draw_digits(folder: Path, first: int, count: int) -> Path:
    folder.mkdir()
    fonts = _fonts()
    for seed in range(first, first + count):
        draw_digit(seed, fonts).save(folder / f"{seed:05d}.png")
    return folder


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.timeout(600)
def test_digits_gain_two_decibels_on_bicubic_in_three_minutes(tmp_path: Path) -> None:
    data, held_out = draw_digits(tmp_path / "data", 0, 1500), draw_digits(tmp_path / "v", 10**6, 60)
    words = ["--preset", "digits", "--data", str(data), "--val", str(held_out), "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "trainer", "run", *words, "--out", str(tmp_path / "run")],
        check=True,
        capture_output=True,
        text=True,
    )
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[-1]["event"] == "finished"
    assert events[-1]["seconds"] < 190
    last = [event for event in events if event["event"] == "validated"][-1]
    assert last["psnr_y"] >= last["psnr_y_bicubic"] + 2


def test_small_grey_pictures_are_trained_on_whole(tmp_path: Path) -> None:
    data = draw_digits(tmp_path / "data", 0, 8)
    config = load_preset("digits", ("threads=1", "precision=fp32", "batch=4"))
    events = list(
        start(config, RunInputs("digits", data, None, 3, None, "cpu"), RunFolder(tmp_path / "run"))
    )
    assert [event.step for event in events if isinstance(event, Validated)]
    assert isinstance(events[-1], Finished)
