"""``srgan-desktop evaluate``: scores of models on benchmark folders."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from srgan_desktop.cli.shared import CLASSIC, Command, add_detail, add_device, open_engine, say
from srgan_desktop.core.base.arguments import add_json, path
from srgan_desktop.core.base.console import Console, seconds_text
from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr

if TYPE_CHECKING:
    import numpy as np

    from srgan_desktop.core.engine.engine import Engine
    from trainer.evaluation.evaluate import FolderScore, ImageScore
    from trainer.evaluation.lpips import Lpips
    from trainer.evaluation.score_table import MethodScores

EXAMPLES = """\
  srgan-desktop evaluate --model srresnet-x4 Set5 Set14 BSD100
  srgan-desktop evaluate --model nearest,bicubic,lanczos,srresnet-x4 Set5 Set14 --report table.md
  srgan-desktop evaluate --model bicubic --scale 4 Set5 --json
  srgan-desktop evaluate --model my-model.safetensors holiday-photos/ --report scores.csv
"""
REPORT_ENDINGS = (".md", ".csv")

Enlarge = Callable[["np.ndarray"], "np.ndarray"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from srgan_desktop.core.base.defaults import PLAIN_MODEL

    parser.add_argument(
        "folders",
        nargs="+",
        type=path,
        metavar=tr("FOLDER"),
        help=tr("with HR/ and LR_x4/, or only pictures: LR is then made by antialiased bicubic"),
    )
    parser.add_argument(
        "--model",
        default=PLAIN_MODEL,
        metavar="A,B,C",
        help=tr(
            "models by name or file, and nearest, bicubic, lanczos (default: {name})",
            name=PLAIN_MODEL,
        ),
    )
    parser.add_argument(
        "--scale",
        type=int,
        choices=(2, 3, 4, 8),
        default=None,
        help=tr("only with nearest, bicubic and lanczos alone (default: 4)"),
    )
    parser.add_argument(
        "--lpips-weights",
        type=Path,
        default=None,
        metavar=tr("FILE"),
        help=tr("AlexNet's weights for LPIPS (default: looked for)"),
    )
    parser.add_argument(
        "--report",
        type=_report,
        action="append",
        default=[],
        metavar=tr("FILE"),
        help=tr("write the table to a file too: .md or .csv; may be given twice"),
    )
    add_detail(parser)
    add_device(parser)
    add_json(parser)


def _report(text: str) -> Path:
    file = path(text)
    if file.suffix.lower() not in REPORT_ENDINGS:
        message = tr("a report ends in .md or .csv, not {text}", text=repr(text))
        raise argparse.ArgumentTypeError(message)
    return file


def run(arguments: argparse.Namespace) -> int:
    """Print scores per picture and their means; exit code 1 where a picture has none."""
    from trainer.evaluation.evaluate import check_folder
    from trainer.evaluation.lpips import load_lpips, missing_weights
    from trainer.evaluation.score_table import MethodScores

    names = _names(arguments.model)
    _check_reports(arguments.report)
    scale = _scale(arguments, names)
    for folder in arguments.folders:
        check_folder(folder, scale)
    lpips = load_lpips(arguments.lpips_weights)
    if lpips is None:
        print(missing_weights(), file=sys.stderr)
    rows: list[MethodScores] = []
    for method, enlarge, way in _methods(arguments, names, scale):
        if not arguments.json:
            print(f"{method} x{scale}, {way}", flush=True)
        folders = tuple(
            _evaluate(folder, method, enlarge, scale, lpips, as_json=arguments.json)
            for folder in arguments.folders
        )
        rows.append(MethodScores(method, scale, folders))
        if not arguments.json:
            _print_table(folders)
    _write_reports(arguments.report, rows)
    return 1 if any(score.failed for row in rows for score in row.folders) else 0


def _names(text: str) -> list[str]:
    """A list, or one file whose name has a comma."""
    names = [text] if Path(text).exists() else [name.strip() for name in text.split(",")]
    names = list(dict.fromkeys(name for name in names if name))
    if not names:
        raise UsageError(tr("--model is empty; name at least one"))
    return names


def _methods(
    arguments: argparse.Namespace, names: list[str], scale: int
) -> Iterator[tuple[str, Enlarge, str]]:
    """Each method's name, how it enlarges, and that in words; one engine at a time."""
    from srgan_desktop.core.upscaling.upscale import enlarge_with
    from trainer.evaluation.evaluate import CLASSIC as METHODS

    for name in names:
        if name in CLASSIC:
            yield name, METHODS[name](scale), tr("classic method")
            continue
        engine = _engine(arguments, name)
        for warning in engine.warnings:
            say(tr("warning: {message}", message=warning))
        label = Path(name).stem if Path(name).is_file() else name
        yield label, enlarge_with(engine), engine.way


