"""``srgan-desktop benchmark``: speed, memory and truth of each way to run here."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from srgan_desktop.cli.shared import Command, add_model
from srgan_desktop.core.base.arguments import add_json, path, positive_int, thread_count
from srgan_desktop.core.base.console import bytes_text, seconds_text
from srgan_desktop.core.base.errors import DatasetError
from srgan_desktop.core.base.translation import tr

if TYPE_CHECKING:
    from srgan_desktop.core.backends import Backend
    from srgan_desktop.core.engine.benchmark import Measured, Score

EXAMPLES = """\
  srgan-desktop benchmark
  srgan-desktop benchmark --size 640x480 --json
  srgan-desktop benchmark --device cuda --size 1920x1080
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    parser.add_argument(
        "--size",
        type=_size,
        default=(320, 240),
        metavar="WxH",
        help=tr("size of the picture to enlarge (default: 320x240)"),
    )
    parser.add_argument(
        "--device",
        default="auto",
        metavar="auto|cpu|cuda[:N]|xpu|mps",
        help=tr("where to compute (default: auto)"),
    )
    parser.add_argument(
        "--threads", type=thread_count, default=0, metavar="N", help=tr("processor threads")
    )
    parser.add_argument(
        "--runs",
        type=positive_int,
        default=3,
        metavar="N",
        help=tr("runs of each way; the median counts (default: 3)"),
    )
    parser.add_argument(
        "--photos",
        type=path,
        default=None,
        metavar=tr("FOLDER"),
        help=tr("also score each way on this folder, as evaluate does (default: the sample photo)"),
    )
    add_json(parser)


def _size(text: str) -> tuple[int, int]:
    sides = re.fullmatch("([1-9][0-9]{0,4})[xX]([1-9][0-9]{0,4})", text)
    if sides is None:
        raise argparse.ArgumentTypeError(tr("a size is written 640x480, not {text}", text=text))
    return int(sides[1]), int(sides[2])


def run(arguments: argparse.Namespace) -> int:
    """Print a line for each way as it is measured; exit code 0."""
    from srgan_desktop.core.base import app_paths as places
    from srgan_desktop.core.engine.benchmark import measure_ways, to_json
    from srgan_desktop.core.weights.catalogue import find_model

    model = find_model(arguments.model)
    photos = arguments.photos or places.resources() / "samples"
    if not arguments.json:
        width, height = arguments.size
        _print_head(model, width, height, photos)
    for measured in measure_ways(
        model,
        arguments.size,
        arguments.device,
        arguments.threads,
        arguments.runs,
        _score_on(photos, model),
    ):
        print(to_json(measured) if arguments.json else _line(measured), flush=True)
    if arguments.json:
        print(json.dumps({"event": "finished"}))
    return 0


def _score_on(photos: Path, model: Path) -> Score:
    from srgan_desktop.core.engine.engine import Engine
    from srgan_desktop.core.upscaling.upscale import enlarge_with
    from srgan_desktop.core.weights.third_party.open_model import open_model
    from trainer.evaluation.evaluate import check_folder, evaluate_folder, mean_score

    generator, card = open_model(model)
    check_folder(photos, card.scale)

    def score(backend: Backend) -> float:
        engine = Engine.with_backend(generator, card, backend)
        scores = list(evaluate_folder(photos, enlarge_with(engine), engine.scale))
        mean = mean_score(photos.name, scores)
        if mean.failed == len(scores):
            raise DatasetError(
                tr(
                    "{folder}: none of its pictures can be scored: {reason}",
                    folder=photos,
                    reason=scores[0].error,
                )
            )
        return mean.psnr_y

    return score


def _print_head(model: Path, width: int, height: int, photos: Path) -> None:
    print(
        tr(
            "{model} on {width} x {height} pixels; PSNR-Y on {photos}:",
            model=model.stem,
            width=width,
            height=height,
            photos=photos,
        )
    )
    titles = (tr("time"), tr("speed"), tr("PSNR to fp32"), "PSNR-Y", tr("memory"))
    print(f"{'':20}{titles[0]:>10}{titles[1]:>9}{titles[2]:>16}{titles[3]:>13}{titles[4]:>11}")


def _line(measured: Measured) -> str:
    psnr = "-" if measured.psnr_db is None else f"{measured.psnr_db:.1f} dB"
    psnr_y = "-" if measured.psnr_y is None else f"{measured.psnr_y:.3f} dB"
    memory = "-" if measured.peak_bytes is None else bytes_text(measured.peak_bytes)
    chosen = "  <- " + tr("used here") if measured.chosen else ""
    return (
        f"{measured.way:20}{seconds_text(measured.seconds):>10}{measured.speed:>8.2f}x"
        f"{psnr:>16}{psnr_y:>13}{memory:>11}{chosen}"
    )


COMMAND = Command(
    lambda: tr("measure speed, memory and agreement of each way to run here"),
    EXAMPLES,
    add_arguments,
    run,
)
