"""``check``: whether a folder is fit for training."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from srgan_desktop.core.base.arguments import path, positive_int
from srgan_desktop.core.base.console import bytes_text
from srgan_desktop.core.base.stop_signals import StopSignals
from srgan_desktop.core.base.translation import tr, trn
from trainer.commands.options import Subparsers, add_command
from trainer.commands.report import Reporter

if TYPE_CHECKING:
    from trainer.data.check import FolderReport

_LISTED = 20


def add_to(commands: Subparsers, prog: str) -> None:
    parser = add_command(
        commands,
        "check",
        tr("Look at a folder of photos: what is usable, what is not and why, what is doubled."),
        tr(
            "examples:\n"
            "  {prog} check photos\n"
            "  {prog} check photos --preset photo-x4\n"
            "  {prog} check photos --val holdout --crop 192\n"
            "  {prog} check photos --pairs small --scale 2\n"
            "exit code 0: usable, 1: not",
            prog=prog,
        ),
    )
    parser.add_argument("folder", type=path, metavar=tr("FOLDER"), help=tr("photos to train on"))
    parser.add_argument(
        "--val", type=path, metavar=tr("FOLDER"), help=tr("validation photos, to find overlap")
    )
    parser.add_argument(
        "--preset",
        default="srresnet-x4",
        metavar=tr("NAME"),
        help=tr("that is to be trained on them: a name, or a TOML file (srresnet-x4)"),
    )
    parser.add_argument(
        "--crop",
        type=positive_int,
        metavar="N",
        help=tr("data.crop (default: the preset's)"),
    )
    parser.add_argument(
        "--scale", type=int, choices=(2, 3, 4, 8), help=tr("factor (default: the preset's)")
    )
    parser.add_argument(
        "--pairs",
        type=path,
        metavar=tr("FOLDER"),
        help=tr("your own small pictures of the photos, to find what does not match"),
    )
    parser.set_defaults(command=run)


def run(args: argparse.Namespace, report: Reporter, stop: StopSignals) -> int:
    from trainer.config.presets import load_preset
    from trainer.data.check import FolderReport, check_folder
    from trainer.data.degradations import margin_of
    from trainer.run.events import Checking

    usable = False
    config = load_preset(args.preset)
    events = check_folder(
        args.folder,
        args.val,
        crop=args.crop or config.data.crop,
        scale=args.scale or config.generator.scale,
        margin=margin_of(config) > 0,
        pairs=args.pairs,
    )
    for event in events:
        report.event(event)
        if isinstance(event, Checking):
            text = tr("looked at {done} of {total} pictures", done=event.done, total=event.total)
            report.progress(event.done / event.total, text)
        elif isinstance(event, FolderReport):
            usable = event.is_usable
            for line in _lines(event):
                report.line(line)
    return 0 if usable else 1


def _lines(found: FolderReport) -> Iterator[str]:
    yield tr(
        "{usable} of {n} pictures are usable at x{scale} with crops of {crop} pixels",
        usable=found.usable,
        n=found.pictures,
        scale=found.scale,
        crop=found.crop,
    )
    yield from _listed(tr("unusable:"), [f"{item.path}: {item.message}" for item in found.unusable])
    if found.pairs is not None:
        yield trn("{n} pair", "{n} pairs", found.pairs)
        yield from _listed(tr("small pictures without a photo:"), list(map(str, found.small_alone)))
    if found.sizes:
        yield tr("short sides:")
    for low, high, count in found.sizes:
        span = tr("{low} and more", low=low) if high is None else f"{low} .. {high - 1}"
        yield f"    {span:>14} px  {count}"
    yield from _listed(
        tr("exact duplicates:"), [" = ".join(map(str, group)) for group in found.exact_duplicates]
    )
    yield from _listed(
        tr("look-alikes:"), [" ~ ".join(map(str, group)) for group in found.near_duplicates]
    )
    if found.grey:
        share = found.grey / found.usable
        yield trn("{n} grey picture", "{n} grey pictures", found.grey) + f" ({share:.0%})"
    yield _bytes_text(found)
    yield from _listed(
        tr("in both training and validation:"), [f"{a} ~ {b}" for a, b in found.overlap]
    )
    if found.validation_pictures is not None and not found.overlap:
        n = found.validation_pictures
        yield trn(
            "no overlap with {n} validation picture",
            "no overlap with {n} validation pictures",
            n,
        )


def _bytes_text(found: FolderReport) -> str:
    text = tr("{size} in memory", size=bytes_text(found.decoded_bytes))
    if found.memory_bytes is None:
        return text
    text += tr(" of {free} free memory", free=bytes_text(found.memory_bytes))
    if found.decoded_bytes > found.memory_bytes / 2:
        text += tr(": too much, data.memory_gib decides how many are used")
    return text


def _listed(heading: str, items: list[str]) -> Iterator[str]:
    if items:
        yield heading
    for item in items[:_LISTED]:
        yield f"    {item}"
    if len(items) > _LISTED:
        more = len(items) - _LISTED
        yield "    " + trn("and {n} more", "and {n} more", more)
