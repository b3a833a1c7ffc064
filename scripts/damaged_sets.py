"""Make the damaged sets that models of real photos are judged by, from any folder of photos.

    python scripts/damaged_sets.py PHOTOS -o OUT --seed 7 --count 20
    srgan-desktop evaluate --model photo-x4 OUT/phone OUT/scan

Writes OUT/clean, phone, messenger, scan, night and web, each with HR and LR_x4, which
``srgan-desktop evaluate`` and ``scripts/judge_photo_models.py`` read. The same photos, seed and
count give the same files.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import DatasetError, UsageError
from srgan_desktop.core.base.leaving import run_script
from trainer.data.dataset import decode, image_paths
from trainer.evaluation.damage import KINDS, damaged


def main() -> None:
    """Parse, damage, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0, help="of the noise, and of which photos")
    parser.add_argument("--count", type=int, help="so many of the photos (default: all)")
    parser.add_argument("--shuffle", action="store_true", help="drawn by the seed, not the first")
    parser.add_argument("--scale", type=int, default=4)
    parser.add_argument("--crop", type=int, help="only the middle, of so many pixels at most")
    arguments = parser.parse_args()
    paths = image_paths(arguments.photos)
    if arguments.shuffle:
        paths = [paths[i] for i in np.random.default_rng(arguments.seed).permutation(len(paths))]
    paths = paths[: arguments.count]
    refuse_twins(paths)
    for index, path in enumerate(paths):
        photo = middle(decode(path, 3), arguments.crop)
        try:
            for target, pixels in files(photo, path.stem, index, arguments):
                write(target, pixels)
        except DatasetError as error:
            raise DatasetError(f"{path}: {error}") from error
    print(f"{arguments.output}: {len(paths)} photos")


def refuse_twins(paths: Sequence[Path]) -> None:
    """Photos whose files here would have the same name, such as a.jpg and a.png."""
    by_stem: dict[str, Path] = {}
    for path in paths:
        other = by_stem.setdefault(path.stem, path)
        if other != path:
            raise UsageError(
                f"{path}: would be written over {other.name}, as {path.stem}.png; rename one"
            )


def write(path: Path, pixels: np.ndarray) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic.replace_file(path) as new:
        Image.fromarray(pixels).save(new.file, "png")


def middle(photo: np.ndarray, side: int | None) -> np.ndarray:
    """``photo`` (H, W, C), or its middle where it is larger than ``side``."""
    if side is None:
        return photo
    top, left = (max(0, (n - side) // 2) for n in photo.shape[:2])
    return photo[top : top + side, left : left + side]


def files(
    photo: np.ndarray, name: str, index: int, arguments: argparse.Namespace
) -> Iterator[tuple[Path, np.ndarray]]:
    """What is written for one photo."""
    for kind in KINDS:
        hr, lr = damaged(photo, kind, arguments.scale, arguments.seed, index)
        folder = arguments.output / kind
        yield folder / "HR" / f"{name}.png", hr
        yield folder / f"LR_x{arguments.scale}" / f"{name}.png", lr


if __name__ == "__main__":
    run_script(main)
