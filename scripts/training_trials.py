"""Trainings that differ in a few settings, each for the same minutes, and how they end.

    python scripts/training_trials.py PHOTOS SETS --preset photo-x4 --minutes 20 --threads 1 \
        --trial "two steps, 16 blocks" \
        --trial "one step, 29 blocks: generator.upsampling=single generator.blocks=29" \
        --trial "Muon: optimiser.kind=muon"

SETS are what ``scripts/damaged_sets.py`` makes. Each training begins from nothing, or from
--init MODEL. Prints a Markdown table: steps, PSNR-Y in dB on the clean set and the mean over the
damaged ones, and the engine's speed beside the first model's, measured in turns at the end.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import fmean, median

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from train_for import train_for  # noqa: E402

from srgan_desktop.core.base.leaving import run_script  # noqa: E402
from srgan_desktop.core.engine.engine import open_engine  # noqa: E402
from srgan_desktop.core.upscaling.upscale import enlarge_with  # noqa: E402
from trainer.evaluation.damage import KINDS  # noqa: E402
from trainer.evaluation.evaluate import evaluate_folder, mean_score  # noqa: E402
from trainer.run.events import Finished  # noqa: E402
from trainer.run.run_folder import RunFolder  # noqa: E402

SCALE = 4
SIDE = 200  # of the picture that speed is measured on
TURNS = 7


def main() -> int:
    """Parse, train one after the other, compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, metavar="PHOTOS")
    parser.add_argument("sets", type=Path, metavar="SETS")
    parser.add_argument("--preset", required=True)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--init", type=Path)
    parser.add_argument("--set", action="append", default=[], dest="settings", help="of all")
    parser.add_argument("--trial", action="append", required=True, help="NAME: SETTING SETTING ...")
    parser.add_argument("--out", type=Path, help="keep the runs here")
    chosen = parser.parse_args()
    options = ["--threads", str(chosen.threads)]
    options += ["--init", str(chosen.init)] if chosen.init else []
    with tempfile.TemporaryDirectory() as passing:
        runs = {}
        for number, trial in enumerate(chosen.trial):
            name, _, settings = trial.partition(":")
            out = (chosen.out or Path(passing)) / str(number)
            every = [*chosen.settings, *settings.split()]
            runs[name.strip()] = train_for(
                chosen.minutes, chosen.preset, chosen.data, out, every, *options
            )
        compare(chosen.sets, runs, chosen.threads)
    return 0


def compare(sets: Path, runs: dict[str, RunFolder], threads: int) -> None:
    """The table."""
    print("| | steps | clean | damaged | speed |\n|---|---|---|---|---|")
    seconds = speeds([folder.final_model for folder in runs.values()], threads)
    for (name, folder), took in zip(runs.items(), seconds, strict=True):
        last = folder.last_event()
        steps = last.step if isinstance(last, Finished) else 0
        clean, damaged = scores(sets, folder.final_model)
        print(f"| {name} | {steps} | {clean:.2f} | {damaged:.2f} | {seconds[0] / took:.2f} |")


def scores(sets: Path, model: Path) -> tuple[float, float]:
    """PSNR-Y on clean pictures and on damaged ones."""
    enlarge = enlarge_with(open_engine(model))
    found = {
        kind: mean_score(kind, list(evaluate_folder(sets / kind, enlarge, SCALE, None))).psnr_y
        for kind in KINDS
    }
    return found.pop("clean"), fmean(found.values())


def speeds(models: list[Path], threads: int) -> list[float]:
    """Seconds for one picture, of each; in turns, so that the machine's moods strike all alike."""
    picture = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    enlargers = [enlarge_with(open_engine(model, "cpu", threads=threads)) for model in models]
    took: list[list[float]] = [[] for _ in models]
    for turn in range(TURNS + 1):
        for enlarge, times in zip(enlargers, took, strict=True):
            began = time.perf_counter()
            enlarge(picture)
            if turn:
                times.append(time.perf_counter() - began)
    return [median(times) for times in took]


if __name__ == "__main__":
    run_script(main)
