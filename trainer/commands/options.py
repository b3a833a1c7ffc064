"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srgan_desktop.core.base.arguments import DEVICES, add_json, path, positive_int
from srgan_desktop.core.base.paths import is_file
from srgan_desktop.core.base.translation import tr

if TYPE_CHECKING:
    from trainer.config.run_config import RunConfig

Subparsers = Any  # argparse gives its type no public name

_UNITS = ("d|days?|天", "h|hours?|小时", "m|min|mins|minutes?|分钟?", "s|sec|secs|seconds?|秒")
# each at most once, the larger ones first
_DURATION = re.compile(r"\s*".join(rf"(?:(\d+(?:\.\d+)?)\s*(?:{unit}))?" for unit in _UNITS))
_UNITS_S = (86400, 3600, 60, 1)


def add_command(
    commands: Subparsers, name: str, description: str, examples: str
) -> argparse.ArgumentParser:
    """A command's parser with what all of them have: examples, --json and --debug."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=description,
        description=description,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_json(parser)
    parser.add_argument(
        "--debug", action="store_true", help=tr("show where an unexpected error came from")
    )
    return parser


def add_recipe(parser: argparse.ArgumentParser) -> None:
    """--preset, --data, --pairs, --real, --device, --set, --threads."""
    parser.add_argument(
        "--preset", required=True, metavar=tr("NAME"), help=tr("a preset's name, or a TOML file")
    )
    parser.add_argument(
        "--data", required=True, type=path, metavar=tr("FOLDER"), help=tr("photos to train on")
    )
    parser.add_argument(
        "--pairs",
        type=path,
        metavar=tr("FOLDER"),
        help=tr("your own small pictures of the photos, by the same names; nothing else is made"),
    )
    parser.add_argument(
        "--real",
        type=path,
        metavar=tr("FOLDER"),
        help=tr("photos of low quality to learn from, for --teacher or stage cycle"),
    )
    parser.add_argument(
        "--teacher",
        metavar=tr("MODEL"),
        help=tr("a larger model to learn from, by name or file"),
    )
    add_machine(parser)
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="settings",
        help=tr("change one setting of the preset, such as batch=8; can be repeated"),
    )


def add_machine(parser: argparse.ArgumentParser) -> None:
    """--device and --threads."""
    parser.add_argument(
        "--device",
        metavar=DEVICES,
        help=tr("where to compute (auto: a graphics card if there is one)"),
    )
    parser.add_argument(
        "--threads", type=positive_int, metavar="N", help=tr("processor threads to use")
    )


def add_end(parser: argparse.ArgumentParser) -> None:
    """--budget or --steps."""
    end = parser.add_mutually_exclusive_group()
    end.add_argument(
        "--budget",
        type=seconds,
        metavar=tr("TIME"),
        help=tr("time for the whole run, such as 90m, 2h, 1h30m or 45s"),
    )
    end.add_argument("--steps", type=positive_int, metavar="N", help=tr("steps to train"))


def add_then(parser: argparse.ArgumentParser) -> None:
    """--then with its own --then-set, --then-budget or --then-steps, --then-out."""
    group = parser.add_argument_group(
        tr("a second stage"), tr("on the same photos and the same network, with the first's model")
    )
    group.add_argument(
        "--then", metavar=tr("NAME"), help=tr("the preset to go on with once the run is done")
    )
    group.add_argument(
        "--then-set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="then_settings",
        help=tr("change one setting of that preset; can be repeated"),
    )
    end = group.add_mutually_exclusive_group()
    end.add_argument(
        "--then-budget", type=seconds, metavar=tr("TIME"), help=tr("time for the second stage")
    )
    end.add_argument(
        "--then-steps", type=positive_int, metavar="N", help=tr("steps of the second stage")
    )
    group.add_argument(
        "--then-out",
        type=path,
        metavar=tr("RUN"),
        help=tr("a new folder for the second stage (default: RUN-2)"),
    )


def seconds(text: str) -> float:
    """ "1h30m", or "1 hour 30 min", as seconds."""
    match = _DURATION.fullmatch(text.strip().lower())
    parts = match.groups() if match else ()
    total = sum(float(part) * unit for part, unit in zip(parts, _UNITS_S, strict=False) if part)
    if total <= 0:
        raise argparse.ArgumentTypeError(
            tr("cannot read {text} as a duration; examples: 45s, 90m, 1h30m", text=repr(text))
        )
    return total


def config_of(args: argparse.Namespace) -> RunConfig:
    """The preset with --set, --threads and --pairs applied."""
    return preset_for(args, args.preset, args.settings)


def preset_for(args: argparse.Namespace, preset: str, settings: Sequence[str]) -> RunConfig:
    """A preset with ``settings`` and what the call says for all its runs."""
    from trainer.config.presets import load_preset

    settings = list(settings)
    if args.threads:
        settings.append(f"threads={args.threads}")
    if args.pairs:
        settings.append("degradation.kind=pairs")
    if args.teacher:
        settings.append(f"teacher.model={json.dumps(args.teacher)}")
    config = load_preset(preset, settings)
    return _found_from_anywhere(config)


def _found_from_anywhere(config: RunConfig) -> RunConfig:
    """With whole paths: a file stays where it is, from wherever the run is resumed."""
    teacher, content = config.teacher, config.content
    folder = str(Path(teacher.folder).absolute()) if teacher.folder else ""
    teacher = dataclasses.replace(teacher, model=_whole(teacher.model), folder=folder)
    return dataclasses.replace(
        config, teacher=teacher, content=dataclasses.replace(content, file=_whole(content.file))
    )


def _whole(file: str) -> str:
    """A file that is there with its folder; anything else, such as a model's name, as it is."""
    return str(Path(file).absolute()) if file and is_file(Path(file)) else file
