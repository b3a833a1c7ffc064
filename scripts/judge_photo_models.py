"""Judge models of real photos in one run, on the sets that ``scripts/damaged_sets.py`` makes.

    python scripts/judge_photo_models.py SETS --lpips-weights FILE \
        --models photo-x4,photo-gan-x4,srgan-x4:70,RUN/checkpoints/best.safetensors [-o table.md]

Prints a Markdown table: LPIPS / PSNR-Y / tone error (mean, in levels of 255) for each kind of
damage, and the mean of the damaged kinds. NAME:70 is a blending model at detail 70. ``original``
as a model is the HR picture itself: its tone error is the least that can be reached, for damage
moves the tone of the small picture too.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from srgan_desktop.core.base.leaving import run_script
from srgan_desktop.core.engine.engine import open_engine
from srgan_desktop.core.upscaling.upscale import enlarge_with
from srgan_desktop.core.weights.catalogue import find_model
from trainer.data.dataset import decode, image_paths
from trainer.evaluation.damage import KINDS
from trainer.evaluation.evaluate import CLASSIC, Enlarge, FolderScore, evaluate_folder, mean_score
from trainer.evaluation.lpips import Lpips, load_lpips


def main() -> None:
    """Parse, score, print row by row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=Path)
    parser.add_argument("--models", required=True)
    parser.add_argument("--lpips-weights", type=Path)
    parser.add_argument("--scale", type=int, default=4)
    parser.add_argument("-o", "--output", type=Path, help="write the table to a file too")
    arguments = parser.parse_args()
    lpips = load_lpips(arguments.lpips_weights)
    lines = []
    for line in table(arguments.sets, arguments.models.split(","), arguments.scale, lpips):
        lines.append(line)
        print(line, flush=True)
        if arguments.output:
            arguments.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


def table(sets: Path, models: Sequence[str], scale: int, lpips: Lpips | None) -> Iterator[str]:
    """The table's lines, each as soon as it is known."""
    kinds = [kind for kind in KINDS if (sets / kind).is_dir()]
    yield "| LPIPS / PSNR-Y / tone | " + " | ".join(kinds) + " | mean of the damaged |"
    yield "|---" * (len(kinds) + 2) + "|"
    for model in models:
        scores = []
        for kind, enlarge in methods(model, sets, kinds, scale):
            pictures = list(evaluate_folder(sets / kind, enlarge, scale, lpips))
            scores.append(mean_score(kind, pictures))
        yield row(Path(model).stem if "/" in model else model, scores)


def methods(
    model: str, sets: Path, kinds: Sequence[str], scale: int
) -> Iterator[tuple[str, Enlarge]]:
    """How each kind of pictures is enlarged: by one engine, but for the originals."""
    if model == "original":
        for kind in kinds:
            yield kind, originals(sets / kind, scale)
        return
    if model in CLASSIC:
        enlarge = CLASSIC[model](scale)
    else:
        name, _, detail = model.partition(":")
        engine = open_engine(find_model(name), detail=float(detail) if detail else None)
        enlarge = enlarge_with(engine)
    for kind in kinds:
        yield kind, enlarge


def originals(folder: Path, scale: int) -> Enlarge:
    """In place of an enlarged picture the HR one, in the order in which they are asked for."""
    pictures = (decode(path, 3) for path in image_paths(folder / "HR"))

    def enlarge(lr: np.ndarray) -> np.ndarray:
        return next(pictures)

    return enlarge


def row(name: str, scores: Sequence[FolderScore]) -> str:
    """One line of the table."""
    damaged = [score for score in scores if score.name != "clean"]
    return f"| {name} | " + " | ".join(cell([s]) for s in scores) + f" | **{cell(damaged)}** |"


def cell(scores: Sequence[FolderScore]) -> str:
    """The means of some sets."""
    if not scores:
        return "-"
    lpips = sum(score.lpips or 0 for score in scores) / len(scores)
    psnr = sum(score.psnr_y for score in scores) / len(scores)
    tone = sum(score.tone for score in scores) / len(scores)
    return f"{lpips:.3f} / {psnr:.2f} / {tone:.2f}"


if __name__ == "__main__":
    run_script(main)
