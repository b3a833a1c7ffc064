"""``export``: a run's network as a model file."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import ClassVar

from srgan_desktop.core.base.arguments import path
from srgan_desktop.core.base.stop_signals import StopSignals
from srgan_desktop.core.base.translation import tr
from trainer.commands.options import Subparsers, add_command
from trainer.commands.report import Reporter
from trainer.run.events import Event

_CARD_FIELDS = ("name", "title", "description", "author", "licence")


@dataclass(frozen=True)
class Exported(Event):
    """The model file is complete on disk."""

    event: ClassVar[str] = "exported"
    path: str
    which: str


def add_to(commands: Subparsers, prog: str) -> None:
    parser = add_command(
        commands,
        "export",
        tr("Write a run's network as a model file, which the program and others can use."),
        tr(
            "examples:\n"
            "  {prog} export runs/first -o first.safetensors\n"
            "  {prog} export runs/first -o last.safetensors --which ema --half",
            prog=prog,
        ),
    )
    parser.add_argument("folder", type=path, metavar=tr("RUN"), help=tr("the run's folder"))
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        type=path,
        metavar=tr("FILE"),
        help=tr("model file to write, ending in .safetensors, or a folder"),
    )
    parser.add_argument(
        "--which",
        choices=("best", "last", "ema"),
        default="best",
        help=tr("weights that validated best (default), the last ones, or the last averaged ones"),
    )
    parser.add_argument("--overwrite", action="store_true", help=tr("replace a file of that name"))
    parser.add_argument("--half", action="store_true", help=tr("store half the precision"))
    for field in _CARD_FIELDS:
        parser.add_argument(
            f"--{field}",
            metavar=tr("TEXT"),
            help=tr("what the file says as its {field}", field=field),
        )
    parser.set_defaults(command=run)


def run(args: argparse.Namespace, report: Reporter, stop: StopSignals) -> int:
    from trainer.run.export import export_model
    from trainer.run.run_folder import RunFolder

    says = {field: getattr(args, field) for field in _CARD_FIELDS if getattr(args, field)}
    path = export_model(
        RunFolder(args.folder),
        args.output,
        args.which,
        overwrite=args.overwrite,
        half=args.half,
        says=says,
    )
    report.event(Exported(str(path), args.which))
    report.line(tr("wrote {path}", path=path))
    return 0