def _engine(arguments: argparse.Namespace, name: str) -> Engine:
    return open_engine(argparse.Namespace(**vars(arguments) | {"model": name}))


def _scale(arguments: argparse.Namespace, names: list[str]) -> int:
    """The one scale of all methods: a table of different ones would compare nothing."""
    from srgan_desktop.core.weights.catalogue import find_model
    from srgan_desktop.core.weights.third_party.open_model import card_of

    scales = {name: card_of(find_model(name)).config.scale for name in names if name not in CLASSIC}
    if not scales:
        return arguments.scale or 4
    if arguments.scale is not None:
        raise UsageError(tr("--scale goes with nearest, bicubic or lanczos; a model has its own"))
    if len(set(scales.values())) > 1:
        listed = ", ".join(f"{name} x{scale}" for name, scale in scales.items())
        raise UsageError(
            tr("models of different scales cannot stand in one table: {models}", models=listed)
        )
    return next(iter(scales.values()))


def _evaluate(
    folder: Path,
    method: str,
    enlarge: Enlarge,
    scale: int,
    lpips: Lpips | None,
    *,
    as_json: bool,
) -> FolderScore:
    from trainer.evaluation.evaluate import evaluate_folder, mean_score

    about = {"model": method, "folder": str(folder)}
    console = Console()
    scores: list[ImageScore] = []
    for score in evaluate_folder(folder, enlarge, scale, lpips):
        scores.append(score)
        if as_json:
            print(_json(score.to_json(), about), flush=True)
        else:
            _show_image(score, folder, console)
    mean = mean_score(folder.absolute().name, scores)
    if as_json:
        print(_json(mean.to_json(), about), flush=True)
    console.close()
    return mean


def _show_image(score: ImageScore, folder: Path, console: Console) -> None:
    if score.error is not None:
        console.close()
        say(tr("failed: {error}", error=score.error))
        return
    console.line(
        f"  {folder.absolute().name}/{score.name:<24} {score.psnr_y:6.2f} dB  "
        f"{score.ssim_y:.4f}  {seconds_text(score.seconds)}"
    )


def _json(line: str, about: dict[str, str]) -> str:
    return json.dumps(json.loads(line) | about)


def _print_table(scores: tuple[FolderScore, ...]) -> None:
    pictures, tone = tr("pictures"), tr("tone error")
    print(f"{'':20}{pictures:>10}{'PSNR-Y':>10}{'SSIM-Y':>9}{'LPIPS':>9}{tone:>20}")
    for score in scores:
        psnr = "-" if math.isnan(score.psnr_y) else f"{score.psnr_y:.3f}"
        ssim = "-" if math.isnan(score.ssim_y) else f"{score.ssim_y:.4f}"
        lpips = "-" if score.lpips is None else f"{score.lpips:.4f}"
        tone = "-" if math.isnan(score.tone) else f"{score.tone:.2f}, 99 %: {score.tone_p99:.2f}"
        print(f"{score.name:20}{score.images:>10}{psnr:>10}{ssim:>9}{lpips:>9}{tone:>20}")


def _check_reports(files: list[Path]) -> None:
    """Now rather than after an hour."""
    for file in files:
        if not file.absolute().parent.is_dir() or file.is_dir():
            raise UsageError(tr("{path}: cannot be a file; choose another place", path=file))


def _write_reports(files: list[Path], rows: list[MethodScores]) -> None:
    from srgan_desktop.core.weights.model_file import write_whole
    from trainer.evaluation.score_table import as_csv, as_markdown

    for file in files:
        text = as_markdown(rows) if file.suffix.lower() == ".md" else as_csv(rows)
        write_whole(file, text.encode())
        say(tr("wrote {path}", path=file))


COMMAND = Command(lambda: tr("score models on folders of pictures"), EXAMPLES, add_arguments, run)
