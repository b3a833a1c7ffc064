"""Scores on benchmark folders: how near enlarged pictures come to the originals.

PSNR and SSIM are taken as ``trainer.evaluation.metrics`` says, with ``scale`` border pixels
cropped; the tone error compares with the small picture. A folder holds ``HR`` and ``LR_x{scale}``
with equal file names, as the published benchmarks do, or only pictures, whose LR is then made by
antialiased bicubic.
"""

from __future__ import annotations

import glob
import math
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from PIL import Image

from srgan_desktop.core.base.errors import DatasetError, ImageReadError, UsageError
from srgan_desktop.core.base.paths import is_folder
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.io import probe
from srgan_desktop.core.images.resize import resize
from trainer.data.dataset import decode, image_paths
from trainer.data.degradations import bicubic_lr_large
from trainer.evaluation import metrics
from trainer.evaluation.lpips import LEAST_SIDE, Lpips
from trainer.evaluation.tone import tone_error
from trainer.run.events import Event

# uint8 (h, w, 1 or 3) to uint8 (h * scale, w * scale, as many)
Enlarge = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class ImageScore(Event):
    """One picture's scores, or why it has none.

    Attributes:
        name: the file's name without its ending.
        width, height: of the enlarged picture, in pixels.
        psnr_y: in dB; infinite for equal pictures.
        ssim_y: up to 1; nan for a picture too small for its window.
        lpips: None without its weights, or for a picture too small for it.
        seconds: that enlarging took.
        error: why this picture could not be scored; the numbers are nan then.
        tone, tone_p99: mean and 99th percentile of the tone error, in levels of 255.
    """

    event: ClassVar[str] = "image"
    name: str
    width: int
    height: int
    psnr_y: float
    ssim_y: float
    lpips: float | None
    seconds: float
    error: str | None = None
    tone: float = math.nan
    tone_p99: float = math.nan


@dataclass(frozen=True)
class FolderScore(Event):
    """Means over the pictures of a folder that have scores; ``failed`` have none."""

    event: ClassVar[str] = "folder"
    name: str
    images: int
    failed: int
    psnr_y: float
    ssim_y: float
    lpips: float | None
    seconds: float
    tone: float = math.nan
    tone_p99: float = math.nan


def evaluate_folder(
    folder: Path, enlarge: Enlarge, scale: int, lpips: Lpips | None = None
) -> Generator[ImageScore, None, FolderScore]:
    """Enlarge the LR pictures of ``folder`` and compare them with the HR ones.

    A grey picture (one channel in its file) is handed over with one channel. LR larger than
    HR / scale is cropped to it, and HR to LR * scale.

    Returns:
        (as the generator's result) the folder's means.

    Raises:
        UsageError: the folder, or its LR_x folder where there is an HR one, is missing.
        DatasetError: no picture in it.
    """
    hr_folder, lr_folder = _folders(folder, scale)
    scores = []
    for path in image_paths(hr_folder):
        try:
            hr, lr = benchmark_pair(path, lr_folder, scale)
            score = _score(path.stem, hr, lr, enlarge, scale, lpips)
        except (ImageReadError, DatasetError) as error:
            score = ImageScore(path.stem, 0, 0, math.nan, math.nan, None, 0.0, str(error))
        scores.append(score)
        yield score
    return mean_score(folder.name, scores)


def check_folder(folder: Path, scale: int) -> None:
    """Find out whether there is anything to evaluate. Raises as ``evaluate_folder``."""
    image_paths(_folders(folder, scale)[0])


def _folders(folder: Path, scale: int) -> tuple[Path, Path | None]:
    if not is_folder(folder):
        raise UsageError(tr("{folder}: there is no such folder", folder=folder))
    if not is_folder(folder / "HR"):
        return folder, None
    lr_folder = folder / f"LR_x{scale}"
    if not is_folder(lr_folder):
        raise UsageError(
            tr(
                "{folder}: has a folder HR but none called {wanted}; add it, or evaluate the "
                "folder HR itself",
                folder=folder,
                wanted=lr_folder.name,
            )
        )
    return folder / "HR", lr_folder


