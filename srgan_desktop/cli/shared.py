"""What several commands have in common."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from srgan_desktop.core.base.arguments import DEVICES, thread_count
from srgan_desktop.core.base.printable import printable
from srgan_desktop.core.base.translation import tr

if TYPE_CHECKING:
    from srgan_desktop.core.engine.engine import Engine


# methods that stand where a model may; their names are needed before numpy is
CLASSIC = ("nearest", "bicubic", "lanczos")


@dataclass(frozen=True)
class Command:
    """A subcommand. ``summary`` is called when needed, so that it is in the right language."""

    summary: Callable[[], str]
    examples: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


class ArgumentParser(argparse.ArgumentParser):
    """argparse that takes no abbreviations, so that scripts do not break when options are added."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("allow_abbrev", False)
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        """One line, where argparse prints the whole grammar before it."""
        text = tr("error: {message} (see {program} --help)", message=message, program=self.prog)
        self.exit(2, text + "\n")


def say(text: str) -> None:
    """Print to stderr for people; nothing where there is none, as in a program without console."""
    if sys.stderr is not None:
        print(printable(text), file=sys.stderr, flush=True)


def add_model(parser: argparse.ArgumentParser) -> None:
    from srgan_desktop.core.base.defaults import PLAIN_MODEL

    parser.add_argument(
        "--model",
        default=PLAIN_MODEL,
        metavar=tr("NAME|FILE"),
        help=tr("a model's name or file (default: {name})", name=PLAIN_MODEL),
    )


def add_device(parser: argparse.ArgumentParser) -> None:
    """--device, --precision and --threads."""
    parser.add_argument(
        "--device",
        default="auto",
        metavar=DEVICES,
        help=tr("where to compute (default: auto)"),
    )
    parser.add_argument(
        "--precision",
        default="auto",
        choices=["auto", "fp32", "bf16", "fp16", "int8"],
        help=tr("number format of the network (default: the fastest sound one)"),
    )
    parser.add_argument(
        "--threads",
        type=thread_count,
        default=0,
        metavar="N",
        help=tr("processor threads (default: one for each core)"),
    )


def open_engine(arguments: argparse.Namespace) -> Engine:
    """The engine that --model, --device, --precision and --threads ask for."""
    from srgan_desktop.core.engine import engine
    from srgan_desktop.core.weights.catalogue import find_model

    return engine.open_engine(
        find_model(arguments.model),
        arguments.device,
        arguments.precision,
        arguments.threads,
        getattr(arguments, "detail", None),
    )


def add_detail(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    parser.add_argument(
        "--detail",
        type=percent,
        default=None,
        required=required,
        metavar="0..100",
        help=tr("0 smooth, 100 detailed: between a model and its smooth partner"),
    )


def add_strengths(parser: argparse.ArgumentParser) -> None:
    """--noise, --blur and --compression, of models that adapt to the picture."""
    group = parser.add_argument_group(
        tr("models that adapt to the picture"),
        tr("how much of each is to be undone, 0..100; auto: as much as the model finds (default)"),
    )
    for name in ("noise", "blur", "compression"):
        group.add_argument(f"--{name}", type=_strength, default=None, metavar="auto|0..100")


def _strength(text: str) -> float | None:
    return None if text == "auto" else percent(text)


def percent(text: str) -> float:
    """argparse type: a number from 0 to 100."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 100:
        message = tr("must be from 0 to 100, not {text}", text=repr(text))
        raise argparse.ArgumentTypeError(message)
    return value
