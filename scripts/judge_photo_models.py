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
import contextlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from srgan_desktop.core.base.errors import DatasetError, ImageReadError, UsageError
from srgan_desktop.core.base.leaving import run_script
from trainer.data.dataset import image_paths
from trainer.evaluation.damage import KINDS
from trainer.evaluation.evaluate import (
    Enlarge,
    FolderScore,
    benchmark_pair,
    evaluate_folder,
    mean_score,
)
from trainer.evaluation.lpips import Lpips, load_lpips, missing_weights
from trainer.evaluation.named_method import named_method


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
    if lpips is None:
        print(missing_weights(), file=sys.stderr)
    lines = []
    for line in table(arguments.sets, arguments.models.split(","), arguments.scale, lpips):
        lines.append(line)
        print(line, flush=True)
        if arguments.output:
            arguments.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


def table(sets: Path, models: Sequence[str], scale: int, lpips: Lpips | None) -> Iterator[str]:
    """The table's lines, each as soon as it is known."""
    kinds = [kind for kind in KINDS if (sets / kind).is_dir()]
    if not kinds:
        raise UsageError(
            f"{sets}: no folder of damaged pictures ({', '.join(KINDS)}) is in it; "
            "scripts/damaged_sets.py makes them"
        )
    yield "| LPIPS / PSNR-Y / tone | " + " | ".join(kinds) + " | mean of the damaged |"
    yield "|---" * (len(kinds) + 2) + "|"
    for model in models:
        scores = []
        for kind, enlarge in methods(model, sets, kinds, scale):
            pictures = list(evaluate_folder(sets / kind, enlarge, scale, lpips))
            for picture in pictures:
                if picture.error is not None:
                    print(f"{kind}: {picture.error}", file=sys.stderr)
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
    enlarge = named_method(model, scale)
    for kind in kinds:
        yield kind, enlarge


def originals(folder: Path, scale: int) -> Enlarge:
    """In place of an enlarged picture its HR one, found by what its LR is."""
    by_lr = {}
    for path in image_paths(folder / "HR"):
        # what has no LR is not asked for either
        with contextlib.suppress(DatasetError, ImageReadError):
            hr, lr = benchmark_pair(path, folder / f"LR_x{scale}", scale)
            by_lr[lr.shape, lr.tobytes()] = hr
    return lambda lr: by_lr[lr.shape, lr.tobytes()]


def row(name: str, scores: Sequence[FolderScore]) -> str:
    """One line of the table."""
    damaged = [score for score in scores if score.name != "clean"]
    return f"| {name} | " + " | ".join(cell([s]) for s in scores) + f" | **{cell(damaged)}** |"


def cell(scores: Sequence[FolderScore]) -> str:
    """The means of some sets."""
    if not scores:
        return "-"
    known = [score.lpips for score in scores if score.lpips is not None]
    lpips = f"{sum(known) / len(known):.3f}" if len(known) == len(scores) else "-"
    psnr = sum(score.psnr_y for score in scores) / len(scores)
    tone = sum(score.tone for score in scores) / len(scores)
    return f"{lpips} / {psnr:.2f} / {tone:.2f}"


if __name__ == "__main__":
    run_script(main)