def benchmark_pair(path: Path, lr_folder: Path | None, scale: int) -> tuple[np.ndarray, np.ndarray]:
    """HR and LR, uint8 (H, W, C) and (H / scale, W / scale, C), cropped to each other.

    Args:
        path: of the HR picture.
        lr_folder: with an LR of its name; None: LR is made of it by antialiased bicubic.

    Raises:
        ImageReadError, DatasetError: one cannot be read, is missing, or is too small.
    """
    hr = decode(path, _channels(path))
    lr = None if lr_folder is None else decode(_lr_of(path, lr_folder), hr.shape[2])
    sides = [n // scale for n in hr.shape[:2]]
    if lr is not None:
        sides = [min(both) for both in zip(lr.shape[:2], sides, strict=True)]
    height, width = sides
    if not height or not width:
        raise DatasetError(tr("{path}: too small to be enlarged to", path=path))
    hr = hr[: height * scale, : width * scale]
    if lr is None:
        return hr, _to_array(bicubic_lr_large(_to_tensor(hr), scale))
    return hr, lr[:height, :width]


def _channels(path: Path) -> int:
    try:
        return probe(path).channels
    except ImageReadError:
        return 3  # reading it whole will say what is wrong


def _lr_of(path: Path, lr_folder: Path) -> Path:
    same = lr_folder / path.name
    if same.is_file():
        return same
    for other in sorted(lr_folder.glob(f"{glob.escape(path.stem)}.*")):
        return other
    raise DatasetError(tr("{path}: is missing", path=same))


def _score(
    name: str, hr: np.ndarray, lr: np.ndarray, enlarge: Enlarge, scale: int, lpips: Lpips | None
) -> ImageScore:
    began = time.perf_counter()
    sr = enlarge(lr)
    seconds = time.perf_counter() - began
    if sr.shape != hr.shape:
        raise DatasetError(
            tr(
                "{name}: was enlarged to {got}, not {wanted}; is the model of another scale?",
                name=name,
                got=f"{sr.shape[1]} x {sr.shape[0]}",
                wanted=f"{hr.shape[1]} x {hr.shape[0]}",
            )
        )
    a, b = _to_tensor(sr), _to_tensor(hr)
    tone = tone_error(a, _to_tensor(lr))
    return ImageScore(
        name,
        hr.shape[1],
        hr.shape[0],
        metrics.psnr_y(a, b, scale),
        metrics.ssim_y(a, b, scale),
        _lpips(lpips, a, b),
        seconds,
        tone=tone.mean,
        tone_p99=tone.p99,
    )


def _lpips(metric: Lpips | None, a: torch.Tensor, b: torch.Tensor) -> float | None:
    """Over the whole pictures, borders included, as published figures are."""
    if metric is None or min(a.shape[-2:]) < LEAST_SIDE:
        return None
    with torch.no_grad():
        return float(metric(a[None] / 255, b[None] / 255))


def mean_score(name: str, scores: Sequence[ImageScore]) -> FolderScore:
    """The folder's means; nan where nothing has a score."""
    good = [score for score in scores if score.error is None]
    lpips = [score.lpips for score in good if score.lpips is not None]
    return FolderScore(
        name,
        len(good),
        len(scores) - len(good),
        _mean([score.psnr_y for score in good]),
        _mean([score.ssim_y for score in good]),
        _mean(lpips) if lpips else None,
        sum(score.seconds for score in good),
        _mean([score.tone for score in good]),
        _mean([score.tone_p99 for score in good]),
    )


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan


def _to_tensor(pixels: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.array(pixels)).permute(2, 0, 1).float()


def _to_array(picture: torch.Tensor) -> np.ndarray:
    pixels: np.ndarray = picture.clamp(0, 255).round().byte().permute(1, 2, 0).numpy()
    return pixels


def nearest(scale: int) -> Enlarge:
    """Every pixel repeated."""
    return lambda lr: lr.repeat(scale, axis=0).repeat(scale, axis=1)


def bicubic(scale: int) -> Enlarge:
    """As MATLAB's imresize: the usual line to beat."""
    return lambda lr: _to_array(resize(_to_tensor(lr), lr.shape[0] * scale, lr.shape[1] * scale))


def lanczos(scale: int) -> Enlarge:
    """Pillow's Lanczos filter, three lobes."""

    def enlarge(lr: np.ndarray) -> np.ndarray:
        picture = Image.fromarray(lr[..., 0] if lr.shape[2] == 1 else lr)
        size = (lr.shape[1] * scale, lr.shape[0] * scale)
        pixels = np.asarray(picture.resize(size, Image.Resampling.LANCZOS))
        return pixels[..., None] if pixels.ndim == 2 else pixels

    return enlarge


CLASSIC: dict[str, Callable[[int], Enlarge]] = {
    "nearest": nearest,
    "bicubic": bicubic,
    "lanczos": lanczos,
}
