"""Which model suits most pictures: scores on photos whose small versions are as people have them.

    python scripts/compare_default_models.py PHOTOS --lpips-weights FILE \
        --models bicubic,srresnet-x4,srgan-x4:50,srgan-x4,photo-x4

PHOTOS is a folder of large photos that no model was trained on. Their small versions are made by
antialiased bicubic and then left clean, compressed as JPEG, or given noise and compressed. Prints a
Markdown table of LPIPS (how much a result looks like the original to people; less is better) and
PSNR-Y for each kind, and the means. NAME:50 is the blend at detail 50.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
import torch
from PIL import Image

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.leaving import run_script
from trainer.data.dataset import decode, image_paths
from trainer.data.degradations import bicubic_lr_large
from trainer.evaluation.evaluate import FolderScore, evaluate_folder, mean_score
from trainer.evaluation.lpips import load_lpips, missing_weights
from trainer.evaluation.named_method import named_method

Pixels = np.ndarray


def jpeg(quality: int, noise: float = 0.0) -> Callable[[Pixels], Pixels]:
    """Gaussian noise of that sigma, of 255, then JPEG."""

    def damage(pixels: Pixels) -> Pixels:
        grain = np.random.default_rng(0).normal(0, noise, pixels.shape)
        noisy = (pixels + grain).clip(0, 255).round().astype(np.uint8)
        file = io.BytesIO()
        Image.fromarray(noisy).save(file, "jpeg", quality=quality)
        with Image.open(file) as image:
            return np.asarray(image.convert("RGB"))

    return damage


KINDS: dict[str, Callable[[Pixels], Pixels]] = {
    "clean": lambda pixels: pixels,
    "JPEG 90": jpeg(90),
    "JPEG 75": jpeg(75),
    "JPEG 50": jpeg(50),
    "noise 6, JPEG 75": jpeg(75, noise=6),
}


def main() -> None:
    """Parse, make the small pictures, score, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--models", required=True)
    parser.add_argument("--lpips-weights", type=Path, required=True)
    parser.add_argument("--scale", type=int, default=4)
    arguments = parser.parse_args()
    lpips = load_lpips(arguments.lpips_weights)
    if lpips is None:
        raise UsageError(missing_weights())
    print("| LPIPS / PSNR-Y | " + " | ".join(KINDS) + " | mean |")
    print("|---" * (len(KINDS) + 2) + "|")
    with tempfile.TemporaryDirectory() as folder:
        for kind, damage in KINDS.items():
            make_pairs(arguments.photos, Path(folder) / kind, damage, arguments.scale)
        for name in arguments.models.split(","):
            enlarge = named_method(name, arguments.scale)
            scores = [
                mean_score(
                    kind,
                    list(evaluate_folder(Path(folder) / kind, enlarge, arguments.scale, lpips)),
                )
                for kind in KINDS
            ]
            print(row(name, scores), flush=True)


def make_pairs(photos: Path, folder: Path, damage: Callable[[Pixels], Pixels], scale: int) -> None:
    """HR and LR_x in ``folder``, as PNG."""
    for number, path in enumerate(image_paths(photos)):
        hr = decode(path, 3)
        height, width = (n // scale * scale for n in hr.shape[:2])
        hr = hr[:height, :width]
        small = bicubic_lr_large(torch.from_numpy(hr.copy()).permute(2, 0, 1).float(), scale)
        lr = small.clamp(0, 255).round().byte().permute(1, 2, 0).numpy()
        for name, pixels in (("HR", hr), (f"LR_x{scale}", damage(lr))):
            # a.jpg and a.png, or those of two folders, are two photos
            target = folder / name / f"{number:04}_{path.stem}.png"
            target.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(target)


def row(name: str, scores: list[FolderScore]) -> str:
    """One line of the table."""
    found = [cast(float, score.lpips) for score in scores]
    pairs = zip(found, scores, strict=True)
    cells = [f"{lpips:.3f} / {score.psnr_y:.2f}" for lpips, score in pairs]
    lpips = sum(found) / len(found)
    psnr = sum(score.psnr_y for score in scores) / len(scores)
    return f"| {name} | " + " | ".join(cells) + f" | **{lpips:.3f}** / {psnr:.2f} |"


if __name__ == "__main__":
    run_script(main)
