"""Options and types of argparse that the program's command line and the trainer's share."""

from __future__ import annotations

import argparse
import math
import os
import re
from pathlib import Path

from srgan_desktop.core.base.translation import tr

DEVICES = "auto|cpu|cuda[:N]|xpu|mps"


def add_json(parser: argparse.ArgumentParser) -> None:
    """--json."""
    parser.add_argument(
        "--json", action="store_true", help=tr("print one JSON object per line and nothing else")
    )


def path(text: str) -> Path:
    """argparse type: a path. An empty one would mean the current folder, which nobody meant."""
    if not text:
        raise argparse.ArgumentTypeError(tr("is empty; give a file or a folder"))
    return Path(text)


def positive_int(text: str) -> int:
    """argparse type: a whole number above 0."""
    value = int(text) if re.fullmatch("[0-9]{1,12}", text.strip()) else 0
    if value <= 0:
        raise argparse.ArgumentTypeError(
            tr("must be a whole number above 0, not {text}", text=repr(text))
        )
    return value


def positive_number(text: str) -> float:
    """argparse type: a number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(
            tr("must be a number above 0, not {text}", text=repr(text))
        )
    return value


def thread_count(text: str) -> int:
    """argparse type: threads, at most as many as help at all; more only cost memory."""
    value = positive_int(text)
    most = max(64, 4 * (os.cpu_count() or 1))
    if value > most:
        raise argparse.ArgumentTypeError(tr("at most {most}, not {value}", most=most, value=value))
    return value
