"""``srgan-desktop evaluate``: scores of a model on benchmark folders."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from srgan_desktop.cli.shared import (
    CLASSIC,
    Command,
    add_device,
    add_json,
    add_model,
    open_engine,
    path,
    say,
)
from srgan_desktop.core.console import Console, seconds_text
from srgan_desktop.core.translation import tr

if TYPE_CHECKING:
    import numpy as np

    from trainer.evaluation import FolderScore, ImageScore

EXAMPLES = """\
  srgan-desktop evaluate --model srresnet-x4 Set5 Set14 BSD100
  srgan-desktop evaluate --model bicubic --scale 4 Set5 --json
  srgan-desktop evaluate --model my-model.safetensors holiday-photos/
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folders", nargs="+", type=path, metavar=tr("FOLDER"),
        help=tr("with HR/ and LR_x4/, or only pictures: LR is then made by antialiased bicubic"),
    )  # fmt: skip
    add_model(parser)
    parser.add_argument(
        "--scale", type=int, choices=(2, 3, 4, 8), default=None,
        help=tr("only with --model nearest, bicubic or lanczos (default: 4)"),
    )  # fmt: skip
    parser.add_argument(
        "--lpips-weights", type=Path, default=None, metavar=tr("FILE"),
        help=tr("AlexNet's weights for LPIPS (default: looked for)"),
    )  # fmt: skip
    add_device(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print scores per picture and their means; exit code 1 where a picture has none."""
    from trainer.evaluation import evaluate_folder, mean_score
    from trainer.lpips import load_lpips, missing_weights

    enlarge, scale, way = _enlarger(arguments)
    lpips = load_lpips(arguments.lpips_weights)
    if lpips is None:
        print(missing_weights(), file=sys.stderr)
    if not arguments.json:
        print(f"{arguments.model} x{scale}, {way}")
    console = Console()
    folder_scores: list[FolderScore] = []
    for folder in arguments.folders:
        scores: list[ImageScore] = []
        for score in evaluate_folder(folder, enlarge, scale, lpips):
            scores.append(score)
            _show_image(score, folder, console, as_json=arguments.json)
        folder_scores.append(mean_score(folder.absolute().name, scores))
        if arguments.json:
            print(_json(folder_scores[-1].to_json(), folder), flush=True)
    console.close()
    if not arguments.json:
        _print_table(folder_scores)
    return 1 if any(score.failed for score in folder_scores) else 0


def _enlarger(
    arguments: argparse.Namespace,
) -> tuple[Callable[[np.ndarray], np.ndarray], int, str]:
    """How pictures are enlarged, by how much, and in words."""
    from srgan_desktop.core.errors import UsageError
    from trainer import evaluation

    if arguments.model in CLASSIC:
        scale = arguments.scale or 4
        return evaluation.CLASSIC[arguments.model](scale), scale, tr("classic method")
    if arguments.scale is not None:
        raise UsageError(tr("--scale goes with nearest, bicubic or lanczos; a model has its own"))
    from srgan_desktop.core.upscale import enlarge_with

    engine = open_engine(arguments)
    for warning in engine.warnings:
        say(tr("warning: {message}", message=warning))
    return enlarge_with(engine), engine.scale, engine.way


def _show_image(score: ImageScore, folder: Path, console: Console, *, as_json: bool) -> None:
    if as_json:
        print(_json(score.to_json(), folder), flush=True)
    elif score.error is not None:
        console.close()
        say(tr("failed: {error}", error=score.error))
    else:
        console.line(
            f"  {folder.absolute().name}/{score.name:<24} {score.psnr_y:6.2f} dB  "
            f"{score.ssim_y:.4f}  {seconds_text(score.seconds)}"
        )


def _json(line: str, folder: Path) -> str:
    return json.dumps(json.loads(line) | {"folder": str(folder)})


def _print_table(scores: list[FolderScore]) -> None:
    print(f"{'':20}{tr('pictures'):>10}{'PSNR-Y':>10}{'SSIM-Y':>9}{'LPIPS':>9}")
    for score in scores:
        psnr = "-" if math.isnan(score.psnr_y) else f"{score.psnr_y:.3f}"
        ssim = "-" if math.isnan(score.ssim_y) else f"{score.ssim_y:.4f}"
        lpips = "-" if score.lpips is None else f"{score.lpips:.4f}"
        print(f"{score.name:20}{score.images:>10}{psnr:>10}{ssim:>9}{lpips:>9}")


COMMAND = Command(lambda: tr("score a model on folders of pictures"), EXAMPLES, add_arguments, run)
