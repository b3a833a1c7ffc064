"""``preview``: what the network will be shown, before a run is begun."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import ClassVar

from srgan_desktop.core.base.arguments import path, positive_int
from srgan_desktop.core.base.stop_signals import StopSignals
from srgan_desktop.core.base.translation import tr
from trainer.commands.options import Subparsers, add_command, add_recipe, config_of
from trainer.commands.report import Reporter
from trainer.run.events import Event


@dataclass(frozen=True)
class Previewed(Event):
    """The sheet is complete on disk."""

    event: ClassVar[str] = "previewed"
    path: str


def add_to(commands: Subparsers, prog: str) -> None:
    parser = add_command(
        commands,
        "preview",
        tr("Put what a preset makes of your photos before it trains on them on one sheet."),
        tr(
            "examples:\n"
            "  {prog} preview --preset photo-x4 --data photos -o sheet.png\n"
            "  {prog} preview --preset photo-x4 --data photos -o mild.png "
            "--set degradation.strength=0.5",
            prog=prog,
        ),
    )
    add_recipe(parser)
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        type=path,
        metavar=tr("FILE"),
        help=tr("PNG file to write"),
    )
    parser.add_argument("--overwrite", action="store_true", help=tr("replace a file of that name"))
    parser.add_argument(
        "--photos", type=positive_int, default=6, metavar="N", help=tr("photos to show (6)")
    )
    parser.add_argument(
        "--variants",
        type=positive_int,
        default=4,
        metavar="N",
        help=tr("how often each is degraded (4)"),
    )
    parser.add_argument(
        "--size",
        type=positive_int,
        default=192,
        metavar="N",
        help=tr("side of the pieces that are shown, in pixels (192)"),
    )
    parser.set_defaults(command=run)


def run(args: argparse.Namespace, report: Reporter, stop: StopSignals) -> int:
    from trainer.evaluation.preview import preview_sheet, write_sheet

    sheet = preview_sheet(
        config_of(args),
        args.data,
        args.pairs,
        pictures=args.photos,
        variants=args.variants,
        side=args.size,
    )
    write_sheet(args.output, sheet, overwrite=args.overwrite)
    report.event(Previewed(str(args.output)))
    report.line(tr("wrote {path}", path=args.output))
    return 0
