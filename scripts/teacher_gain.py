"""What a teacher is worth to somebody with few photos and little time.

    python scripts/teacher_gain.py PHOTOS UNSEEN --teacher MODEL [--minutes 20] [--photos 40]

Two trainings from nothing on the same photos, one with the teacher and one without, each for the
same minutes on the clock (the teacher's answers are made within them). Then both enlarge photos
that neither has seen. Prints how near each comes to the teacher's results and to the truth: PSNR-Y
in dB, the mean over the unseen photos.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from train_for import train_for  # noqa: E402

from srgan_desktop.core.base.leaving import run_script  # noqa: E402
from srgan_desktop.core.engine.engine import open_engine  # noqa: E402
from srgan_desktop.core.upscaling.upscale import enlarge_with  # noqa: E402
from srgan_desktop.core.weights.catalogue import find_model  # noqa: E402
from trainer.data.dataset import decode, image_paths  # noqa: E402
from trainer.data.degradations import bicubic_lr_large  # noqa: E402
from trainer.evaluation.metrics import psnr_y  # noqa: E402

Pixels = NDArray[np.uint8]
SIDE = 384  # of the unseen photos' middle


def main() -> int:
    """Parse, train twice, compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path, metavar="PHOTOS")
    parser.add_argument("unseen", type=Path, metavar="UNSEEN")
    parser.add_argument("--teacher", required=True)
    parser.add_argument("--preset", default="srresnet-quick")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--photos", type=int, default=40)
    parser.add_argument("--unseen-photos", type=int, default=20)
    parser.add_argument("--set", action="append", default=[], dest="settings")
    parser.add_argument("--out", type=Path, help="keep the runs here")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        out = chosen.out or Path(passing)
        few = out / "photos"
        few.mkdir(parents=True)
        for path in drawn(chosen.data, chosen.photos):
            shutil.copy(path, few)
        alike = chosen.minutes, chosen.preset, few
        without = train_for(*alike, out / "without", chosen.settings)
        taught = train_for(*alike, out / "with", chosen.settings, "--teacher", chosen.teacher)
        models = {"without a teacher": without.final_model, "with it": taught.final_model}
        pictures = [middle(decode(path, 3)) for path in drawn(chosen.unseen, chosen.unseen_photos)]
        compare(pictures, find_model(chosen.teacher), models)
    return 0


def drawn(folder: Path, count: int) -> list[Path]:
    """``count`` photos of a folder, by chance and always the same."""
    paths = image_paths(folder)
    return sorted(random.Random(1).sample(paths, min(count, len(paths))))


def middle(pixels: Pixels) -> Pixels:
    """At most SIDE pixels of each side, and a multiple of four."""
    height, width = (min(SIDE, length) // 4 * 4 for length in pixels.shape[:2])
    top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
    return pixels[top : top + height, left : left + width]


def compare(pictures: list[Pixels], teacher: Path, models: dict[str, Path]) -> None:
    """A Markdown table."""
    small = [as_pixels(bicubic_lr_large(as_tensor(picture), 4)) for picture in pictures]
    answers = enlarged(small, teacher)
    print("| | to the teacher | to the truth |\n|---|---|---|")
    print(f"| the teacher | | {mean_psnr(answers, pictures):.2f} dB |")
    for name, model in models.items():
        results = enlarged(small, model)
        near, true = mean_psnr(results, answers), mean_psnr(results, pictures)
        print(f"| {name} | {near:.2f} dB | {true:.2f} dB |", flush=True)


def enlarged(small: list[Pixels], model: Path) -> list[Pixels]:
    enlarge = enlarge_with(open_engine(model))
    return [enlarge(pixels) for pixels in small]


def mean_psnr(results: list[Pixels], wanted: list[Pixels]) -> float:
    pairs = zip(results, wanted, strict=True)
    return float(np.mean([psnr_y(as_tensor(one), as_tensor(other), 4) for one, other in pairs]))


def as_tensor(pixels: Pixels) -> torch.Tensor:
    """(H, W, C) to float32 (C, H, W), 0..255."""
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1).float()


def as_pixels(x: torch.Tensor) -> Pixels:
    return x.round().byte().permute(1, 2, 0).contiguous().numpy()


if __name__ == "__main__":
    run_script(main)
