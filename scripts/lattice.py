"""Measure how far a grid stands out in enlarged pictures, whatever program made them.

    srgan-desktop upscale SMALL -o RESULTS --model srgan-x4 --format png
    python scripts/lattice.py RESULTS [ORIGINALS ...] --scale 4

Prints a Markdown table, a row for each folder: by how many dB the peaks of the upsampling's grid
are above their surroundings in the spectrum, on the mean of its pictures and in the worst. Photos
themselves come to about 0. Pictures of under 128 pixels on a side are left out.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import torch

from srgan_desktop.core.base.leaving import run_script
from trainer.data.dataset import decode, image_paths
from trainer.evaluation.lattice import lattice_db
from trainer.evaluation.metrics import luma


def main() -> None:
    """Parse, measure, print row by row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--scale", type=int, default=4, choices=(2, 3, 4, 8))
    arguments = parser.parse_args()
    print("| lattice in dB | pictures | mean | worst |\n|---|---|---|---|")
    for folder in arguments.folders:
        print(row(folder, arguments.scale), flush=True)


def row(folder: Path, scale: int) -> str:
    """One line of the table."""
    levels = {path.stem: level(path, scale) for path in image_paths(folder)}
    known = {name: value for name, value in levels.items() if not math.isnan(value)}
    if not known:
        return f"| {folder.name} | 0 | - | - |"
    worst = max(known, key=known.__getitem__)
    mean = sum(known.values()) / len(known)
    return f"| {folder.name} | {len(known)} | {mean:.1f} | {known[worst]:.1f} ({worst}) |"


def level(path: Path, scale: int) -> float:
    """Of the picture in one file."""
    return lattice_db(luma(torch.from_numpy(decode(path, 3)).permute(2, 0, 1)), scale)


if __name__ == "__main__":
    run_script(main)
